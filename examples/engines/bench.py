"""Measures what each step costs for one page, and adds it up for many.

    python bench.py PAGES [--for 100000000]

PAGES is a folder of HTML files. They are put into WARC files, read, converted, handed over as Arrow tables in both directions
as Ray and Spark do it, and written. Times are those of one core's processor, so that other programs on the machine change them
little.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bindery_rows
import pyarrow as pa
import pyarrow.parquet as pq
from tests import warc_files


def timed(step: Callable[[], Any]) -> tuple[Any, float]:
    start = time.process_time()
    return step(), time.process_time() - start


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("pages", type=Path)
    arguments.add_argument("--for", dest="many", type=float, default=1e8)
    given = arguments.parse_args()
    files = sorted(path for path in given.pages.rglob("*") if path.suffix in (".html", ".htm"))
    with tempfile.TemporaryDirectory() as folder:
        measure(files, Path(folder), given.many)


def measure(files: list[Path], folder: Path, many: float) -> None:
    warc = folder / "pages.warc.gz"
    with warc.open("wb") as out:
        for at, path in enumerate(files):
            head = "Content-Type: text/html\r\n"
            out.write(warc_files.record(at, f"https://example.org/{at}", head, path.read_bytes()))
    pages, reading = timed(lambda: list(bindery_rows.pages(str(warc))))
    rows, converting = timed(lambda: list(bindery_rows.rows(pages)))
    count = len(pages)
    before, after = bindery_rows.arrow_schema(bindery_rows.PAGE), bindery_rows.arrow_schema()

    def over_and_back() -> pa.Table:
        parts = []
        for batch in bindery_rows.batches(pages):
            pa.Table.from_pylist(batch, schema=before).to_pylist()
        for batch in bindery_rows.batches(rows):
            parts.append(pa.Table.from_pylist(batch, schema=after))
        return pa.concat_tables(parts)

    table, arrow = timed(over_and_back)
    _, pipes = timed(lambda: [pickle.loads(pickle.dumps(one)) for one in pages + rows])
    _, writing = timed(lambda: pq.write_table(table, folder / "rows.parquet", compression="zstd"))
    _, lines = timed(lambda: [json.dumps(row, ensure_ascii=False).encode() for row in rows])
    html = sum(len(page["content"]) for page in pages)
    print(f"{count} pages; {sum(row['error'] is not None for row in rows)} failed\n")
    print("| step | ms a page | pages/s, one core |\n| --- | --- | --- |")
    steps = {
        "reading WARC": reading,
        "converting": converting,
        "Arrow, there and back (Ray, Spark)": arrow,
        "pipe to another process and back (datatrove)": pipes,
        "writing Parquet": writing,
        "writing JSON": lines,
    }
    for name, seconds in steps.items():
        print(f"| {name} | {seconds / count * 1000:.2f} | {count / seconds:.0f} |")
    sizes = {"HTML": html, "WARC": warc.stat().st_size, "Parquet": (folder / "rows.parquet").stat().st_size}
    print(f"\n| for {many:.0e} pages | |\n| --- | --- |")
    whole = reading + converting + arrow + writing
    print(f"| core-hours: reading, converting, Arrow, Parquet | {whole / count * many / 3600:.0f} |")
    print(f"| core-hours: converting alone | {converting / count * many / 3600:.0f} |")
    for name, size in sizes.items():
        print(f"| TB of {name} ({size / count / 1000:.1f} kB a page) | {size / count * many / 1e12:.2f} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"\n{peak / 1000:.0f} MB at most, with all pages of this measurement in memory")


if __name__ == "__main__":
    main()
