"""Rows of a file: columns, zones and values are those of the schema, or the file is refused."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from conf.extract.base import FileSource
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.file_source import read_file

SCHEMA = pa.schema(
    [
        pa.field("at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("amount", pa.decimal128(38, 18), nullable=False),
        pa.field("share", pa.float64(), nullable=False),
        pa.field("note", pa.string()),
    ]
)
HEADER = "at,amount,share,note\n"
NOON = dt.datetime(2025, 7, 1, 12, tzinfo=dt.UTC)
Read = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def rows(content: str | bytes, name: str = "a.csv", **more: Any) -> list[dict[str, Any]]:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        source = FileSource(kind="file", path=str(file), **more)
        found: list[dict[str, Any]] = pa.concat_tables([SCHEMA.empty_table(), *read_file(source, SCHEMA)]).to_pylist()
        return found

    return rows


@pytest.fixture
def read_parquet(read: Read, tmp_path: Path) -> Read:
    def rows(table: pa.Table, **more: Any) -> list[dict[str, Any]]:
        pq.write_table(table, tmp_path / "made")
        return read((tmp_path / "made").read_bytes(), "a.parquet", **more)

    return rows


@pytest.mark.parametrize("text", ["2025-07-01 12:00:00Z", "2025-07-01T14:00:00+02:00", "2025-07-01 07:30:00-04:30"])
def test_a_time_with_a_zone_is_that_moment(read: Read, text: str) -> None:
    assert read(f"{HEADER}{text},1.000000000000000001,0.5,\n") == [
        {"at": NOON, "amount": Decimal("1.000000000000000001"), "share": 0.5, "note": ""}
    ]


def test_columns_may_have_another_order(read: Read) -> None:
    (row,) = read("note,share,amount,at\nx,1,2,2025-07-01 12:00:00Z\n")
    assert row == {"at": NOON, "amount": Decimal(2), "share": 1.0, "note": "x"}


def test_a_time_without_zone_is_refused_unless_the_tables_file_names_it(read: Read) -> None:
    text = f"{HEADER}2025-07-01 14:00:00,1,1,\n"
    with pytest.raises(StepError, match=r"a.csv: can't be read: .*time without zone: time_zone of the table's"):
        read(text)
    assert read(text, time_zone="Europe/Berlin")[0]["at"] == NOON


@pytest.mark.parametrize(
    ("text", "said"),
    [("2025-10-26 02:30:00", "is ambiguous"), ("2025-03-30 02:30:00", "doesn't exist")],
    ids=["the hour that comes twice", "the hour that is left out"],
)
def test_a_time_that_summer_time_makes_unclear_is_refused(read: Read, text: str, said: str) -> None:
    with pytest.raises(StepError, match=rf"a.csv: column at: .*{said}"):
        read(f"{HEADER}{text},1,1,\n", time_zone="Europe/Berlin")


ROW = "2025-07-01 12:00:00Z,1,1,x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"at,amount,share,note,colour\n{ROW},red\n",
            "'colour' is not in the schema; expected: at, amount",
        ),
        ("at,amount,note\n2025-07-01 12:00:00Z,1,x\n", "'share' is missing"),
        (f"at,amounts,share,note\n{ROW}\n", r"'amount' is missing \(is it 'amounts' now\?\); 'amounts' is not in"),
        (f"at,amount,share,note,note\n{ROW},y\n", "'note' is there twice"),
        (f"{HEADER}{ROW},y\n", "can't be read: .*Expected 4 columns, got 5"),
        (f"{HEADER}{ROW[:-2]}\n", "can't be read: .*Expected 4 columns, got 3"),
        (f"{HEADER}2025-07-01 12:00:00Z,NaN,1,x\n", "can't be read: .*NaN"),
        (f"{HEADER}2025-07-01 12:00:00Z,1,NaN,x\n", "column share has a value that is no finite number"),
        (f"{HEADER}2025-07-01 12:00:00Z,1,-inf,x\n", "column share has a value that is no finite number"),
        (f"{HEADER}2025-07-01 12:00:00Z,,1,x\n", "column amount has no value, and must have one"),
        (f"{HEADER}2025-07-01 12:00:00Z,1,1,a\0b\n", "column note has a NUL character"),
        (f"{HEADER}yesterday,1,1,x\n", "can't be read: .*yesterday"),
        ("", "can't be read: Empty CSV file"),
    ],
)
def test_a_file_of_another_form_is_refused_by_column(read: Read, text: str, said: str) -> None:
    with pytest.raises(StepError, match=f"a.csv.*: .*{said}"):
        read(text)


def test_text_that_is_no_utf_8_is_refused(read: Read) -> None:
    with pytest.raises(StepError, match=r"can't be read: .*UTF8"):
        read(HEADER.encode() + b"2025-07-01 12:00:00Z,1,1,\xff\xfe\n")


def test_a_file_without_rows_has_none(read: Read) -> None:
    assert read(HEADER) == []


def test_hostile_text_stays_as_it_is(read: Read) -> None:
    notes = ['=HYPERLINK("x")', "'; DROP TABLE a; --", "\x1b[2J", "a, b"]
    text = "".join('2025-07-01 12:00:00Z,1,1,"{}"\n'.format(note.replace('"', '""')) for note in notes)
    assert [row["note"] for row in read(HEADER + text)] == notes


def _table(**columns: Any) -> pa.Table:
    given = {
        "at": pa.array([NOON], pa.timestamp("ms", tz="Europe/Berlin")),
        "amount": pa.array([Decimal("1.5")], pa.decimal128(10, 2)),
        "share": pa.array([1.0], pa.float64()),
        "note": pa.array([None], pa.string()),
    }
    return pa.table(given | columns)


def test_parquet_of_narrower_types_is_read_without_loss(read_parquet: Read) -> None:
    assert read_parquet(_table()) == [{"at": NOON, "amount": Decimal("1.5"), "share": 1.0, "note": None}]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"at": pa.array([NOON.replace(tzinfo=None)], pa.timestamp("us"))}, "column at: has times without zone"),
        ({"at": pa.array([1], pa.timestamp("ns", tz="UTC"))}, "can't be read: .*lose data"),
        ({"amount": pa.array([1.5], pa.float64())}, "column amount: is double, which holds no exact amounts"),
        ({"share": pa.array([float("inf")])}, "column share has a value that is no finite number"),
        ({"colour": pa.array(["red"])}, "'colour' is not in the schema"),
    ],
)
def test_parquet_of_other_types_is_refused_by_column(read_parquet: Read, columns: dict[str, Any], said: str) -> None:
    with pytest.raises(StepError, match=f"a.parquet: {said}|a.parquet: .*{said}"):
        read_parquet(_table(**columns))


def test_half_a_parquet_file_is_refused(read: Read, tmp_path: Path) -> None:
    pq.write_table(_table(), tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    with pytest.raises(StepError, match=r"a.parquet: can't be read: "):
        read(content[: len(content) // 2], "a.parquet")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"b.csv: can't be read: .*No such file"):
        list(read_file(FileSource(kind="file", path=str(tmp_path / "b.csv")), SCHEMA))
