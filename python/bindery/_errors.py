"""The exceptions of bindery."""

from __future__ import annotations

from typing import Any

__all__ = [
    "ArchiveError",
    "BinderyError",
    "BinderyWarning",
    "ConvertError",
    "InputError",
    "InputTypeError",
    "InternalError",
    "NoArticleError",
    "PageTimeoutError",
    "TooLargeError",
    "WarcError",
]


class BinderyError(Exception):
    """The base of all exceptions of bindery.

    ``str(error)`` is one sentence that says what happened and what to do; ``error.kind`` is a word for programs, such as
    ``"too-large"``, which stays the same between versions.
    """

    kind: str

    def __init__(self, message: str, kind: str = "error") -> None:
        super().__init__(message)
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.kind), self.__dict__


class NoArticleError(BinderyError):
    """The page has no article; raised only with ``strict=True``."""


class InputError(BinderyError, ValueError):
    """An argument has a value that cannot be used, such as an invalid URL."""


class InputTypeError(BinderyError, TypeError):
    """A page is neither ``str`` nor bytes."""


class TooLargeError(BinderyError, ValueError):
    """The page is larger than ``max_size``."""


class PageTimeoutError(BinderyError, TimeoutError):
    """The page was not done after ``timeout`` seconds."""


class WarcError(BinderyError):
    """A WARC file cannot be read, or is damaged at ``offset``."""

    offset: int | None = None


class ArchiveError(BinderyError):
    """An archive, or an article in it, cannot be read."""


class ConvertError(BinderyError):
    """A folder cannot be converted."""


class InternalError(BinderyError):
    """An error of bindery itself; please report it with the page."""


class BinderyWarning(UserWarning):
    """An argument has no effect here."""


for _name in __all__:
    # Tracebacks name them as users import them.
    globals()[_name].__module__ = "bindery"
