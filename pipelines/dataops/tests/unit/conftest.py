"""What tests without a server have: an engine of their own, and tables in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_dataops.engines import DuckDB, Engine

Tables = Callable[[pa.Table], ir.Table]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """DuckDB, as a step starts it."""
    started = DuckDB(tmp_path, "1GB")
    yield started
    started.close()


@pytest.fixture
def table(engine: Engine, tmp_path: Path) -> Tables:
    """Make a table of the engine from a Parquet file, as a step does."""
    made: list[Any] = []

    def make(rows: pa.Table) -> ir.Table:
        file = tmp_path / f"{len(made)}.parquet"
        made.append(file)
        pq.write_table(rows, file)
        return engine.read(file)

    return make
