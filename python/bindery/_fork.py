"""What is done before and after the process is forked."""

from __future__ import annotations

import os

from . import _bindery


def register() -> None:
    """Let no page be read while the process is forked, where the system has that.

    A process that is forked while another thread is in the middle of a page would wait for that thread's locks for ever.
    """
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(
            before=_bindery.before_fork,
            after_in_parent=_bindery.after_fork,
            after_in_child=_bindery.after_fork_in_child,
        )
