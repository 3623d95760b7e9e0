"""Spark gives the rows of the other engines, and a killed task loses nothing."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import bindery_rows
import pandas as pd
import pyarrow.parquet as pq
import pytest
from conftest import ordered

pytest.importorskip("pyspark")


@pytest.fixture(scope="module")
def spark() -> Any:
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    import with_spark

    builder = SparkSession.builder.master("local[2,4]").config("spark.ui.enabled", "false")
    session = with_spark.session(builder.config("spark.driver.memory", "1g"))
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


def test_spark_gives_the_rows_and_a_killed_task_loses_nothing(spark, warcs, expected, tmp_path) -> None:
    from pyspark.sql import functions as f

    import with_spark

    marker = str(tmp_path / "killed")

    @f.pandas_udf(bindery_rows.spark_schema(bindery_rows.ROW))
    def killed(pages: pd.DataFrame) -> pd.DataFrame:
        if "https://example.org/30" in list(pages["url"]) and not os.path.exists(marker):
            open(marker, "w").close()
            os.kill(os.getpid(), signal.SIGKILL)
        return with_spark.extract.func(pages)

    pattern = os.path.join(os.path.dirname(warcs[0]), "*.warc.gz")
    with_spark.converted(spark, pattern, killed).write.parquet(f"{tmp_path}/parquet")
    assert os.path.exists(marker)
    written = spark.read.parquet(f"{tmp_path}/parquet")
    written.write.json(f"{tmp_path}/jsonl")
    rows = [row for path in Path(tmp_path, "parquet").glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    assert ordered(rows) == expected
    lines = [line for path in Path(tmp_path, "jsonl").glob("*.json") for line in path.read_text().splitlines()]
    # Spark leaves null out.
    assert ordered(map(json.loads, lines)) == expected
    assert with_spark.counts(written) == bindery_rows.counts(expected)
