"""What is done before the process is forked."""

from __future__ import annotations

import os

_PAGE = "<title>x</title><article><p>Flour, water and salt, and most of a day to wait for it.</p></article>"

_is_ready = False


def _get_ready() -> None:
    """Read a page, so that the tables that extraction makes at its first page are complete.

    A process that is forked while another thread makes them would wait for them for ever. Forked processes share them, too.
    """
    global _is_ready
    if _is_ready:
        return
    _is_ready = True
    from ._api import extract

    try:
        extract(_PAGE, output_format="markdown")
    except Exception:  # A system without threads left says so at the first page.
        _is_ready = False


def register() -> None:
    """Do it before each fork, where the system has it."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=_get_ready)
