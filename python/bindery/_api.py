"""Extraction of single pages and of many."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, overload

from . import _bindery
from ._document import Document
from ._errors import BinderyError, InputError
from ._options import MAX_SIZE, Format, Html, Options, settings

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Page", "bare_extraction", "extract", "extract_many", "extract_metadata"]

#: A page for `extract_many`: its content alone, or with URL, charset and ``Content-Type``.
Page = (
    Html
    | tuple[Html]
    | tuple[Html, str | None]
    | tuple[Html, str | None, str | None]
    | tuple[Html, str | None, str | None, str | None]
)


def extract(
    html: Html,
    url: str | None = None,
    record_id: str | None = None,
    fast: bool = False,
    no_fallback: bool = False,
    favor_precision: bool = False,
    favor_recall: bool = False,
    include_comments: bool = False,
    output_format: Format = "txt",
    tei_validation: bool = False,
    target_language: str | None = None,
    include_tables: bool = True,
    include_images: bool | None = None,
    include_formatting: bool | None = None,
    include_links: bool | None = None,
    deduplicate: bool = False,
    date_extraction_params: dict[str, Any] | None = None,
    with_metadata: bool = False,
    only_with_metadata: bool = False,
    max_tree_size: int | None = None,
    url_blacklist: Iterable[str] | None = None,
    author_blacklist: Iterable[str] | None = None,
    settingsfile: str | None = None,
    prune_xpath: str | list[str] | None = None,
    config: Any = None,
    options: Any = None,
    *,
    charset: str | None = None,
    content_type: str | None = None,
    fragment: bool = False,
    strict: bool = False,
    timeout: float | None = None,
    max_size: int = MAX_SIZE,
) -> str | None:
    """Return the article of a page as text, or ``None`` if the page has none.

    The names of the arguments are those of ``trafilatura.extract``. Those that bindery has no use for
    (``fast``, ``no_fallback``, ``favor_precision``, ``favor_recall``, ``tei_validation``, ``deduplicate``,
    ``date_extraction_params``, ``max_tree_size``, ``settingsfile``, ``prune_xpath``, ``config``, ``options``) warn once if
    they are not at their defaults.

    Args:
        html: The page. ``str`` is decoded already, whatever its ``<meta charset>`` says; bytes are decoded by what
            ``charset``, ``content_type``, the page and the bytes themselves say.
        url: The page's URL, against which links are resolved.
        record_id: Becomes ``id`` in JSON.
        include_comments: Append readers' comments.
        output_format: ``"txt"``, ``"markdown"``, ``"html"`` or ``"json"``.
        target_language: Return ``None`` if the page states another language, such as ``"zh"``.
        include_tables: Keep tables.
        include_images: Keep images in Markdown and HTML; kept by default.
        include_formatting: Keep bold and italic type in Markdown and HTML; kept by default.
        include_links: Keep links in Markdown and HTML; kept by default.
        with_metadata: Put YAML front matter before text or Markdown.
        only_with_metadata: Return ``None`` if title, date or URL are unknown.
        url_blacklist: Return ``None`` for these URLs.
        author_blacklist: Omit these authors.
        charset: The charset of bytes, if it is known: ``"gbk"``.
        content_type: The ``Content-Type`` that came with bytes: ``"text/html; charset=gbk"``.
        fragment: The input is the body of an article: keep all of it.
        strict: Raise `NoArticleError`, which says why, instead of returning ``None``.
        timeout: The longest time to wait, in seconds.
        max_size: The largest size of a page, in bytes of UTF-8 or as received.

    Raises:
        InputTypeError: ``html`` is neither ``str`` nor bytes (also a ``TypeError``).
        InputError: ``url`` or ``charset`` is not valid (also a ``ValueError``).
        TooLargeError: The page is larger than ``max_size`` (also a ``ValueError``).
        PageTimeoutError: The page was not done in time (also a ``TimeoutError``).
        NoArticleError: With ``strict=True``, the page has no article.

    >>> page = '''<title>Bread</title><nav><a href="/">Home</a></nav><article><h1>Bread</h1>
    ... <p>Flour, water and <b>salt</b>, and most of a day to wait for it.</p>
    ... <p>Nothing else goes in, whatever the packet says about sugar.</p></article>'''
    >>> print(extract(page, output_format="markdown"), end="")
    Flour, water and **salt**, and most of a day to wait for it.
    <BLANKLINE>
    Nothing else goes in, whatever the packet says about sugar.
    >>> extract("") is None
    True
    """
    chosen = settings(
        output_format,
        document=False,
        record_id=record_id,
        fast=fast,
        no_fallback=no_fallback,
        favor_precision=favor_precision,
        favor_recall=favor_recall,
        include_comments=include_comments,
        tei_validation=tei_validation,
        target_language=target_language,
        include_tables=include_tables,
        include_images=include_images,
        include_formatting=include_formatting,
        include_links=include_links,
        deduplicate=deduplicate,
        date_extraction_params=date_extraction_params,
        with_metadata=with_metadata,
        only_with_metadata=only_with_metadata,
        max_tree_size=max_tree_size,
        url_blacklist=url_blacklist,
        author_blacklist=author_blacklist,
        settingsfile=settingsfile,
        prune_xpath=prune_xpath,
        config=config,
        options=options,
        fragment=fragment,
        strict=strict,
        timeout=timeout,
        max_size=max_size,
    )
    text: str | None = _bindery.extract_page((html, url, charset, content_type), chosen)
    return text


def bare_extraction(
    html: Html,
    url: str | None = None,
    *,
    output_format: Literal["python", "txt", "markdown", "html", "json"] = "python",
    charset: str | None = None,
    content_type: str | None = None,
    **options: Unpack[Options],
) -> Document | None:
    """Return the article of a page with all that is known about it, or ``None`` if the page has none.

    The arguments are those of `extract`; ``output_format`` is that of ``Document.text``, and ``"python"`` is ``"txt"``.

    Raises:
        BinderyError: As `extract`.

    >>> page = '''<html lang="en"><title>Bread</title><article><h1>Bread</h1>
    ... <p>Flour, water and salt, and most of a day to wait for it.</p></article>'''
    >>> document = bare_extraction(page, "https://example.org/bread")
    >>> document.title, document.hostname, document.language
    ('Bread', 'example.org', 'en')
    >>> document.text
    'Flour, water and salt, and most of a day to wait for it.\\n'
    """
    form = "txt" if output_format == "python" else output_format
    chosen = settings(form, document=True, **options)
    document: Document | None = _bindery.extract_page((html, url, charset, content_type), chosen)
    return document


def extract_metadata(
    html: Html,
    default_url: str | None = None,
    *,
    charset: str | None = None,
    content_type: str | None = None,
    timeout: float | None = None,
    max_size: int = MAX_SIZE,
) -> Document | None:
    """Return what a page says about itself, whether it has an article or not; ``None`` if it is empty or not HTML.

    Raises:
        BinderyError: As `extract`.

    >>> extract_metadata("<title>Bread</title><p>Soon.").title
    'Bread'
    """
    chosen = settings("txt", document=True, timeout=timeout, max_size=max_size)
    document: Document | None = _bindery.page_metadata((html, default_url, charset, content_type), chosen)
    return document


@overload
def extract_many(
    pages: Iterable[Page],
    *,
    threads: int | None = None,
    output_format: Format = "txt",
    documents: Literal[False] = False,
    **options: Unpack[Options],
) -> list[str | BinderyError | None]: ...
@overload
def extract_many(
    pages: Iterable[Page],
    *,
    threads: int | None = None,
    output_format: Format = "txt",
    documents: Literal[True],
    **options: Unpack[Options],
) -> list[Document | BinderyError | None]: ...
def extract_many(
    pages: Iterable[Page],
    *,
    threads: int | None = None,
    output_format: Format = "txt",
    documents: bool = False,
    **options: Unpack[Options],
) -> list[str | BinderyError | None] | list[Document | BinderyError | None]:
    """Return the articles of many pages in the pages' order, extracted on threads of bindery's own.

    A page is ``str`` or bytes, or a tuple ``(html, url, charset, content_type)``, of which all but the first may be omitted or
    ``None``. A page that fails does not end the run: the exception that `extract` raises for it is its result. All results are
    in memory together; pass the pages in batches.

    Args:
        pages: The pages.
        threads: The number of threads; one per core by default.
        output_format: As for `extract`.
        documents: Return `Document` objects instead of text.
        **options: As for `extract`; ``timeout`` and ``max_size`` are those of one page.

    Raises:
        InputError: ``threads`` is less than 1.

    >>> article = "<article><p>Flour, water and salt, and most of a day to wait for it.</p></article>"
    >>> text, nothing, error = extract_many([article, "", 3])
    >>> text
    'Flour, water and salt, and most of a day to wait for it.\\n'
    >>> nothing is None, error.kind
    (True, 'type')
    """
    if isinstance(pages, (str, bytes, bytearray, memoryview)):
        raise TypeError("pages is an iterable of pages, not one page; use extract() for one")
    if threads is None:
        threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < 1:
        raise InputError(f"threads is at least 1, not {threads}", "value")
    chosen = settings(output_format, document=documents, **options)
    results: list[Any] = _bindery.extract_pages(list(pages), chosen, threads)
    return results
