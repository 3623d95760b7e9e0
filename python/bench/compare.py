#!/usr/bin/env python3
"""Compares bindery with other extractors for Python on the same pages in the same run, and prints a table in Markdown.

    compare.py [PAGES] [--limit N] [--threads 1 2] [--rounds 20] [--models FOLDER] [--only NAME]

PAGES is a folder of HTML files; by default the pages of `wcxb-dev` in BINDERY_CORPUS, for which BINDERY_SCORE has the scorer
that gives F1. Each extractor that is installed runs in a process of its own, by which its peak memory is known:

    pip install trafilatura resiliparse readability-lxml html-to-markdown

With --models, a page of `wcxb-dev` is read by the model of its fold (model-0.bin to model-4.bin), which was trained without
the page's host, so that F1 is that of unseen sites; the file folds.json lies beside the sets.

The time is that of extraction from bytes in memory. Threads are threads: an extractor that keeps Python's lock gains nothing
from them, and is used with processes instead.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

#: Returns the Markdown or the plain text of a page.
Extractor = Callable[[bytes], str]


def markdown_of_text(text: str) -> str:
    """Return Markdown that renders as this plain text, one paragraph a line."""
    return "\n\n".join(re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~&=:])", r"\\\1", line.strip()) for line in text.split("\n"))


def trafilatura_() -> Extractor:
    import trafilatura

    def run(page: bytes) -> str:
        found = trafilatura.extract(
            page, output_format="markdown", include_comments=False, include_images=True, include_links=True
        )
        return found or ""

    return run


def resiliparse_() -> Extractor:
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding

    def run(page: bytes) -> str:
        return markdown_of_text(
            extract_plain_text(bytes_to_str(page, detect_encoding(page) or "utf-8"), main_content=True)
        )

    return run


def readability_() -> Extractor:
    import lxml.html
    from readability import Document

    def run(page: bytes) -> str:
        summary = Document(page).summary(html_partial=True)
        images = "".join(f"\n\n![]({source})" for source in re.findall(r'<img[^>]+src="([^"]+)"', summary))
        root = lxml.html.fromstring(f"<div>{summary}</div>")
        for element in root.iter("p", "div", "li", "h1", "h2", "h3", "h4", "tr", "td", "pre", "blockquote", "br"):
            element.tail = "\n" + (element.tail or "")
        return markdown_of_text(root.text_content()) + images

    return run


def html_to_markdown_() -> Extractor:
    import html_to_markdown

    convert = getattr(html_to_markdown, "convert", None) or html_to_markdown.convert_to_markdown

    def run(page: bytes) -> str:
        found = convert(page.decode("utf-8", "replace"))
        return found if isinstance(found, str) else str(getattr(found, "content", found) or "")

    return run


OTHERS: dict[str, tuple[str, Callable[[], Extractor]]] = {
    "trafilatura": ("trafilatura", trafilatura_),
    "resiliparse": ("Resiliparse", resiliparse_),
    "readability": ("readability-lxml", readability_),
    "html-to-markdown": ("html-to-markdown", html_to_markdown_),
}


def bindery_all(pages: list[bytes], threads: int, output_format: str) -> list[str]:
    import bindery

    results = bindery.extract_many(pages, threads=threads, output_format=output_format)  # type: ignore[call-overload]
    return [result if isinstance(result, str) else "" for result in results]


def by_folds(pages: dict[str, bytes], folds: dict[str, int], models: Path, form: str) -> list[str]:
    """Return the text of each page, as Markdown or plain, by the model that has not seen it."""
    from bindery import _bindery, _options

    plain = _options.settings
    found: dict[str, str] = {}
    for fold in sorted(set(folds.values())):
        model = (models / f"model-{fold}.bin").read_bytes()
        part = {name: page for name, page in pages.items() if folds.get(name) == fold}
        settings = plain(form, document=False, model=model)
        results = _bindery.extract_pages(list(part.values()), settings, 2)
        found.update(zip(part, (result if isinstance(result, str) else "" for result in results), strict=True))
    return [found.get(name, "") for name in pages]


def pages_of(folder: Path, limit: int | None) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.htm*"))[:limit]}


def memory() -> float:
    """Return the memory in use now, in MiB."""
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def one(extract: Extractor, page: bytes) -> str:
    try:
        return extract(page)
    except Exception:  # A page that fails is an empty one.
        return ""


def work(name: str, pages: dict[str, bytes], arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure one extractor."""
    contents = list(pages.values())
    if name.startswith("bindery"):
        form = "txt" if name == "bindery-text" else "markdown"

        def run(threads: int) -> list[str]:
            return bindery_all(contents, threads, form)
    else:
        extract = OTHERS[name][1]()

        def run(threads: int) -> list[str]:
            with ThreadPoolExecutor(threads) as pool:
                return list(pool.map(lambda page: one(extract, page), contents))

    before = memory()
    # Whatever is read or compiled at the first page is not counted.
    one(extract, contents[0]) if not name.startswith("bindery") else bindery_all(contents[:1], 1, form)
    measured: dict[str, Any] = {"speed": {}}
    texts: list[str] = []
    for threads in arguments.threads:
        begin = time.perf_counter()
        texts = run(threads)
        measured["speed"][threads] = len(contents) / (time.perf_counter() - begin)
    measured["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
    if name.startswith("bindery") and arguments.models:
        folds = json.loads((arguments.folds).read_text())
        texts = by_folds(pages, folds, arguments.models, form)
    if name == "bindery-text":
        texts = [markdown_of_text(text) for text in texts]
    measured["images"] = sum(len(re.findall(r"!\[[^\]]*\]\(", text)) for text in texts)
    measured["empty"] = sum(not text.strip() for text in texts)
    measured["rounds"] = []
    if name == "bindery":
        for _ in range(arguments.rounds):
            run(2)
            measured["rounds"].append(memory())
    output = Path(arguments.output)
    for page, text in zip(pages, texts, strict=True):
        (output / f"{page}.md").write_text(text, encoding="utf-8", errors="replace")
    return measured


def f1(score: Path, corpus: Path, output: Path, limit: int | None) -> str:
    if limit is not None:
        return "—"
    command = [sys.executable, str(score / "extract.py"), "wcxb", str(corpus), str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"f1\D+([\d.]+)", done.stdout, re.IGNORECASE)
    return found[1] if found else "?"


def installed(name: str) -> bool:
    if name.startswith("bindery"):
        return True
    try:
        OTHERS[name][1]()
    except ImportError as error:
        print(f"{name} is left out: {error}", file=sys.stderr)
        return False
    return True


def table(pages: dict[str, bytes], arguments: argparse.Namespace) -> None:
    names = [name for name in ["bindery", "bindery-text", *OTHERS] if arguments.only in (None, name) and installed(name)]
    labels = {"bindery": "bindery, Markdown", "bindery-text": "bindery, text"} | {key: one[0] for key, one in OTHERS.items()}
    size = sum(map(len, pages.values())) / 2**20
    print(f"{len(pages)} pages, {size:.1f} MiB\n")
    speeds = " | ".join(f"pages/s, {threads} threads" if threads > 1 else "pages/s, 1 thread" for threads in arguments.threads)
    print(f"| extractor | {speeds} | peak memory beyond the pages | F1 | images kept | without a text |")
    print("| --- |" + " ---: |" * (len(arguments.threads) + 4))
    for name in names:
        with tempfile.TemporaryDirectory() as output:
            command = [sys.executable, __file__, *sys.argv[1:], "--worker", name, "--output", output]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name} failed: {done.stderr[-1500:]}", file=sys.stderr)
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            score = f1(arguments.score, arguments.pages.parent, Path(output), arguments.limit) if arguments.score else "—"
        speed = " | ".join(f"{found['speed'][str(threads)]:.0f}" for threads in arguments.threads)
        print(f"| {labels[name]} | {speed} | {found['peak']:.0f} MiB | {score} | {found['images']} | {found['empty']} |")
        if found["rounds"]:
            rounds = found["rounds"]
            memory_line = f"\nMemory of bindery after round 1, {len(rounds) // 2} and {len(rounds)}: "
            memory_line += ", ".join(f"{rounds[at]:.0f} MiB" for at in (0, len(rounds) // 2 - 1, -1))
            print(memory_line, file=sys.stderr)


def main() -> None:
    corpus, score = os.environ.get("BINDERY_CORPUS"), os.environ.get("BINDERY_SCORE")
    default = Path(corpus) / "wcxb-dev" / "html" if corpus else None
    parser = argparse.ArgumentParser(description="Compares extractors.")
    parser.add_argument("pages", nargs="?", type=Path, default=default)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--models", type=Path)
    parser.add_argument("--only")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--output", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.pages is None:
        parser.error("name a folder of pages, or set BINDERY_CORPUS")
    arguments.score = Path(score) if score and (arguments.pages.parent / "ground-truth").is_dir() else None
    beside = [arguments.pages.parent.parent / "folds.json", Path(score or ".").parent / "corpus" / "folds.json"]
    arguments.folds = next((path for path in beside if path.is_file()), beside[0])
    pages = pages_of(arguments.pages, arguments.limit)
    if not pages:
        parser.error(f"{arguments.pages} holds no pages")
    if arguments.worker:
        print(json.dumps(work(arguments.worker, pages, arguments)))
    else:
        table(pages, arguments)


if __name__ == "__main__":
    main()
