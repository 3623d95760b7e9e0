from collections.abc import Iterator
from typing import Any, Final, final

from ._document import Document
from ._errors import ArchiveError, BinderyError, WarcError
from ._warc import WarcRecord

__all__ = [
    "VERSION",
    "ArchiveEntries",
    "ArchiveReader",
    "Conversion",
    "Records",
    "Settings",
    "after_fork",
    "after_fork_in_child",
    "before_fork",
    "extract_page",
    "extract_pages",
    "page_metadata",
    "verify_archive",
]

VERSION: Final[str]

@final
class Settings:
    def __new__(
        cls,
        output_format: str,
        *,
        document: bool,
        strict: bool,
        include_tables: bool,
        include_images: bool,
        include_links: bool,
        include_formatting: bool,
        with_metadata: bool,
        include_comments: bool,
        fragment: bool,
        record_id: str | None,
        target_language: str | None,
        only_with_metadata: bool,
        url_blacklist: list[str],
        author_blacklist: list[str],
        timeout: float | None,
        max_size: int,
        model: bytes | None = None,
    ) -> Settings: ...

@final
class ArchiveReader:
    def __new__(cls, path: str) -> ArchiveReader: ...
    def articles(self) -> ArchiveEntries: ...
    def find(self, text: str) -> list[tuple[str, str]]: ...

@final
class ArchiveEntries:
    def __iter__(self) -> Iterator[tuple[str, str] | ArchiveError]: ...
    def __next__(self) -> tuple[str, str] | ArchiveError: ...

@final
class Conversion:
    def __new__(
        cls,
        paths: list[str],
        output: str,
        *,
        output_format: str,
        profile: str,
        front_matter: bool,
        include_comments: bool,
        threads: int | None,
        force: bool,
    ) -> Conversion: ...
    def __iter__(self) -> Iterator[dict[str, Any]]: ...
    def __next__(self) -> dict[str, Any]: ...

@final
class Records:
    def __new__(cls, path: str, kinds: list[str] | None, max_size: int) -> Records: ...
    def __iter__(self) -> Iterator[WarcRecord | WarcError]: ...
    def __next__(self) -> WarcRecord | WarcError: ...

def before_fork() -> None: ...
def after_fork() -> None: ...
def after_fork_in_child() -> None: ...
def extract_page(page: Any, settings: Settings) -> Any: ...
def page_metadata(page: Any, settings: Settings) -> Document | None: ...
def extract_pages(
    pages: list[Any], settings: Settings, threads: int
) -> list[str | Document | BinderyError | None]: ...
def verify_archive(path: str, threads: int) -> dict[str, Any]: ...
