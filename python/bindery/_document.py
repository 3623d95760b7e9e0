"""The result of an extraction with everything that is known about it."""

from __future__ import annotations

import dataclasses
from typing import Any

__all__ = ["Document"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article with its metadata. ``None`` means that the page does not say it.

    The names are those of trafilatura's ``Document`` where it has them.
    """

    #: The headline, without the site's name.
    title: str | None = None
    #: The authors, joined by ``"; "``.
    author: str | None = None
    #: The authors in the page's order.
    authors: tuple[str, ...] = ()
    #: The URL that was passed, or the canonical one that the page states.
    url: str | None = None
    #: The canonical URL that the page states.
    canonical: str | None = None
    #: The host in ``url``.
    hostname: str | None = None
    #: The page's own summary.
    description: str | None = None
    #: The site's name.
    sitename: str | None = None
    #: The day of publication: ``YYYY-MM-DD``.
    date: str | None = None
    #: The publication with its time and offset, as far as the page states them (RFC 3339).
    published: str | None = None
    #: The last modification that the page states.
    modified: str | None = None
    #: Keywords.
    tags: tuple[str, ...] = ()
    #: The ``record_id`` that was passed.
    id: str | None = None
    #: What the text may be used under.
    license: str | None = None
    #: The language, as a tag such as ``zh-CN``.
    language: str | None = None
    #: The URL of the image that stands for the page.
    image: str | None = None
    #: The text, in the format that was asked for; ``None`` if only metadata was.
    text: str | None = None
    #: Readers' comments, with ``include_comments=True``.
    comments: str | None = None
    #: The URLs of the images in the text.
    images: tuple[str, ...] = ()
    #: The charset that the page was decoded with.
    charset: str | None = None
    #: How correct and complete the text is expected to be, from 0 to 1.
    confidence: float | None = None
    #: Reasons to trust the text less, each as ``kind: detail``.
    warnings: tuple[str, ...] = ()
    #: What the page has and the text has not, each as ``kind: detail``.
    losses: tuple[str, ...] = ()
    #: Where the Markdown, rendered, differs from the article.
    differences: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as a dictionary.

        >>> Document(title="Bread").as_dict()["title"]
        'Bread'
        """
        return dataclasses.asdict(self)
