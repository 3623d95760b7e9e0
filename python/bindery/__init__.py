"""Article extraction and article archives.

`extract` returns the article of a page as text, Markdown or HTML, `bare_extraction` with all that is known about it, and
`extract_many` does so for many pages on all cores. `warc` reads the records of WARC files.
"""

from __future__ import annotations

from ._api import Page, bare_extraction, extract, extract_many, extract_metadata
from ._bindery import VERSION as __version__
from ._document import Document
from ._errors import (
    ArchiveError,
    BinderyError,
    BinderyWarning,
    ConvertError,
    InputError,
    InputTypeError,
    InternalError,
    NoArticleError,
    PageTimeoutError,
    TooLargeError,
    WarcError,
)
from ._options import MAX_SIZE, Format, Html, Options
from ._warc import WarcRecord, warc

__all__ = [
    "MAX_SIZE",
    "ArchiveError",
    "BinderyError",
    "BinderyWarning",
    "ConvertError",
    "Document",
    "Format",
    "Html",
    "InputError",
    "InputTypeError",
    "InternalError",
    "NoArticleError",
    "Options",
    "Page",
    "PageTimeoutError",
    "TooLargeError",
    "WarcError",
    "WarcRecord",
    "__version__",
    "bare_extraction",
    "extract",
    "extract_many",
    "extract_metadata",
    "warc",
]
