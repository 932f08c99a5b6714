"""The engines that carry out a transformation: DuckDB inside this process, or Spark. Both reckon in UTC."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, Literal, TypeVar

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from conf.environment.base import Environment
from pipeline_dataops.errors import StepError
from pipeline_dataops.java import use_java

EngineName = Literal["duckdb", "spark"]
BATCH_ROWS = 100_000
_INTERRUPT_SECONDS = 0.05
T = TypeVar("T")


class Engine(ABC):
    """Reads Parquet files and carries out Ibis expressions."""

    faults: tuple[type[Exception], ...]
    """What it raises where rows don't fit an expression, or a file is none."""

    def __init__(self, backend: Any, folder: Path) -> None:
        self.backend = backend
        self.folder = folder

    def read(self, file: Path) -> ir.Table:
        """Answer a table over a Parquet file; nothing is read yet."""
        table: ir.Table = self.backend.read_parquet(str(file.resolve()))
        return table

    def ask(self, table: ir.Table) -> dict[str, Any]:
        """Answer a table of one row."""
        return self.rows(table)[0]

    def rows(self, table: ir.Table) -> list[dict[str, Any]]:
        """Answer a table of few rows."""
        found: list[dict[str, Any]] = self.carry_out(lambda: self.backend.to_pyarrow(table).to_pylist())
        return found

    def batches(self, table: ir.Table) -> Iterator[pa.RecordBatch]:
        """Let the engine write the rows to files in its folder, and read those, part by part, in their order."""
        parts = self.folder / "parts"
        self.carry_out(lambda: self.backend.to_parquet(table, str(parts.resolve())))
        for file in sorted(parts.glob("part-*.parquet")) if parts.is_dir() else [parts]:
            yield from pq.ParquetFile(file).iter_batches(BATCH_ROWS)

    def carry_out(self, work: Callable[[], T]) -> T:
        """Do what may take long."""
        return work()

    @abstractmethod
    def close(self) -> None:
        """Let go of memory, files and processes."""


class DuckDB(Engine):
    """DuckDB, embedded: no server. What has no room in memory goes to files in the folder."""

    faults = (duckdb.Error,)

    def __init__(self, folder: Path, memory: str) -> None:
        super().__init__(ibis.duckdb.connect(), folder)
        settings = {
            "TimeZone": "UTC",
            "memory_limit": memory,
            "temp_directory": str(folder / "duckdb"),
            "preserve_insertion_order": "false",
        }
        for name, value in settings.items():
            text = value.replace("'", "''")
            self.backend.raw_sql(f"SET {name} = '{text}'")

    def carry_out(self, work: Callable[[], T]) -> T:
        """Do it in a thread: this one hears a signal only while it isn't inside of DuckDB, and ends the query then."""
        with ThreadPoolExecutor(1) as pool:
            future = pool.submit(work)
            try:
                return future.result()
            except BaseException:
                # The query may not have begun yet.
                while not future.done():
                    self.backend.con.interrupt()
                    wait([future], _INTERRUPT_SECONDS)
                raise

    def close(self) -> None:
        """Close the connection."""
        self.backend.disconnect()


class Spark(Engine):
    """Spark: a cluster by SPARK_REMOTE (Spark Connect) or DATAOPS_SPARK_MASTER, else one in this machine.

    Spark reads and writes files in the folder, so every machine of a cluster must have it under the same path.
    """

    SETTINGS = {  # noqa: RUF012
        "spark.sql.session.timeZone": "UTC",
        # A difference of two decimals keeps their scale, as in DuckDB.
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    }

    def __init__(self, folder: Path, master: str) -> None:
        try:
            from pyspark.errors import PySparkException  # noqa: PLC0415 -- installed where it is used alone
            from pyspark.sql import SparkSession  # noqa: PLC0415
        except ImportError:
            raise StepError(
                "transform --engine spark: pyspark isn't installed; sh toolchain/pipelines.sh --spark does"
            ) from None
        builder = SparkSession.builder.appName("dataops-transform")
        if not os.environ.get("SPARK_REMOTE"):
            os.environ.pop("SPARK_REMOTE", None)  # an empty one is none
            use_java(folder)
            builder = builder.master(master).config("spark.ui.enabled", "false")
            builder = builder.config("spark.ui.showConsoleProgress", "false")
        if master.startswith("local"):
            builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
            builder = builder.config("spark.sql.shuffle.partitions", "4")
        for name, value in self.SETTINGS.items():
            builder = builder.config(name, value)
        self.faults = (PySparkException,)
        self._session = builder.getOrCreate()
        for name, value in self.SETTINGS.items():
            self._session.conf.set(name, value)  # a session that was there already has its own
        super().__init__(ibis.pyspark.connect(self._session), folder)

    def close(self) -> None:
        """End the session, and with it a cluster in this machine."""
        self._session.stop()


def engine(name: EngineName, folder: Path, environment: Environment) -> Engine:
    """Start an engine, with a folder for its files."""
    return DuckDB(folder, environment.duckdb_memory) if name == "duckdb" else Spark(folder, environment.spark_master)
