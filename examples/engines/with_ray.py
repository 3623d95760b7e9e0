"""Ray Data: WARC files to Parquet and JSON Lines, with a pool of actors.

    python with_ray.py 'warc/*.warc.gz' out/ --actors 8

Each file is read by a task, which hands over pages in batches; actors convert the batches. When a worker or a node is lost,
Ray runs its tasks again, and writes what they return once. Failed pages are rows with an `error`. The counts are printed and
written to `counts.json`.

For paths such as s3://…, name the files in a list: `--list FILE`.
"""

from __future__ import annotations

import argparse
import collections
import glob
import json
import os
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import ray

import bindery_rows

#: The types of pages and rows.
PAGES, ROWS = bindery_rows.arrow_schema(bindery_rows.PAGE), bindery_rows.arrow_schema()


def read(batch: dict[str, Any]) -> Iterator[pa.Table]:
    """Yields the pages of WARC files in batches."""
    for path in batch["path"]:
        pages = bindery_rows.pages(str(path))
        for some in bindery_rows.batches(pages):
            yield pa.Table.from_pylist(some, schema=PAGES)


class Extract:
    """Converts batches of pages."""

    def __call__(self, batch: pa.Table) -> pa.Table:
        return pa.Table.from_pylist(list(bindery_rows.rows(batch.to_pylist())), schema=ROWS)


def dataset(paths: list[str], actors: int, extract: type[Extract] = Extract) -> ray.data.Dataset:
    """Returns the rows of WARC files."""
    files = ray.data.from_items([{"path": path} for path in paths], override_num_blocks=len(paths))
    pages = files.map_batches(read, batch_size=1)
    return pages.map_batches(
        extract,
        batch_format="pyarrow",
        batch_size=bindery_rows.BATCH,
        compute=ray.data.ActorPoolStrategy(size=actors),
    )


def convert(paths: list[str], folder: str, actors: int, extract: type[Extract] = Extract) -> collections.Counter[str]:
    """Writes the rows of WARC files and returns their counts."""
    # Rows go to disk first, so that they are neither converted twice nor held in memory.
    dataset(paths, actors, extract).write_parquet(f"{folder}/parquet", mode=ray.data.SaveMode.OVERWRITE)
    written = ray.data.read_parquet(f"{folder}/parquet", schema=ROWS)
    written.write_json(f"{folder}/jsonl", mode=ray.data.SaveMode.OVERWRITE, force_ascii=False)
    parts = written.map_batches(
        lambda rows: {"counts": [json.dumps(bindery_rows.counts(rows.to_pylist()))]}, batch_format="pyarrow"
    )
    total: collections.Counter[str] = collections.Counter()
    for part in parts.iter_rows():
        total.update(json.loads(part["counts"]))
    with open(os.path.join(folder, "counts.json"), "w") as file:
        json.dump(total, file, indent=1, sort_keys=True)
    return total


def main() -> None:
    arguments = argparse.ArgumentParser(description="Converts WARC files with bindery in Ray Data.")
    arguments.add_argument("source", nargs="?", help="a pattern of local files")
    arguments.add_argument("output")
    arguments.add_argument("--list", help="a file with one path or URL a line, instead of the pattern")
    arguments.add_argument("--actors", type=int, default=os.cpu_count(), help="one for each core")
    given = arguments.parse_args()
    if given.list:
        with open(given.list) as file:
            paths = file.read().split()
    else:
        paths = sorted(os.path.abspath(path) for path in glob.glob(given.source))
    for what, count in sorted(convert(paths, given.output, given.actors).items()):
        print(f"{count:12} {what}")


if __name__ == "__main__":
    main()
