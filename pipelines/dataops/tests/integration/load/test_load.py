"""Loading with real servers, by the loader's own key and role."""

import datetime as dt
import io
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandera.ibis as pi
import psycopg
import pyarrow as pa
import pytest
from exchange import Exchange
from ibis.expr import datatypes
from minio import Minio
from pipeline_shared.log import new_run_id
from places import FIRST, HOUR, NOWHERE, PlaceOf, extracted, of_source, with_schema, with_table
from psycopg.sql import SQL
from raw_objects import RAW, parquet, stored

from conf.base import Place
from metadata.core import object_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.load.core import load
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

pytestmark = pytest.mark.usefixtures("no_runs")
Rows = list[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline_dataops.objects.time.sleep", lambda _: None)


@pytest.fixture
def place(place_of: PlaceOf, api: Exchange) -> Place:
    return of_source(place_of("loader"), api.url)


def asked(place: Place, query: str) -> Rows:
    with warehouse(place.postgres) as connection:
        return connection.execute(query.encode()).fetchall()


def test_all_rows_of_the_object_are_in_staging_with_their_run_and_times(place: Place) -> None:
    run_id = extracted(place)
    assert str(load(place, run_id)).startswith(f"loaded: 120 rows of run {run_id} in")
    found = asked(place, "SELECT open_time, open, run_id, created_at, updated_at FROM staging.raw_binance_btcusdt_spot")
    assert len(found) == 120
    assert {row[2] for row in found} == {run_id}
    assert min(row[0] for row in found) == FIRST
    assert all(isinstance(row[1], Decimal) and row[3] == row[4] for row in found)


def test_loading_a_run_again_changes_nothing_and_says_so(place: Place) -> None:
    run_id = extracted(place)
    load(place, run_id)
    before = asked(place, "SELECT * FROM staging.raw_binance_btcusdt_spot ORDER BY 1")
    assert str(load(place, run_id)).startswith(f"was loaded already: 120 rows of run {run_id}")
    assert asked(place, "SELECT * FROM staging.raw_binance_btcusdt_spot ORDER BY 1") == before


def test_two_loads_of_a_run_at_once_are_one(place: Place, superuser: psycopg.Connection[Any]) -> None:
    run_id = extracted(place)
    others = [replace(place, data=place.data / name) for name in "ab"]
    loads = [threading.Thread(target=load, args=(each, run_id)) for each in others]
    table = "staging.raw_binance_btcusdt_spot"
    waiting = b"SELECT count(*) FROM pg_locks WHERE NOT granted"
    with superuser.transaction():
        superuser.execute("LOCK TABLE staging.raw_binance_btcusdt_spot IN SHARE MODE")  # readers go on, writers wait
        for each in loads:
            each.start()
        while superuser.execute(waiting).fetchall() != [(2,)]:
            assert all(each.is_alive() for each in loads)
    for each in loads:
        each.join()
    found = asked(place, f"SELECT run_id, created_at = updated_at, count(*) FROM {table} GROUP BY 1, 2")
    assert found == [(run_id, True, 120)]


def test_appending_adds_new_keys_and_updates_those_there_are(
    place: Place, api: Exchange, superuser: psycopg.Connection[Any]
) -> None:
    load(place, extracted(place))
    overlap = {"cursor": "open_time", "first": FIRST + HOUR, "align": "1h", "at_most": "2h"}
    api.change = lambda rows: [[*row[:4], "1.5", *row[5:]] for row in rows]
    superuser.execute("UPDATE staging.runs SET cursor_to = NULL")  # the window is taken again
    run_id = extracted(of_source(place, api.url, incremental=overlap))
    done = load(place, run_id).brought
    assert done is not None
    assert (done.added, done.changed, done.repeated) == (60, 60, 0)
    found = asked(place, "SELECT close = 1.5, created_at = updated_at, run_id FROM staging.raw_binance_btcusdt_spot")
    assert len(found) == 180
    assert [row[2] for row in found].count(run_id) == 120
    assert sorted(row[:2] for row in found) == [(False, True)] * 60 + [(True, False)] * 60 + [(True, True)] * 60


def test_an_older_run_is_not_loaded_over_a_newer_one_even_where_none_of_its_rows_is_left(
    place: Place, superuser: psycopg.Connection[Any]
) -> None:
    older = extracted(place)
    superuser.execute("UPDATE staging.runs SET cursor_to = NULL")  # the window is taken again
    late, newer = extracted(place), extracted(place)
    load(place, older)
    load(place, newer)
    superuser.execute("UPDATE staging.raw_binance_btcusdt_spot SET run_id = %s", [newer])
    assert load(place, older).brought is None
    with pytest.raises(StepError, match=f"run {late} was extracted before run {newer}, which is loaded already"):
        load(place, late)
    assert asked(place, "SELECT DISTINCT run_id FROM staging.raw_binance_btcusdt_spot") == [(newer,)]


def test_writing_leaves_the_rows_of_this_run_alone(place: Place) -> None:
    load(place, extracted(place))
    run_id = extracted(place)
    load(with_table(place, load={"mode": "write"}), run_id)
    found = asked(place, "SELECT DISTINCT run_id, count(*) FROM staging.raw_binance_btcusdt_spot GROUP BY 1")
    assert found == [(run_id, 120)]


def test_a_write_that_fails_leaves_the_rows_there_were(place: Place, superuser: psycopg.Connection[Any]) -> None:
    load(place, extracted(place))
    run_id = extracted(place)
    constraint = SQL("ALTER TABLE staging.raw_binance_btcusdt_spot ADD CONSTRAINT no CHECK (run_id <> {})")
    superuser.execute(constraint.format(run_id))
    try:
        with pytest.raises(StepError, match="violates check constraint"):
            load(with_table(place, load={"mode": "write"}), run_id)
    finally:
        superuser.execute("ALTER TABLE staging.raw_binance_btcusdt_spot DROP CONSTRAINT no")
    assert asked(place, "SELECT count(*) FROM staging.raw_binance_btcusdt_spot") == [(120,)]


def test_of_rows_with_one_key_the_last_is_loaded(place: Place) -> None:
    rows = [candle(0, "1"), candle(1, "2"), candle(0, "3")]
    run_id = new_run_id()
    stored(place, parquet(rows, arrow_schema(place.schema.raw), run_id), run_id)
    done = load(place, run_id).brought
    assert done is not None
    assert (done.added, done.repeated) == (2, 1)
    assert asked(place, "SELECT open::int FROM staging.raw_binance_btcusdt_spot ORDER BY open_time") == [(3,), (2,)]


def candle(minute: int, price: str) -> dict[str, Any]:
    moment = FIRST + dt.timedelta(minutes=minute)
    amounts = ("open", "high", "low", "close", "volume", "quote_volume", "taker_buy_base", "taker_buy_quote")
    return {"open_time": moment, "close_time": moment, "trades": 1, **{name: Decimal(price) for name in amounts}}


def test_of_an_object_that_was_put_again_the_recorded_version_is_loaded(place: Place, root: Minio) -> None:
    run_id = extracted(place)
    with warehouse(place.postgres) as connection:
        found = object_of(connection, run_id, "raw")
    assert found is not None
    root.put_object(RAW, found.object_key, io.BytesIO(b"forged"), 6)
    load(place, run_id)
    assert asked(place, "SELECT count(*) FROM staging.raw_binance_btcusdt_spot") == [(120,)]


@pytest.mark.parametrize("kind", ["half", "text", "another run's", "nobody's"])
def test_a_file_that_is_no_raw_object_of_this_run_is_refused(place: Place, kind: str) -> None:
    run_id = new_run_id()
    whole = parquet([candle(0, "1")], arrow_schema(place.schema.raw), run_id)
    content, said = {
        "half": (whole[: len(whole) // 2], "is no whole Parquet file"),
        "text": (b"open_time,open\n", "is no whole Parquet file"),
        "another run's": (
            parquet([candle(0, "1")], arrow_schema(place.schema.raw), "20250101000000-aaaaaa"),
            "is of run '20250101000000-aaaaaa'; expected",
        ),
        "nobody's": (parquet([candle(0, "1")], arrow_schema(place.schema.raw), None), "it names no run"),
    }[kind]
    stored(place, content, run_id)
    with pytest.raises(StepError, match=rf"s3://{RAW}/binance/raw/{run_id}\?versionId=.*{said}"):
        load(place, run_id)


def test_an_object_of_other_columns_is_refused_by_name(place: Place) -> None:
    run_id = new_run_id()
    schema = pa.schema([("open_time", pa.timestamp("us", tz="UTC")), ("open", pa.float64()), ("colour", pa.string())])
    stored(place, parquet([], schema, run_id), run_id)
    with pytest.raises(StepError) as refused:
        load(place, run_id)
    said = str(refused.value)
    assert "other columns than in the schema file: high is missing, expected decimal128(38, 18)" in said
    assert "colour (string) is too many" in said
    assert "open is double, expected decimal128(38, 18)" in said


@pytest.mark.parametrize(
    ("change", "back", "said"),
    [
        ("ADD COLUMN colour TEXT", "DROP COLUMN colour", r"colour \(text\) is too many"),
        ("ALTER COLUMN trades TYPE INT", "ALTER COLUMN trades TYPE BIGINT", "trades is integer, expected bigint"),
        ("RENAME COLUMN low TO lowest", "RENAME COLUMN lowest TO low", r"low is missing.*lowest \(numeric"),
    ],
)
def test_a_warehouse_table_of_other_columns_is_refused_by_name(
    place: Place, superuser: psycopg.Connection[Any], change: str, back: str, said: str
) -> None:
    run_id = extracted(place)
    superuser.execute(f"ALTER TABLE staging.raw_binance_btcusdt_spot {change}".encode())
    try:
        with pytest.raises(StepError, match=f"other columns than in the schema file: {said}"):
            load(place, run_id)
    finally:
        superuser.execute(f"ALTER TABLE staging.raw_binance_btcusdt_spot {back}".encode())


def test_a_run_without_raw_object_or_of_another_table_is_refused(place: Place) -> None:
    with pytest.raises(StepError, match="has no raw object; extract it first"):
        load(place, new_run_id())
    with pytest.raises(StepError, match="is one of table raw_binance_btcusdt_spot, not of raw_other"):
        load(with_table(place, table="raw_other"), extracted(place))


HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "'; DROP TABLE staging.runs; --",
    "\x1b[2J\x1b]0;title\x07",
    "a\n\\.\nb",
    '"quoted", and, commas',
    "\\N",
    "",
    "\u202eright to left",
]


@pytest.fixture
def notes(superuser: psycopg.Connection[Any]) -> Iterator[pi.DataFrameSchema]:
    """A table with a column of text, as a migration makes one."""
    superuser.execute(
        """CREATE TABLE staging.raw_notes (number BIGINT PRIMARY KEY, note TEXT NOT NULL, run_id TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL DEFAULT now(), updated_at TIMESTAMPTZ NOT NULL DEFAULT now());
        GRANT ALL ON staging.raw_notes TO dataops_loader;
        INSERT INTO staging.tables VALUES ('raw_notes', 'notes', 'processed_notes', '{number}')"""
    )
    yield pi.DataFrameSchema({"number": pi.Column(datatypes.int64), "note": pi.Column(datatypes.string)})
    superuser.execute(
        "DROP TABLE staging.raw_notes; TRUNCATE staging.runs CASCADE;"
        "DELETE FROM staging.tables WHERE table_name = 'raw_notes'"
    )


def test_hostile_text_is_data_and_nothing_else(place: Place, notes: pi.DataFrameSchema) -> None:
    of_notes = with_schema(with_table(place, table="raw_notes"), raw=notes, keys=("number",))
    run_id = new_run_id()
    rows = [{"number": number, "note": text} for number, text in enumerate(HOSTILE)]
    stored(of_notes, parquet(rows, arrow_schema(notes), run_id), run_id)
    load(of_notes, run_id)
    assert [row[0] for row in asked(place, "SELECT note FROM staging.raw_notes ORDER BY number")] == HOSTILE


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"MINIO_ENDPOINT": NOWHERE}, "MinIO at 127.0.0.1:1 can't be reached"),
        ({"MINIO_SECRET_KEY": "wrong-key-of-the-loader"}, "the server refuses it: SignatureDoesNotMatch"),
        ({"PG_PORT": "1"}, "PostgreSQL at 127.0.0.1:1: .*refused"),
        ({"PG_PASSWORD": "wrong"}, "password authentication failed"),
    ],
    ids=["MinIO down", "wrong key", "PostgreSQL down", "wrong password"],
)
def test_a_server_that_is_away_or_refuses_leaves_the_table_as_it_was(
    place: Place, place_of: PlaceOf, change: dict[str, str], said: str
) -> None:
    run_id = extracted(place)
    wrong = place_of("loader", **change)
    with pytest.raises(StepError, match=said):
        load(replace(place, minio=wrong.minio, postgres=wrong.postgres), run_id)
    assert asked(place, "SELECT count(*) FROM staging.raw_binance_btcusdt_spot") == [(0,)]
    assert list(place.data.iterdir()) == []


@pytest.mark.parametrize("login", ["validator", "promoter"])
def test_another_steps_role_can_not_load(place: Place, place_of: PlaceOf, login: str) -> None:
    run_id = extracted(place)
    other = place_of(login)
    with pytest.raises(StepError, match=f"role dataops_{login} may not do this: permission denied"):
        load(replace(place, postgres=other.postgres), run_id)
