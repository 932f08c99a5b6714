"""A table of another database as source, by a login that may read and nothing else."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from pipeline_shared.settings import SettingsError
from places import FIRST, HOUR, PlaceOf, extracted, with_table

from conf.base import Place
from metadata.core import object_of, run_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.load.core import load
from pipeline_dataops.warehouse import warehouse

pytestmark = pytest.mark.usefixtures("no_runs")
SOURCE = {
    "kind": "postgres",
    "schema_name": "shop",
    "table": "candles",
    "incremental": {"cursor": "open_time", "first": FIRST, "align": "1h", "at_most": "2h"},
}
Connection = psycopg.Connection[Any]


@pytest.fixture
def shop(superuser: Connection) -> Iterator[Connection]:
    """A schema with candles, that nobody of the pipeline's own steps reads."""
    superuser.execute(
        """CREATE SCHEMA shop;
        CREATE TABLE shop.candles (open_time TIMESTAMPTZ, open NUMERIC, high NUMERIC, low NUMERIC, close NUMERIC,
            volume NUMERIC, close_time TIMESTAMPTZ, quote_volume NUMERIC, trades INT, taker_buy_base NUMERIC,
            taker_buy_quote NUMERIC);
        GRANT USAGE ON SCHEMA shop TO dataops_consumer;
        GRANT SELECT ON shop.candles TO dataops_consumer;
        INSERT INTO shop.candles SELECT '2025-01-01Z'::timestamptz + minute * interval '1 min', 1.5, 2, 1, 1.25, 10,
            '2025-01-01Z'::timestamptz + minute * interval '1 min', 15, 7, 5, 7.5
            FROM generate_series(239, 0, -1) AS minute"""
    )
    yield superuser
    superuser.execute("DROP SCHEMA shop CASCADE")


@pytest.fixture
def place(shop: Connection, place_of: PlaceOf, logins: dict[str, dict[str, str]]) -> Place:
    """The loader's place; to the source it logs in as `consumer`, which may read there and nothing else."""
    assert shop.info.status is not None
    login = {f"SOURCE_{name}": value for name, value in logins["consumer"].items() if name.startswith("PG_")}
    return with_table(place_of("loader", **login), source=SOURCE)


def test_rows_of_a_window_are_read_by_their_cursor_and_the_next_run_goes_on(place: Place) -> None:
    first, second = extracted(place), extracted(place)
    load(place, first)
    load(place, second)
    with warehouse(place.postgres) as connection:
        run, stored = run_of(connection, second), object_of(connection, second, "raw")
        found = connection.execute(
            """SELECT run_id, count(*), min(open_time), max(close) FROM staging.raw_binance_btcusdt_spot
            GROUP BY 1 ORDER BY 3"""
        ).fetchall()
    assert found == [(first, 120, FIRST, Decimal("1.25")), (second, 120, FIRST + 2 * HOUR, Decimal("1.25"))]
    assert run is not None
    assert stored is not None
    assert run.source.endswith("/dataops_db/shop.candles")
    assert place.postgres.password.get_secret_value() not in run.source
    assert (run.cursor_from, run.cursor_to) == (
        (FIRST + 2 * HOUR).isoformat(),
        (FIRST + dt.timedelta(hours=4)).isoformat(),
    )


@pytest.mark.parametrize(
    ("change", "back", "said"),
    [
        ("ADD COLUMN colour TEXT", "DROP COLUMN colour", "'colour' is not in the schema"),
        ("RENAME COLUMN low TO lows", "RENAME COLUMN lows TO low", r"'low' is missing \(is it 'lows' now\?\)"),
        (
            "ALTER COLUMN close_time TYPE TIMESTAMP",
            "ALTER COLUMN close_time TYPE TIMESTAMPTZ",
            "row 1: column close_time: .*is a time without zone",
        ),
    ],
)
def test_a_table_that_changed_is_refused_by_column(
    place: Place, shop: Connection, change: str, back: str, said: str
) -> None:
    shop.execute(f"ALTER TABLE shop.candles {change}".encode())
    try:
        with pytest.raises(StepError, match=f"dataops_db shop.candles.*{said}"):
            extracted(place)
    finally:
        shop.execute(f"ALTER TABLE shop.candles {back}".encode())


def test_a_value_that_is_no_number_is_refused_by_row(place: Place, shop: Connection) -> None:
    shop.execute("UPDATE shop.candles SET high = 'NaN' WHERE open_time = '2025-01-01 00:05Z'")
    try:
        with pytest.raises(StepError, match=r"row 6: column high: Decimal\('NaN'\): is no finite number"):
            extracted(place)
    finally:
        shop.execute("UPDATE shop.candles SET high = 2")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SOURCE_PG_PORT": "1"}, "PostgreSQL at 127.0.0.1:1: .*refused.*; run this step again when it answers"),
        ({"SOURCE_PG_PASSWORD": "wrong"}, "password authentication failed"),
        ({"SOURCE_PG_USER": "dataops_promoter"}, "password authentication failed"),
    ],
)
def test_a_source_that_is_away_or_refuses_is_one_sentence(
    place: Place, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], said: str
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StepError, match=said):
        extracted(place)


def test_a_login_that_is_missing_is_named(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_PG_PASSWORD")
    with pytest.raises(SettingsError, match="SOURCE_PG_PASSWORD: field required"):
        extracted(place)


def test_nothing_is_written_to_the_source(place: Place, shop: Connection) -> None:
    shop.execute(
        """CREATE TABLE shop.notes (at TIMESTAMPTZ); GRANT INSERT ON shop.notes TO dataops_consumer;
        CREATE FUNCTION shop.note() RETURNS BOOLEAN LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO shop.notes VALUES (now()); RETURN true; END $$;
        ALTER TABLE shop.candles RENAME TO more_candles;
        CREATE VIEW shop.candles AS SELECT * FROM shop.more_candles WHERE shop.note();
        GRANT SELECT ON shop.candles TO dataops_consumer"""
    )
    with pytest.raises(StepError, match="cannot execute INSERT in a read-only transaction"):
        extracted(place)
