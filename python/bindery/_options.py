"""The arguments that the functions share."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, Literal, TypedDict

from ._bindery import Settings
from ._errors import BinderyWarning

#: What a page may be passed as.
Html = str | bytes | bytearray | memoryview

#: The forms of a text.
Format = Literal["txt", "markdown", "html", "json"]

#: The largest page that is read unless the caller says otherwise, in bytes.
MAX_SIZE = 64 * 1024 * 1024

#: Arguments of trafilatura that have no effect here, with the values that need no warning.
_WITHOUT_EFFECT: dict[str, object] = {
    "fast": False,
    "no_fallback": False,
    "favor_precision": False,
    "favor_recall": False,
    "tei_validation": False,
    "deduplicate": False,
    "date_extraction_params": None,
    "max_tree_size": None,
    "settingsfile": None,
    "prune_xpath": None,
    "config": None,
    "options": None,
}

_warned: set[str] = set()


class Options(TypedDict, total=False):
    """The keyword arguments of `extract` after ``url``, for functions that pass them on."""

    record_id: str | None
    fast: bool
    no_fallback: bool
    favor_precision: bool
    favor_recall: bool
    include_comments: bool
    tei_validation: bool
    target_language: str | None
    include_tables: bool
    include_images: bool | None
    include_formatting: bool | None
    include_links: bool | None
    deduplicate: bool
    date_extraction_params: dict[str, Any] | None
    with_metadata: bool
    only_with_metadata: bool
    max_tree_size: int | None
    url_blacklist: Iterable[str] | None
    author_blacklist: Iterable[str] | None
    settingsfile: str | None
    prune_xpath: str | list[str] | None
    config: Any
    options: Any
    fragment: bool
    strict: bool
    timeout: float | None
    max_size: int


def warn_once(name: str, why: str) -> None:
    """Warn that an argument has no effect, once per name and process."""
    if name in _warned:
        return
    _warned.add(name)
    warnings.warn(f"{name} has no effect in bindery: {why}", BinderyWarning, stacklevel=4)


def settings(output_format: str, *, document: bool, model: bytes | None = None, **options: Any) -> Settings:
    """Check the options and return them for the compiled part. Another model is for measurements only."""
    for name in options.keys() & _WITHOUT_EFFECT.keys():
        if options[name] != _WITHOUT_EFFECT[name]:
            warn_once(name, "it has one way to extract, and no settings for it")
    unknown = options.keys() - Options.__annotations__.keys()
    if unknown:
        raise TypeError(f"unknown argument: {', '.join(sorted(unknown))}")
    for name in ("include_images", "include_links", "include_formatting"):
        if output_format in ("txt", "json") and options.get(name):
            warn_once(name, f"output_format={output_format!r} has plain text only; use markdown or html")

    def wanted(name: str) -> bool:
        value = options.get(name)
        return True if value is None else bool(value)

    return Settings(
        output_format,
        document=document,
        strict=bool(options.get("strict", False)),
        include_tables=wanted("include_tables"),
        include_images=wanted("include_images"),
        include_links=wanted("include_links"),
        include_formatting=wanted("include_formatting"),
        with_metadata=bool(options.get("with_metadata", False)),
        include_comments=bool(options.get("include_comments", False)),
        fragment=bool(options.get("fragment", False)),
        record_id=options.get("record_id"),
        target_language=options.get("target_language"),
        only_with_metadata=bool(options.get("only_with_metadata", False)),
        url_blacklist=list(options.get("url_blacklist") or ()),
        author_blacklist=list(options.get("author_blacklist") or ()),
        timeout=options.get("timeout"),
        max_size=options.get("max_size", MAX_SIZE),
        model=model,
    )
