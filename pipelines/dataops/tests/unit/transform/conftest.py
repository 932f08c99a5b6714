"""What tests of a transformation have: its steps on rows of their own."""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from conf.transform.base import TransformConf
from pipeline_dataops.engines import Engine
from pipeline_dataops.transform.steps import Plan, transformed

Steps = Callable[..., tuple[list[dict[str, Any]], dict[str, int]]]


@pytest.fixture
def steps(engine: Engine, table: Callable[[pa.Table], ir.Table]) -> Steps:
    """Carry out the steps of a YAML on columns; every column that comes out is answered."""

    def run(
        conf: dict[str, Any], wanted: dict[str, str], *partners: pa.Table, function: Any = None, **columns: Any
    ) -> tuple[list[dict[str, Any]], dict[str, int]]:
        schema = ibis.schema(wanted)
        plan = Plan(TransformConf.model_validate(conf), ["id"], schema, [next(iter(schema))], function)
        made, counts = transformed(table(pa.table(columns)), [table(each) for each in partners], plan, engine.ask)
        return [row for batch in engine.batches(made) for row in batch.to_pylist()], counts

    return run
