"""Archives on disk, and the conversion of folders."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from . import _bindery
from ._errors import ArchiveError
from ._options import Format

__all__ = [
    "Archive",
    "ArchivedArticle",
    "ArchivedImage",
    "ConvertReport",
    "ConvertedPage",
    "Finding",
    "VerifyReport",
    "convert_tree",
]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedImage:
    """An image in the newest text of an archived article."""

    #: Its URL on the web.
    url: str
    #: Its file; ``None`` if it is missing.
    file: Path | None
    #: Why it is missing; ``None`` if it is not.
    reason: str | None

    def read(self) -> bytes:
        """Return the bytes of the image.

        Raises:
            ArchiveError: The image is missing, or its file cannot be read.
        """
        if self.file is None:
            raise ArchiveError(f"{self.url} is not in the archive: {self.reason}", "missing")
        return _read(self.file)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedArticle:
    """An article of an archive, by its newest text."""

    #: The folder of the article.
    folder: Path
    #: The root of the archive.
    root: Path
    #: Everything that the archive records about the article, as ``archive/README.md`` describes it.
    record: dict[str, Any]

    @property
    def url(self) -> str:
        """The URL of the page, or ``urn:sha256:…`` for a page without one."""
        return str(self.record["url"])

    @property
    def title(self) -> str:
        """The title; empty if there is none."""
        return str(self.record["title"])

    @property
    def authors(self) -> tuple[str, ...]:
        """The authors in the page's order."""
        return tuple(self.record["authors"])

    @property
    def published(self) -> str | None:
        """When the text was published, as far as the page states it (RFC 3339)."""
        return self.record.get("published")

    @property
    def newest(self) -> dict[str, Any]:
        """What is recorded about the newest text: `captured`, `confidence`, `warnings`, `losses`, `language`…"""
        snapshots: list[dict[str, Any]] = self.record["snapshots"]
        current = self.record.get("current")
        accepted = [one for one in snapshots if "set_aside" not in one] or snapshots
        return next((one for one in snapshots if one["file"] == current), accepted[-1])

    @property
    def captured(self) -> str:
        """When the newest text was captured, in UTC (RFC 3339)."""
        return str(self.newest["captured"])

    @property
    def images(self) -> list[ArchivedImage]:
        """The images in the newest text, in order."""

        def image(one: dict[str, Any]) -> ArchivedImage:
            path = one.get("path")
            return ArchivedImage(url=one["url"], file=self.root / path if path else None, reason=one.get("reason"))

        return [image(one) for one in self.newest["images"]]

    def document(self) -> str:
        """Return the newest text with its front matter, as it is in ``index.md``.

        Raises:
            ArchiveError: The file cannot be read.
        """
        return _read(self.folder / "index.md").decode("utf-8", errors="replace")

    def text(self) -> str:
        """Return the newest text as Markdown, without its front matter.

        Raises:
            ArchiveError: The file cannot be read.
        """
        body = _read(self.folder / str(self.newest["file"]))[int(self.newest["front_matter_bytes"]) :]
        return body.decode("utf-8", errors="replace")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that verification found."""

    #: A word for its kind: ``"missing"``, ``"changed"``…
    kind: str
    #: Whether it is damage. Work that a killed run left, and files that are not the archive's, are not.
    is_damage: bool
    #: The path below the archive.
    path: str
    #: What was expected and what was found.
    detail: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """The result of a verification."""

    #: ``"archive"``, or the format of a bundle.
    subject: str
    #: What was found, sorted by path.
    findings: tuple[Finding, ...]
    #: The number of files read.
    files: int
    #: The number of bytes read.
    bytes: int
    #: The number of articles.
    articles: int
    #: The number of images.
    images: int

    @property
    def is_damaged(self) -> bool:
        """Whether a finding is damage."""
        return any(finding.is_damage for finding in self.findings)


class Archive:
    """An archive that is open for reading. A program may write to it at the same time.

    >>> for article in Archive("archive"):  # doctest: +SKIP
    ...     print(article.title, len(article.text()), [len(image.read()) for image in article.images])
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open the archive in a folder.

        Raises:
            ArchiveError: The folder is not an archive, or one of a newer format.
        """
        self.path = Path(path)
        self._reader = _bindery.ArchiveReader(os.fspath(path))

    def __repr__(self) -> str:
        return f"Archive({str(self.path)!r})"

    def __iter__(self) -> Iterator[ArchivedArticle]:
        """Iterate over the articles, sorted by folder.

        Raises:
            ArchiveError: A record is damaged. `articles` can leave it out.
        """
        return self.articles()

    def articles(self, *, on_damage: str = "raise") -> Iterator[ArchivedArticle]:
        """Iterate over the articles, sorted by folder.

        Args:
            on_damage: ``"skip"`` leaves out articles whose record is damaged.

        Raises:
            ArchiveError: A record is damaged.
            ValueError: ``on_damage`` is not one of the two.
        """
        if on_damage not in ("raise", "skip"):
            raise ValueError(f"on_damage is raise or skip, not {on_damage!r}")
        return self._articles(on_damage)

    def _articles(self, on_damage: str) -> Iterator[ArchivedArticle]:
        for entry in self._reader.articles():
            if not isinstance(entry, ArchiveError):
                yield self._article(entry)
            elif on_damage == "raise":
                raise entry

    def find(self, url: str) -> list[ArchivedArticle]:
        """Return the articles with this URL, or at this path below the archive.

        Raises:
            ArchiveError: A folder or the record cannot be read.
        """
        return [self._article(entry) for entry in self._reader.find(url)]

    def verify(self, *, threads: int = 2) -> VerifyReport:
        """Read every byte of the archive and compare it with the digests that the archive holds.

        Raises:
            ArchiveError: The archive cannot be read at all. Damage is a finding.
        """
        fields = _bindery.verify_archive(os.fspath(self.path), threads)
        names = ("kind", "is_damage", "path", "detail")
        findings = tuple(Finding(**dict(zip(names, one, strict=True))) for one in fields.pop("findings"))
        return VerifyReport(findings=findings, **fields)

    def _article(self, entry: tuple[str, str]) -> ArchivedArticle:
        folder, record = entry
        return ArchivedArticle(folder=self.path / folder, root=self.path, record=json.loads(record))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        message = f"cannot read {file}: {error.strerror}; check the archive with Archive.verify()"
        raise ArchiveError(message, "io") from error


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedPage:
    """What `convert_tree` did with one input."""

    #: ``"converted"``, ``"unchanged"``, ``"failed"``, ``"left-out"`` or, for a whole export, ``"report"``.
    status: str
    #: The input, or the item of an export.
    source: str
    #: The output, below the output folder; ``None`` if there is none.
    output: str | None = None
    #: The title; ``None`` if there is none.
    title: str | None = None
    #: How correct and complete the text is expected to be, from 0 to 1.
    confidence: float | None = None
    #: Reasons to trust the text less.
    warnings: tuple[str, ...] = ()
    #: What the input has and the text has not.
    losses: tuple[str, ...] = ()
    #: The number of images that the text links to locally.
    images: int = 0
    #: A word for the kind of a failure.
    kind: str | None = None
    #: Why it failed or was left out.
    message: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ConvertReport:
    """The result of a conversion."""

    #: The number of outputs that were written.
    converted: int
    #: The number of outputs that were up to date.
    unchanged: int
    #: The number of files that are not inputs.
    left_out: int
    #: The inputs that could not be converted.
    failures: tuple[ConvertedPage, ...]


def convert_tree(
    folder: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    output_format: Format = "markdown",
    profile: str = "default",
    with_metadata: bool = True,
    include_comments: bool = False,
    threads: int | None = None,
    force: bool = False,
    on_page: Callable[[ConvertedPage], object] | None = None,
) -> ConvertReport:
    """Convert the pages and exports in a folder on all cores, with their images, as ``bindery convert`` does.

    Outputs that are up to date are not written again. A page that fails is in the report.

    Args:
        folder: A folder, a file, or several of them.
        output: The folder that is written to; it mirrors the inputs.
        output_format: As for `extract`.
        profile: The front matter of Markdown: ``"default"``, ``"hexo"``, ``"hugo"``, ``"jekyll"``, ``"obsidian"``, ``"zola"``.
        with_metadata: Write front matter.
        include_comments: Append readers' comments.
        threads: The number of threads; one per core by default.
        force: Convert also what is up to date.
        on_page: Called for every input in order. An exception from it ends the conversion.

    Raises:
        ConvertError: There is nothing to convert, or the folder cannot be read.
        ValueError: ``output_format`` or ``profile`` is unknown.

    >>> import pathlib, tempfile
    >>> root = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (root / "bread.html").write_text(
    ...     "<title>Bread</title><article><p>Flour, water and salt, and most of a day to wait for it.</p></article>"
    ... )
    >>> convert_tree(root, root / "out").converted
    1
    >>> (root / "out" / "bread.md").read_text().splitlines()[-1]
    'Flour, water and salt, and most of a day to wait for it.'
    """
    paths = [os.fspath(folder)] if isinstance(folder, (str, os.PathLike)) else [os.fspath(path) for path in folder]
    run = _bindery.Conversion(
        paths,
        os.fspath(output),
        output_format=output_format,
        profile=profile,
        front_matter=with_metadata,
        include_comments=include_comments,
        threads=threads,
        force=force,
    )
    counts = {"converted": 0, "unchanged": 0, "left-out": 0}
    failures = []
    for fields in run:
        page = ConvertedPage(**fields)
        counts[page.status] = counts.get(page.status, 0) + 1
        if page.status == "failed":
            failures.append(page)
        if on_page is not None:
            on_page(page)
    return ConvertReport(
        converted=counts["converted"],
        unchanged=counts["unchanged"],
        left_out=counts["left-out"],
        failures=tuple(failures),
    )
