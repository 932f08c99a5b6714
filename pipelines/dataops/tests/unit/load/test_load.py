"""A raw object's file, before any of its rows is loaded."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.raw_file import write_raw
from pipeline_dataops.load.raw_rows import BATCH_ROWS, differences, opened, rows_in

RUN = "20250911123456-abc123"
SCHEMA = pa.schema([pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False), pa.field("note", pa.string())])
MISSING = "b is missing, expected string"
NOON = dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC)


def _file(folder: Path, rows: int, **said: str) -> Path:
    table = pa.table({"at": [NOON] * rows, "note": [None] * rows}, schema=SCHEMA)
    write_raw([table], SCHEMA, {"run_id": RUN, **said}, folder / "raw.parquet")
    return folder / "raw.parquet"


def test_rows_are_what_extract_wrote_some_at_a_time(tmp_path: Path) -> None:
    file = _file(tmp_path, BATCH_ROWS + 1)
    with opened(file, RUN, SCHEMA, "s3://a/b") as reader:
        rows = rows_in(reader)
        assert next(rows) == (NOON, None)
        assert sum(1 for _ in rows) == BATCH_ROWS


@pytest.mark.parametrize("kept", [0, 4, 0.5, 0.99])
def test_a_file_that_was_written_in_part_is_refused(tmp_path: Path, kept: float) -> None:
    file = _file(tmp_path, 10)
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * kept) if kept < 1 else int(kept)])
    with pytest.raises(StepError, match=r"s3://a/b: is no whole Parquet file: .*; extract again"):
        _opened(file)


def test_another_runs_file_and_nobodys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=f"s3://a/b: is of run '20990101000000-aaaaaa'; expected: run {RUN}"):
        _opened(_file(tmp_path, 1, run_id="20990101000000-aaaaaa"))
    pq.write_table(pa.table({"at": [NOON]}), tmp_path / "raw.parquet")
    with pytest.raises(StepError, match="s3://a/b: was not written by this pipeline, it names no run"):
        _opened(tmp_path / "raw.parquet")


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"a": "int64", "b": "string"}, ""),
        ({"a": "int64"}, MISSING),
        ({"a": "int64", "b": "string", "c": "bool"}, "c (bool) is too many"),
        ({"a": "double", "b": "string"}, "a is double, expected int64"),
        (
            {"a": "double", "c": "bool"},
            "b is missing, expected string; c (bool) is too many; a is double, expected int64",
        ),
    ],
)
def test_all_columns_that_differ_are_named(found: dict[str, str], said: str) -> None:
    assert differences(found, {"a": "int64", "b": "string"}) == said


def _opened(file: Path) -> Any:
    with opened(file, RUN, SCHEMA, "s3://a/b") as reader:
        return list(rows_in(reader))
