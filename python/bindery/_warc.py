"""Records of WARC files."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal, overload

from . import _bindery
from ._api import extract
from ._errors import WarcError
from ._options import MAX_SIZE, Format, Options

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["WarcRecord", "warc"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class WarcRecord:
    """A record of a WARC or ARC file."""

    #: The type: ``"response"``, ``"resource"``, ``"revisit"``, ``"request"``, ``"metadata"``, ``"warcinfo"``…
    kind: str
    #: The target URI.
    url: str | None
    #: When it was captured, in UTC (RFC 3339).
    date: str
    #: The HTTP status; ``None`` without HTTP.
    status: int | None
    #: The HTTP header fields as stored, in order.
    headers: tuple[tuple[str, str], ...]
    #: The body without transfer and content codings; the whole block of a record without HTTP.
    content: bytes
    #: The fields of the record itself, in order.
    fields: tuple[tuple[str, str], ...]
    #: Where the record begins in the file, in bytes; in the decompressed bytes if a gzip member holds several records.
    offset: int
    #: The length of the record there, in bytes.
    length: int
    #: ``sha256:`` and the digest of the payload as stored; ``None`` for a revisit.
    digest: str | None
    #: Why ``content`` is empty although the record is not: it is too large, or cannot be decoded.
    error: str | None = None

    def header(self, name: str) -> str | None:
        """Return the first HTTP header field of that name, in any case; ``None`` if there is none."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def content_type(self) -> str | None:
        """The ``Content-Type`` of the content; ``None`` if it is unknown."""
        return self.header("content-type") or None

    def extract(self, *, output_format: Format = "txt", **options: Unpack[Options]) -> str | None:
        """Return the article in the record as `bindery.extract` does, with its URL and ``Content-Type``."""
        return extract(
            self.content, self.url, output_format=output_format, content_type=self.content_type, **options
        )


@overload
def warc(
    path: str | os.PathLike[str],
    *,
    kinds: Iterable[str] | None = ("response", "resource"),
    on_damage: Literal["raise", "skip"] = "raise",
    max_size: int = MAX_SIZE,
) -> Iterator[WarcRecord]: ...
@overload
def warc(
    path: str | os.PathLike[str],
    *,
    kinds: Iterable[str] | None = ("response", "resource"),
    on_damage: Literal["yield"],
    max_size: int = MAX_SIZE,
) -> Iterator[WarcRecord | WarcError]: ...
def warc(
    path: str | os.PathLike[str],
    *,
    kinds: Iterable[str] | None = ("response", "resource"),
    on_damage: str = "raise",
    max_size: int = MAX_SIZE,
) -> Iterator[WarcRecord] | Iterator[WarcRecord | WarcError]:
    """Iterate over the records of a WARC or ARC file, compressed (``.gz``) or not.

    Memory use does not grow with the file. The bytes of a record are compared with the digests that the record states.

    Args:
        path: The file.
        kinds: The types of the records that are wanted; ``None`` for all.
        on_damage: ``"raise"`` ends with a `WarcError` at the first damaged record. ``"skip"`` leaves damaged records out and
            continues with the next one that can be read. ``"yield"`` does the same, and yields the `WarcError` in the place of
            the damaged record.
        max_size: The largest content that is returned, in bytes; a larger record comes without its content.

    Raises:
        WarcError: The file cannot be read, or is damaged; ``error.offset`` is where.
        ValueError: ``on_damage`` is not one of the three.

    >>> for record in warc("crawl.warc.gz"):  # doctest: +SKIP
    ...     print(record.url, record.extract())
    """
    if on_damage not in ("raise", "skip", "yield"):
        raise ValueError(f"on_damage is raise, skip or yield, not {on_damage!r}")
    if max_size < 0:
        raise ValueError(f"max_size is a number of bytes, not {max_size}")
    names = None if kinds is None else [kind.lower() for kind in kinds]
    records = _bindery.Records(os.fspath(path), names, max_size)
    return _with_damage(records) if on_damage == "yield" else _until_damage(records, on_damage)


def _with_damage(records: _bindery.Records) -> Iterator[WarcRecord | WarcError]:
    for record in records:
        if isinstance(record, WarcError) and record.kind == "io":
            raise record
        yield record


def _until_damage(records: _bindery.Records, on_damage: str) -> Iterator[WarcRecord]:
    for record in records:
        if not isinstance(record, WarcError):
            yield record
        elif on_damage == "raise" or record.kind == "io":
            raise record
