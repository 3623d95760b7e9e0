"""Article extraction and article archives.

`extract` returns the article of a page as text, Markdown or HTML, `bare_extraction` with all that is known about it, and
`extract_many` does so for many pages on all cores. `warc` reads the records of WARC files, `Archive` the articles of an
archive, and `convert_tree` converts whole folders.
"""

from __future__ import annotations

from ._api import Page, bare_extraction, extract, extract_many, extract_metadata
from ._archive import (
    Archive,
    ArchivedArticle,
    ArchivedImage,
    ConvertedPage,
    ConvertReport,
    Finding,
    VerifyReport,
    convert_tree,
)
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
from ._fork import register as _register
from ._options import MAX_SIZE, Format, Html, Options
from ._warc import WarcRecord, warc

__all__ = [
    "MAX_SIZE",
    "Archive",
    "ArchiveError",
    "ArchivedArticle",
    "ArchivedImage",
    "BinderyError",
    "BinderyWarning",
    "ConvertError",
    "ConvertReport",
    "ConvertedPage",
    "Document",
    "Finding",
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
    "VerifyReport",
    "WarcError",
    "WarcRecord",
    "__version__",
    "bare_extraction",
    "convert_tree",
    "extract",
    "extract_many",
    "extract_metadata",
    "warc",
]

_register()
