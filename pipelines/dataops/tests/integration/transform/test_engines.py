"""One transformation on DuckDB and on Spark: the same rows, value by value."""

import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

import engine_cases
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[5]
SPARK = ROOT / ".bucketworks/pipelines/spark/bin/python"
FLOATS_DIFFER = 1e-12
"""Engines add floats in any order."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both engines have left what they made of the same cases."""
    folder = tmp_path_factory.mktemp("engines")
    engine_cases.main("duckdb", folder)
    subprocess.run(["sh", ROOT / "toolchain/pipelines.sh", "--spark"], check=True)
    env = {
        **os.environ,
        "PYTHONPATH": str(Path(engine_cases.__file__).parent),
        "DATAOPS_SPARK_MASTER": "local[2]",
        "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # a short life: it starts in half the time
    }
    done = subprocess.run(
        [SPARK, engine_cases.__file__, "spark", folder], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=FLOATS_DIFFER, abs_tol=FLOATS_DIFFER)
    return bool(one == other and type(one) is type(other))


@pytest.mark.parametrize("number", range(len(engine_cases.CASES)), ids=list(engine_cases.CASES))
def test_duckdb_and_spark_make_the_same_rows_of_the_same_yaml(results: Path, number: int) -> None:
    first, second = (pq.read_table(results / f"{name}-{number}.parquet") for name in ("duckdb", "spark"))
    assert first.schema.equals(second.schema)
    assert first.num_rows == second.num_rows > 0
    for row, other in zip(first.to_pylist(), second.to_pylist(), strict=True):
        assert {name: (value, other[name]) for name, value in row.items() if not alike(value, other[name])} == {}


def test_duckdb_and_spark_count_the_same_rows_in_each_step(results: Path) -> None:
    first, second = (json.loads((results / f"{name}.json").read_text()) for name in ("duckdb", "spark"))
    assert first == second
    assert all(first[0][each] > 0 for each in first[0]), "a step that has nothing to do proves nothing"
