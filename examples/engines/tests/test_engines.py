"""The engines give the same rows, and lose nothing when a process is killed."""

from __future__ import annotations

import gzip
import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import bindery
import bindery_rows
import pyarrow.parquet as pq
import pytest
import warc_files
from conftest import ordered


def jsonl(folder: Path) -> list[dict[str, Any]]:
    rows = []
    for path in sorted(folder.rglob("*.json*")):
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
        rows += [json.loads(line) for line in text.splitlines()]
    return rows


def parquet(folder: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(folder.rglob("*.parquet")) for row in pq.ParquetFile(path).read().to_pylist()]


def converted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if row["error"] is None]


def test_the_rows_have_every_page_in_its_charset_and_say_where_it_is(warcs, expected) -> None:
    texts = {row["url"]: row for row in expected}
    for number in range(72):
        language, *_ = warc_files.FORMS[number % len(warc_files.FORMS)]
        sentence = "舊書鋪在南門外" if number % 8 == 7 else warc_files.SENTENCES[language]
        row = texts[f"https://example.org/{number}"]
        assert f"{number}.3 {sentence}" in row["text"] and row["error"] is None
        with open(row["warc"], "rb") as file:
            file.seek(row["offset"])
            record = gzip.decompress(file.read(row["length"]))
        assert row["url"].encode() in record
        # The same text as the module gives alone.
        head, body = record.split(b"\r\n\r\n", 2)[1:]
        if b"Content-Encoding" not in head:
            kind = next(line for line in head.decode().splitlines() if line.startswith("Content-Type"))
            alone = bindery.extract(
                body[:-4], row["url"], content_type=kind.split(": ")[1], output_format="markdown"
            )
            assert row["text"] == alone
    kinds = {row["url"]: row["error_kind"] for row in expected if row["error"]}
    assert kinds["https://example.org/empty"] == "empty" and kinds["https://example.org/no-article"] == "no-article"
    assert {"https://example.org/undecodable", None} <= kinds.keys() and len(kinds) == 4
    assert "https://example.org/9101" in texts, "the page after the damage"


def run_datatrove(source: str, folder: Path, steps: list[Any]) -> dict[str, Any]:
    from datatrove.executor import LocalPipelineExecutor

    LocalPipelineExecutor(steps, tasks=3, workers=1, logging_dir=str(folder / "logs")).run()
    stats = json.loads((folder / "logs" / "stats.json").read_text())
    return {step["name"]: step["stats"] for step in stats}


def total(stat: Any) -> int:
    return stat["total"] if isinstance(stat, dict) else stat


def test_datatrove_gives_the_rows_and_the_counts(warcs, expected, tmp_path) -> None:
    import with_datatrove

    source = os.path.dirname(warcs[0])
    stats = run_datatrove(source, tmp_path, with_datatrove.pipeline(source, str(tmp_path)))
    assert ordered(parquet(tmp_path / "parquet")) == converted(expected)
    assert ordered(jsonl(tmp_path / "jsonl")) == converted(expected)
    assert ordered(jsonl(tmp_path / "failed")) == [row for row in expected if row["error"]]
    found = next(value for name, value in stats.items() if "bindery" in name)
    for what, count in bindery_rows.counts(expected).items():
        assert total(found[what]) == count, what


def test_datatrove_loses_only_the_page_that_ends_its_process_or_hangs(warcs, expected, tmp_path) -> None:
    import with_datatrove

    class Poisoned(with_datatrove.BinderyExtractor):
        def extract(self, text: Any) -> Any:
            if text and text["url"] == "https://example.org/3":
                os._exit(1)
            if text and text["url"] == "https://example.org/5":
                time.sleep(60)
            return super().extract(text)

    source = os.path.dirname(warcs[0])
    steps = with_datatrove.pipeline(source, str(tmp_path))
    steps[1] = Poisoned(2.0, steps[1].failures)
    run_datatrove(source, tmp_path, steps)
    lost = {"https://example.org/3": "process-ended", "https://example.org/5": "timeout"}
    assert ordered(jsonl(tmp_path / "jsonl")) == [row for row in converted(expected) if row["url"] not in lost]
    failed = {row["url"]: row["error_kind"] for row in jsonl(tmp_path / "failed")}
    assert lost.items() <= failed.items() and len(failed) == 6


@pytest.fixture(scope="module")
def cluster() -> Any:
    import ray

    path = os.pathsep.join([str(Path(__file__).parent), os.path.dirname(bindery_rows.__file__)])
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join([path, os.environ.get("PYTHONPATH", "")])}}
    ray.init(
        num_cpus=2, include_dashboard=False, object_store_memory=200 << 20, runtime_env=environment, log_to_driver=False
    )
    yield ray
    ray.shutdown()


def test_ray_gives_the_rows_and_a_killed_worker_loses_nothing(cluster, warcs, expected, tmp_path) -> None:
    import with_ray

    marker = str(tmp_path / "killed")

    class Killed(with_ray.Extract):
        def __call__(self, batch: Any) -> Any:
            if "https://example.org/30" in batch["url"].to_pylist() and not os.path.exists(marker):
                open(marker, "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
            return super().__call__(batch)

    counts = with_ray.convert(warcs, str(tmp_path), 1, Killed)
    assert os.path.exists(marker)
    assert ordered(parquet(tmp_path / "parquet")) == expected
    assert ordered(jsonl(tmp_path / "jsonl")) == expected
    assert counts == bindery_rows.counts(expected)
    assert json.loads((tmp_path / "counts.json").read_text()) == counts
