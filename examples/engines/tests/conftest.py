"""WARC files, and the rows that every engine must give for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import bindery_rows  # noqa: E402
import warc_files  # noqa: E402


@pytest.fixture(scope="session")
def warcs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    return [str(path) for path in warc_files.write(tmp_path_factory.mktemp("warc"))]


@pytest.fixture(scope="session")
def expected(warcs: list[str]) -> list[dict[str, Any]]:
    return ordered(row for path in warcs for row in bindery_rows.rows(bindery_rows.pages(path)))


def ordered(rows: Any) -> list[dict[str, Any]]:
    """Returns rows in the order of their places, with the columns of every engine."""
    rows = [{name: row.get(name) for name in bindery_rows.ROW} for row in rows]
    return sorted(rows, key=lambda row: (row["warc"], row["offset"]))
