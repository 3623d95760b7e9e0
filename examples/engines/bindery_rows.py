"""The step from a record of a WARC file to a row of text. Every engine here uses it, so their texts are the same bytes.

`pages(path)` yields the HTML pages of a WARC file as dictionaries, with their bytes as received. `rows(pages)` returns one
row for each, in order. A page that cannot be converted is a row whose `error` says why; nothing is dropped silently. Each
row says where it comes from: WARC file, offset and length of the record, digest of the payload.

    for row in bindery_rows.rows(bindery_rows.pages("crawl.warc.gz")):
        print(row["offset"], row["title"] or row["error"])

Needs the Python module `bindery`, and `fsspec` for paths such as s3://…
"""

from __future__ import annotations

import collections
import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import bindery

#: What is known of a page before it is converted; the types are those of Arrow and of Spark.
PAGE = {
    "warc": "string",
    "offset": "long",
    "length": "long",
    "digest": "string",
    "url": "string",
    "date": "string",
    "content_type": "string",
    "content": "binary",
    "error": "string",
}

#: Where a row comes from.
PROVENANCE = [name for name in PAGE if name not in ("content", "error")]

#: What converting a page adds.
RESULT = {
    "title": "string",
    "authors": "array<string>",
    "published": "string",
    "language": "string",
    "charset": "string",
    "text": "string",
    "confidence": "double",
    "warnings": "array<string>",
    "losses": "array<string>",
    "error_kind": "string",
    "error": "string",
}

#: The columns of a row.
ROW = {name: PAGE[name] for name in PROVENANCE} | RESULT

#: A page that takes longer than this, in seconds, is given up.
TIMEOUT = 30.0

#: How many pages are converted together.
BATCH = 64


def arrow_schema(columns: dict[str, str] = ROW) -> Any:
    """Returns columns as a schema of Arrow."""
    import pyarrow as pa

    types = {"string": pa.string(), "long": pa.int64(), "binary": pa.binary(), "double": pa.float64()}
    return pa.schema([(name, types.get(kind) or pa.list_(pa.string())) for name, kind in columns.items()])


def spark_schema(columns: dict[str, str] = ROW) -> Any:
    """Returns columns as a schema of Spark."""
    from pyspark.sql import types as t

    kinds = {"string": t.StringType(), "long": t.LongType(), "binary": t.BinaryType(), "double": t.DoubleType()}
    texts = t.ArrayType(t.StringType())
    return t.StructType([t.StructField(name, kinds.get(kind, texts)) for name, kind in columns.items()])


@contextlib.contextmanager
def local(path: str) -> Iterator[str]:
    """Gives a file the path of a local one: its own, or that of a copy, which is removed afterwards."""
    if "://" not in path:
        yield path
        return
    import fsspec

    system, remote = fsspec.core.url_to_fs(path)
    with tempfile.TemporaryDirectory() as folder:
        # The name says how the file is compressed.
        copy = os.path.join(folder, os.path.basename(remote))
        system.get_file(remote, copy)
        yield copy


def pages(path: str) -> Iterator[dict[str, Any]]:
    """Yields the HTML pages of a WARC file, and where a record cannot be read, an `error` in its place."""
    with local(path) as file:
        for record in bindery.warc(file, on_damage="yield"):
            if isinstance(record, bindery.WarcError):
                yield dict.fromkeys(PAGE) | {"warc": path, "offset": record.offset, "error": str(record)}
            elif is_html(record):
                yield page(path, record)


def is_html(record: bindery.WarcRecord) -> bool:
    """Returns whether a record is a page that a server sent as such, or one that cannot be decoded."""
    if record.status not in (None, 200):
        return False
    if record.error:
        # Its header is not known. The crawler may have said what it is.
        kind = next((value for name, value in record.fields if name.lower() == "warc-identified-payload-type"), "html")
        return "html" in kind
    kind = (record.content_type or "").lower()
    return "html" in kind or (not kind and record.content.lstrip()[:1] == b"<")


def page(path: str, record: bindery.WarcRecord) -> dict[str, Any]:
    return {
        "warc": path,
        "offset": record.offset,
        "length": record.length,
        "digest": record.digest,
        "url": record.url,
        "date": record.date,
        "content_type": record.content_type,
        "content": record.content,
        "error": record.error,
    }


def batches(pages: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yields pages in lists of moderate length."""
    pages = iter(pages)
    while batch := list(itertools.islice(pages, BATCH)):
        yield batch


def rows(pages: Iterable[dict[str, Any]], threads: int = 1, timeout: float = TIMEOUT) -> Iterator[dict[str, Any]]:
    """Yields the row of each page, in order. `threads` is more than 1 only where the engine gives one process all cores."""
    for batch in batches(pages):
        whole = [page for page in batch if page["error"] is None]
        results = bindery.extract_many(
            [(page["content"], page["url"], None, page["content_type"]) for page in whole],
            threads=threads,
            output_format="markdown",
            documents=True,
            # A page without an article says why.
            strict=True,
            timeout=timeout,
        )
        found = iter(results)
        for page in batch:
            yield row(page, next(found) if page["error"] is None else page["error"])


def row(page: dict[str, Any], result: bindery.Document | Exception | str) -> dict[str, Any]:
    """Returns the row of a page and its result: a document, an exception, or why its record cannot be read."""
    row = {name: page[name] for name in PROVENANCE} | dict.fromkeys(RESULT)
    if isinstance(result, bindery.Document):
        for name in ("title", "published", "language", "charset", "text", "confidence"):
            row[name] = getattr(result, name)
        for name in ("authors", "warnings", "losses"):
            row[name] = list(getattr(result, name))
        return row
    kind = getattr(result, "kind", None) or ("damaged" if isinstance(result, str) else type(result).__name__)
    return row | {"authors": [], "warnings": [], "losses": [], "error_kind": kind, "error": str(result)}


def counts(rows: Iterable[dict[str, Any]]) -> collections.Counter[str]:
    """Returns how many rows there are, and of them how many failed, have warnings and losses, by kind. Counters of parts add
    up to that of the whole."""
    total: collections.Counter[str] = collections.Counter()
    for row in rows:
        total.update(events(row))
    return total


def events(row: dict[str, Any]) -> list[str]:
    """Returns what a row is counted as."""
    if row["error"] is not None:
        return ["pages", "failed", f"failed: {row['error_kind']}"]
    kinds = [f"{what}: {text.split(':')[0]}" for what in ("warnings", "losses") for text in row[what]]
    return ["pages", "converted", *kinds]
