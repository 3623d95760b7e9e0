from collections.abc import Iterable, Iterator
from typing import Any, Final, final

from ._document import Document
from ._errors import BinderyError, WarcError
from ._warc import WarcRecord

__all__ = ["VERSION", "Records", "Settings", "extract_page", "extract_pages", "page_metadata"]

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
    ) -> Settings: ...

@final
class Records:
    def __new__(cls, path: str, kinds: list[str] | None, max_size: int) -> Records: ...
    def __iter__(self) -> Iterator[WarcRecord | WarcError]: ...
    def __next__(self) -> WarcRecord | WarcError: ...

def extract_page(page: Any, settings: Settings) -> Any: ...
def page_metadata(page: Any, settings: Settings) -> Document | None: ...
def extract_pages(
    pages: list[Any], settings: Settings, threads: int
) -> list[str | Document | BinderyError | None]: ...
