"""PySpark 4: WARC files to Parquet and JSON Lines, with a data source and a pandas function.

    spark-submit with_spark.py 'warc/*.warc.gz' out/

`spark.read.format("warc-pages")` has one partition for each WARC file; `extract` is a `pandas_udf`. A task that is lost is
run again by Spark, as often as `spark.task.maxFailures` says (with `local[N]` never, with `local[N,4]` up to four times).
Failed pages are rows with an `error`. The counts are printed.

`bindery`, `pandas` and `pyarrow` must be on every node; `bindery_rows.py` is sent along.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator

import pandas as pd
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
from pyspark.sql.types import ArrayType, StringType, StructType

import bindery_rows


class WarcPages(DataSource):
    """The HTML pages of WARC files, as bytes."""

    @classmethod
    def name(cls) -> str:
        return "warc-pages"

    def schema(self) -> StructType:
        return bindery_rows.spark_schema(bindery_rows.PAGE)

    def reader(self, schema: object) -> DataSourceReader:
        return WarcReader(self.options["path"])


class WarcReader(DataSourceReader):
    """Reads one WARC file for each partition."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def partitions(self) -> list[InputPartition]:
        local = "://" not in self.pattern
        paths = sorted(map(os.path.abspath, glob.glob(self.pattern))) if local else self.pattern.split(",")
        return [InputPartition(path) for path in paths]

    def read(self, partition: InputPartition) -> Iterator[tuple]:
        for page in bindery_rows.pages(partition.value):
            yield tuple(page[name] for name in bindery_rows.PAGE)


@f.pandas_udf(bindery_rows.spark_schema(bindery_rows.ROW))
def extract(pages: pd.DataFrame) -> pd.DataFrame:
    """Converts pages: a column of structures as the data source has them."""
    # Missing values are NaN in pandas.
    pages = pages.astype(object).where(pages.notna(), None)
    found = list(bindery_rows.rows(pages.to_dict("records")))
    return pd.DataFrame(found, columns=list(bindery_rows.ROW))


def converted(spark: SparkSession, pattern: str, function=extract) -> DataFrame:
    """Returns the rows of WARC files."""
    spark.dataSource.register(WarcPages)
    pages = spark.read.format("warc-pages").load(pattern)
    page: Column = f.struct(*bindery_rows.PAGE)
    return pages.select(function(page).alias("row")).select("row.*")


def session(builder: SparkSession.Builder) -> SparkSession:
    """Returns a session that hands over pages in batches of moderate size."""
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", bindery_rows.BATCH)
    spark = builder.getOrCreate()
    spark.sparkContext.addPyFile(bindery_rows.__file__)
    return spark


def counts(rows: DataFrame) -> dict[str, int]:
    """Returns how many rows there are, failed, and have warnings and losses, by kind."""
    names = ["error", "error_kind", "warnings", "losses"]
    events = f.udf(lambda *values: bindery_rows.events(dict(zip(names, values))), ArrayType(StringType()))
    counted = rows.select(f.explode(events(*names)).alias("what")).groupBy("what").count()
    return {row["what"]: row["count"] for row in counted.collect()}


def main() -> None:
    pattern, folder = sys.argv[1:]
    spark = session(SparkSession.builder.appName("bindery"))
    converted(spark, pattern).write.mode("overwrite").parquet(f"{folder}/parquet")
    written = spark.read.parquet(f"{folder}/parquet")
    written.write.mode("overwrite").json(f"{folder}/jsonl")
    for what, count in sorted(counts(written).items()):
        print(f"{count:12} {what}")


if __name__ == "__main__":
    main()
