#!/usr/bin/env python3
"""Compares how bindery and feedparser read the feeds of feedparser's own tests, or of miniflux's.

usage: feeds.py EXAMPLE CHECKOUT [-v]

EXAMPLE is the program `feed` of the folder `examples` (`cargo build --example feed`), CHECKOUT a checkout of
kurtmckee/feedparser or miniflux/v2. The Python that runs this needs feedparser.

Of feedparser, each test in tests/wellformed and tests/illformed is taken that states something about the title, link, id,
date, author or content of an entry. Its condition is evaluated on what each reader found, texts compared without tags and
spaces: bindery keeps markup, and removes what is unsafe later. Of miniflux, each feed in a Go test is taken whose checks
state one of these fields of an entry. Nothing of either project is part of this repository.
"""

import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

import feedparser

FIELDS = {
    "title", "link", "id", "guid", "published_parsed", "updated_parsed", "author", "authors", "author_detail", "name",
    "content", "summary", "description", "value", "title_detail", "summary_detail", "entries", "bozo",
}


def squeezed(text):
    """Returns a text without mail addresses and spaces."""
    return re.sub(r"\s+", "", re.sub(r"\(?<?(mailto:)?[\w.+-]+@[\w.-]+>?\)?", "", text)).rstrip("/")


def untagged(text):
    """Returns the text of HTML."""
    text = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1>", "", text, flags=re.S | re.I)
    return html.unescape(re.sub(r"<[^>]*>", "", text))


class Text(str):
    """HTML that equals HTML, or text, with the same letters."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        own, other = squeezed(untagged(str(self))), str(other)
        return own in (squeezed(untagged(other)), squeezed(other), squeezed(html.unescape(other)))

    def __ne__(self, other):
        return not self == other


class Moment(tuple):
    """A date that equals another one of the same second, or day if no more is known."""

    def __eq__(self, other):
        return tuple(self)[: len(self)] == tuple(other)[: len(self)]

    __hash__ = tuple.__hash__


def moment(written):
    if not written:
        return None
    if "T" not in written:
        return Moment(int(part) for part in written.split("-"))
    import datetime

    at = datetime.datetime.fromisoformat(written.replace("Z", "+00:00"))
    return Moment(tuple(at.astimezone(datetime.timezone.utc).utctimetuple())[:6])


def wrapped(value):
    return Text(value) if isinstance(value, str) else value


def of_bindery(example, file, place):
    """Returns the feed from a place as feedparser would."""
    ran = subprocess.run([example, file], capture_output=True, text=True, timeout=60)
    entries = []
    for line in ran.stdout.splitlines():
        found = json.loads(line)
        author = Text(", ".join(found["authors"]))
        body = found["content"] or found["summary"]
        summary = Text(found["summary"] or found["content"])
        entries.append(feedparser.FeedParserDict(
            title=Text(found["title"]), title_detail={"value": Text(found["title"])}, 
            link=Text(urllib.parse.urljoin(found["base"] or place, found["link"])), id=Text(found["id"]), guid=Text(found["id"]), author=author, author_detail={"name": author},
            authors=[{"name": Text(name)} for name in found["authors"]],
            content=[{"value": Text(body)}], summary=summary, description=summary,
            summary_detail={"value": summary},
            published_parsed=moment(found["published"]), updated_parsed=moment(found["modified"] or found["published"]),
        ))
    return {"entries": entries, "bozo": 0 if ran.returncode == 0 else 1, "feed": {}, "time": time}


def holds(condition, feed):
    try:
        return bool(eval(condition, {"feedparser": feedparser}, feed))
    except Exception:
        return False


def of_feedparser(root):
    """Yields the name, the bytes and the condition of each test."""
    for folder in ("tests/wellformed", "tests/illformed"):
        for file in sorted((root / folder).rglob("*.xml")):
            data = file.read_bytes()
            text = data.decode("utf-8", "replace")
            found = re.search(r"Description:\s*(.*?)\s*Expect:\s*(.*)\s*-->", text)
            if not found or "sanitize" in file.parts or "entries[" not in found.group(2):
                continue
            condition = found.group(2).strip()
            # What is said of well-formedness, and texts, are no fields.
            bare = re.sub(r"u?'[^']*'|u?\"[^\"]*\"", lambda quoted: quoted.group() if quoted.group().strip("u'\"") in FIELDS
                          or re.search(r"\[\Z", condition[: quoted.start()]) else "''", condition)
            named = set(re.findall(r"\[u?['\"](\w+)['\"]\]", bare)) | set(re.findall(r"\.(\w+)\b", re.sub(r"'[^']*'", "", bare)))
            if named <= FIELDS and not re.search(r"\bfeed\b|version|namespaces|headers|encoding", bare):
                yield str(file.relative_to(root)), data, condition


def of_miniflux(root):
    """Yields the name, the bytes and the condition of each feed in a Go test."""
    fields = {"Title": "title", "URL": "link", "Author": "author", "Content": "content[0]['value']", "Hash": None}
    for file in sorted((root / "internal/reader").rglob("*_test.go")):
        if file.parent.name not in ("atom", "rss", "rdf"):
            continue
        for test in re.split(r"^func ", file.read_text(), flags=re.M)[1:]:
            name, data = test.split("(")[0], re.search(r"(?:data|feed)\w* :?= `(.*?)`", test, re.S)
            checks = re.findall(r'feed\.Entries\[(\d+)\]\.(\w+) != (?:"((?:[^"\\]|\\.)*)"|`([^`]*)`)', test)
            stated = [(nth, fields.get(field), (one and json.loads(f'"{one}"')) or other)
                      for nth, field, one, other in checks if fields.get(field)]
            if data and stated:
                condition = " and ".join(f"entries[{nth}]{'.' + field if '[' not in field else '.' + field} == {value!r}"
                                         for nth, field, value in stated)
                yield f"{file.parent.name}/{name}", data.group(1).encode(), condition


def main():
    example, root = sys.argv[1], pathlib.Path(sys.argv[2])
    verbose = "-v" in sys.argv
    is_feedparser = (root / "tests/wellformed").exists()
    tests = of_feedparser(root) if is_feedparser else of_miniflux(root)
    count, ours, theirs, folders = 0, 0, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, data, condition in tests:
            file = pathlib.Path(folder) / "feed.xml"
            file.write_bytes(data)
            headers = dict(re.findall(rb"^Header:\s+([\w-]+):(.*)$", data, re.M))
            headers = {name.decode().lower(): value.decode().strip() for name, value in headers.items()}
            headers = {"content-location": f"http://127.0.0.1:8097/{name}", "content-type": "application/xml"} | headers
            feed = of_bindery(example, file, headers["content-location"])
            if "not bozo" not in condition:
                feed["bozo"] = 1
            other = feedparser.parse(data, response_headers=headers)
            if not is_feedparser:
                other["entries"] = [feedparser.FeedParserDict({k: wrapped(v) for k, v in e.items()} | {
                    "content": [{"value": Text((e.get("content") or [{"value": e.get("summary", "")}])[0]["value"])}]})
                    for e in other["entries"]]
            count += 1
            mine = holds(condition, feed)
            peer = holds(condition, dict(other))
            ours += mine
            theirs += peer
            key = "/".join(name.split("/")[:3]) if is_feedparser else name.split("/")[0]
            tally = folders.setdefault(key, [0, 0, 0])
            tally[0] += 1
            tally[1] += mine
            tally[2] += peer
            if verbose and not mine:
                print(f"{name}{'' if peer else ' (nor feedparser)'}: {condition}")
    for key, (of, mine, peer) in folders.items():
        print(f"{key}: bindery {mine}, feedparser {peer} of {of}")
    print(f"bindery {ours} of {count}, {ours / max(count, 1):.3f}; feedparser {theirs} of {count}, {theirs / max(count, 1):.3f}")


if __name__ == "__main__":
    main()
