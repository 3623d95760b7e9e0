"""datatrove: WARC files to Parquet and JSON Lines.

    python with_datatrove.py warc/ out/ --tasks 8 --workers 4

`WarcPages` reads WARC files and hands over the bytes of each page, its `Content-Type` and its place in the file. datatrove's
own `WarcReader` decodes pages first, without that header, and drops those that it cannot decode. `BinderyExtractor` converts
pages in a process of their own, which is replaced when a page takes too long or ends it. Failures go to `failed/` with their
reason; the counts of all tasks are in `logs/stats.json`.

A task is a part of the files. A task that was killed starts again; those that ended are not run again.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from typing import Any

from datatrove.data import Document, DocumentsPipeline, Media, MediaType
from datatrove.executor import LocalPipelineExecutor
from datatrove.io import DataFolderLike
from datatrove.pipeline.base import PipelineStep
from datatrove.pipeline.extractors.base import BaseExtractor, ExtractorSandbox
from datatrove.pipeline.readers.base import BaseDiskReader
from datatrove.pipeline.writers import JsonlWriter, ParquetWriter
from datatrove.pipeline.writers.disk_base import DiskWriter
from datatrove.utils.typeshelper import StatHints

import bindery_rows


class WarcPages(BaseDiskReader):
    """Reads the HTML pages of WARC files as bytes."""

    name = "WARC pages as bytes"

    def __init__(self, data_folder: DataFolderLike, **options: Any) -> None:
        super().__init__(data_folder, **options)

    def read_file(self, filepath: str) -> Iterator[Document]:
        for page in bindery_rows.pages(self.data_folder.resolve_paths(filepath)):
            content = page.pop("content")
            # Digests of equal pages are equal; the place in the file is not.
            identifier = f"{filepath}#{page['offset']}"
            media = Media(identifier, MediaType.DOCUMENT, page["url"] or "", media_bytes=content)
            yield Document("", identifier, [media], page)


class BinderyExtractor(BaseExtractor):
    """Replaces each page by its article. `failures` writes the others, with the reason in their metadata."""

    name = "bindery"

    def __init__(self, timeout: float = bindery_rows.TIMEOUT, failures: DiskWriter | None = None) -> None:
        super().__init__(timeout)
        self.failures = failures

    def extract(self, text: dict[str, Any] | str) -> dict[str, Any] | None:
        # datatrove starts a process with an empty page.
        return next(bindery_rows.rows([text])) if text else None

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        sandbox = ExtractorSandbox(timeout=self.timeout, warmup_text="")
        with self.failures or contextlib.nullcontext(), sandbox:
            for document in data:
                self.stat_update(StatHints.total)
                with self.track_time():
                    row = self.converted(sandbox, document)
                self.stat_update(*bindery_rows.events(row))
                document.media = []
                document.text = row.pop("text") or ""
                document.metadata |= row
                if row["error"] is None:
                    self.stat_update(StatHints.forwarded)
                    self.update_doc_stats(document)
                    yield document
                else:
                    self.stat_update(StatHints.dropped)
                    if self.failures:
                        self.failures.write(document, rank)

    def converted(self, sandbox: ExtractorSandbox, document: Document) -> dict[str, Any]:
        # Readers of other formats hand over text.
        content = document.media[0].media_bytes if document.media else document.text
        page = dict.fromkeys(bindery_rows.PAGE) | document.metadata | {"content": content}
        try:
            return sandbox.process_document(page, self.extract)
        except TimeoutError as error:
            return bindery_rows.row(page, error) | {"error_kind": "timeout"}
        except EOFError as error:
            return bindery_rows.row(page, error) | {"error_kind": "process-ended"}


def columns(writer: DiskWriter, document: Document) -> dict[str, Any]:
    """Returns a document as a row with the columns of every engine."""
    row = document.metadata | {"text": document.text or None}
    return {name: row.get(name) for name in bindery_rows.ROW}


class Both(PipelineStep):
    """Writes each document as Parquet and as JSON Lines."""

    name = "Parquet and JSON Lines"
    type = "💽 - WRITER"

    def __init__(self, folder: str) -> None:
        super().__init__()
        schema = bindery_rows.arrow_schema()
        self.writers = [
            ParquetWriter(f"{folder}/parquet", adapter=columns, schema=schema),
            JsonlWriter(f"{folder}/jsonl", adapter=columns),
        ]

    def run(self, data: DocumentsPipeline, rank: int = 0, world_size: int = 1) -> DocumentsPipeline:
        with contextlib.ExitStack() as stack:
            writers = [stack.enter_context(writer) for writer in self.writers]
            for document in data:
                for writer in writers:
                    writer.write(document, rank)
                yield document


def pipeline(source: str, folder: str, timeout: float = bindery_rows.TIMEOUT) -> list[PipelineStep]:
    """Returns the steps from WARC files to rows."""
    failures = JsonlWriter(f"{folder}/failed", adapter=columns)
    return [WarcPages(source, glob_pattern="*.warc*"), BinderyExtractor(timeout, failures), Both(folder)]


def main() -> None:
    arguments = argparse.ArgumentParser(description="Converts WARC files with bindery in datatrove.")
    arguments.add_argument("source")
    arguments.add_argument("output")
    arguments.add_argument("--tasks", type=int, default=1, help="parts of the files; at most one a file")
    arguments.add_argument("--workers", type=int, default=-1, help="tasks that run at the same time")
    given = arguments.parse_args()
    steps = pipeline(given.source, given.output)
    logs = f"{given.output}/logs"
    LocalPipelineExecutor(steps, tasks=given.tasks, workers=given.workers, logging_dir=logs).run()


if __name__ == "__main__":
    main()
