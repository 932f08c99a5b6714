"""What tests of a validation have: rows as the step judges them."""

from collections.abc import Callable
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from judging import NOW, JudgedOf
from pipeline_dataops.engines import Engine
from pipeline_dataops.validate.expectations import Judged


@pytest.fixture
def judged(engine: Engine, table: Callable[[pa.Table], ir.Table]) -> JudgedOf:
    """Rows with a key `id`, as the step has them."""

    def make(reference: dict[str, Any] | None = None, **columns: Any) -> Judged:
        rows = {"id": list(range(len(next(iter(columns.values()))))), **columns}
        return Judged(table(pa.table(rows)), ["id"], NOW, engine.ask, engine.rows, reference, "no run before passed")

    return make
