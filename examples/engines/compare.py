"""Converts the same WARC files with each engine and compares all rows.

    python compare.py PAGES [--count 2000] [--files 8] [--spark-python PYTHON]

PAGES is a folder of HTML files. They are written to WARC files as they are, and again in other charsets and compressed, until
there are COUNT pages. Each engine is run as its documentation says, by the Python that runs this file; Spark, which has an
environment of its own, by the Python that is named for it. The rows of the module alone, without an engine, are what the engines'
rows must be. Fails if one row differs.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bindery_rows
import pyarrow.parquet as pq
from tests import warc_files

HERE = Path(__file__).parent

#: What a page is stored as: the charset that it is written in (None: as it is), and the content coding.
FORMS = [(None, None), (None, "gzip"), ("gb18030", None), ("gbk", "gzip"), ("shift_jis", None), ("big5", None), ("utf-16", None)]


def records(pages: list[bytes]) -> Iterator[bytes]:
    """Yield records: all pages in the first form, then all that can be written in the second, and so on."""
    number = 0
    for charset, coding in FORMS:
        for page in pages:
            body, kind = page, "text/html"
            if charset:
                try:
                    body = page.decode("utf-8").encode(charset)
                except UnicodeError:
                    continue
                kind += f"; charset={charset}"
            head = f"Content-Type: {kind}\r\n"
            if coding:
                body = gzip.compress(body, mtime=0)
                head += f"Content-Encoding: {coding}\r\n"
            yield warc_files.record(number, f"https://example.org/{number}", head, body)
            number += 1


def mixed(pages: list[bytes], count: int) -> list[bytes]:
    """Return COUNT records, half of them in the first form and the others in equal parts, as far as there are so many."""
    every = list(itertools.islice(records(pages), len(pages) * len(FORMS)))
    first, others = every[: len(pages)], every[len(pages) :]
    wanted = max(count - len(first), count // 2)
    step = max(1, len(others) // wanted)
    return (others[::step][:wanted] + first)[:count]


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """Return the rows that an engine wrote, in the order of their places."""
    rows = [row for path in sorted(folder.rglob("*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()]
    for path in sorted((folder / "failed").rglob("*.json*")):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        rows += [json.loads(line) for line in text.splitlines()]
    return ordered(rows)


def ordered(rows: Any) -> list[dict[str, Any]]:
    rows = [{name: row.get(name) for name in bindery_rows.ROW} for row in rows]
    return sorted(rows, key=lambda row: (row["warc"], row["offset"]))


def run(name: str, command: list[str], folder: Path, expected: list[dict[str, Any]]) -> bool:
    """Run an engine, print its figures, and return whether its rows are the expected ones."""
    begin = time.monotonic()
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - begin
    if done.returncode:
        print(f"{name} failed: {done.stderr[-2000:]}")
        return False
    rows = rows_of(folder)
    differ = sum(one != other for one, other in zip(rows, expected, strict=False)) + abs(len(rows) - len(expected))
    print(f"| {name} | {len(rows)} | {differ} | {seconds:.0f} |", flush=True)
    return differ == 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Compares the rows of the engines.")
    parser.add_argument("pages", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--spark-python", type=Path)
    given = parser.parse_args()
    pages = [path.read_bytes() for path in sorted(given.pages.rglob("*")) if path.suffix in (".html", ".htm")]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "warc")
        source.mkdir()
        chosen = mixed(pages, given.count)
        paths = [source / f"{at}.warc.gz" for at in range(given.files)]
        for at, path in enumerate(paths):
            path.write_bytes(b"".join(chosen[at :: given.files]))
        pattern, cores = f"{source}/*.warc.gz", str(os.cpu_count())
        begin = time.monotonic()
        expected = ordered(row for path in paths for row in bindery_rows.rows(bindery_rows.pages(str(path))))
        failed = sum(row["error"] is not None for row in expected)
        print(f"{len(expected)} pages, of which {failed} have no article or fail\n\n| | rows | differ | seconds |")
        print(f"| --- | ---: | ---: | ---: |\n| no engine, one thread | {len(expected)} | | {time.monotonic() - begin:.0f} |")
        out = {name: Path(folder, name) for name in ("datatrove", "Ray", "Spark")}
        python = sys.executable
        engines = {
            "datatrove": [python, "with_datatrove.py", str(source), str(out["datatrove"]), "--tasks", cores, "--workers", cores],
            "Ray": [python, "with_ray.py", pattern, str(out["Ray"]), "--actors", cores],
        }
        if given.spark_python:
            submit = str(given.spark_python.with_name("spark-submit"))
            os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = str(given.spark_python)
            more = ["--driver-memory", "2g", "--py-files", "bindery_rows.py", "with_spark.py"]
            engines["Spark"] = [submit, "--master", f"local[{cores},4]", *more, pattern, str(out["Spark"])]
        same = [run(name, command, out[name], expected) for name, command in engines.items()]
        sys.exit(0 if all(same) else 1)


if __name__ == "__main__":
    main()
