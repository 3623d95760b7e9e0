"""Asks the programs of others what they make of a bundle.

    python bundle.py bag FILE     bagit.py validates it, warcio checks every capture in it
    python bundle.py wacz FILE    wacz validates it, warcio checks its captures, pywb replays each of its pages

Needs an interpreter that has bagit and warcio, or wacz, warcio and pywb.
"""

import hashlib
import json
import pathlib
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import replay


def main():
    kind, bundle = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory(prefix="bindery-bundle-") as folder:
        folder = pathlib.Path(folder)
        with zipfile.ZipFile(bundle) as zipped:
            zipped.extractall(folder)
        {"bag": bag, "wacz": wacz}[kind](folder, bundle)


def bag(folder, _):
    (top,) = folder.iterdir()
    replay.run("bagit.py", [sys.executable, "-m", "bagit", "--validate", "--quiet", top])
    print(f"bagit.py: valid; {captures(sorted(top.glob('data/captures/*/*/*.warc.gz')))}")


def wacz(folder, bundle):
    code = "from wacz.main import main; import sys; sys.exit(main(sys.argv[1:]))"
    replay.run("wacz validate", [sys.executable, "-c", code, "validate", "-f", bundle])
    found = sorted(folder.glob("archive/*.warc.gz"))
    said = captures(found)
    lines = (folder / "pages/pages.jsonl").read_text().splitlines()[1:]
    pages = [(page["url"], page["ts"]) for page in map(json.loads, lines) if page["url"].startswith("http")]
    bodies = payloads(found)
    expected = []
    for url, moment in pages[:20]:
        digits = "".join(c for c in moment if c.isdigit())[:14]
        expected.append((url, bodies[(url, moment)], digits))
    with tempfile.TemporaryDirectory(prefix="bindery-replay-") as scratch:
        wrong = replay.replay(pathlib.Path(scratch), found, expected) if expected else []
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"wacz: valid; {said}; pywb replayed {len(expected)} of {len(pages)} pages")


def captures(files):
    replay.run("warcio check", [sys.executable, "-m", "warcio.cli", "check", *files])
    return f"warcio: {len(files)} captures whole"


def payloads(files):
    """Digest of the body of every page, by address and moment; a revisit's is that of what it stands for."""
    from warcio.archiveiterator import ArchiveIterator

    found = {}
    for path in files:
        with open(path, "rb") as stream:
            for record in ArchiveIterator(stream):
                head = record.rec_headers
                key = (head.get_header("WARC-Target-URI"), head.get_header("WARC-Date"))
                if record.rec_type in ("response", "resource"):
                    found[key] = hashlib.sha256(record.raw_stream.read()).hexdigest()
                elif record.rec_type == "revisit":
                    digest = head.get_header("WARC-Payload-Digest") or ""
                    found.setdefault(key, digest.removeprefix("sha256:"))
    return found


if __name__ == "__main__":
    main()
