"""Transformation on real servers, by the key of the transformer and the role of the loader."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pyarrow.parquet as pq
import pytest
from candles import START, PlaceOf, candles, raw_run
from minio import Minio
from places import NOWHERE, with_table
from stops import stopped_at

from metadata.core import object_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform import core
from pipeline_dataops.transform.core import transform
from pipeline_dataops.validate.core import validate
from pipeline_dataops.warehouse import warehouse

pytestmark = pytest.mark.usefixtures("no_runs")
BUCKET = "dataops-staging-transformed"
ROWS = "staging.processed_binance_btcusdt_spot"
Superuser = psycopg.Connection[tuple[Any, ...]]


def judged(place_of: PlaceOf, **columns: Any) -> str:
    """A run of four hours that passed round 1."""
    run_id = raw_run(place_of, candles(place_of("loader"), **columns))
    validate(place_of("validator"), run_id, 1)
    return run_id


def keys(root: Minio) -> set[str]:
    return {str(each.object_name) for each in root.list_objects(BUCKET, prefix="binance/", recursive=True)}


def test_judged_rows_become_hours_as_an_object_and_in_the_warehouse(
    place_of: PlaceOf, root: Minio, superuser: Superuser
) -> None:
    run_id = judged(place_of)
    made = transform(place_of("transformer"), run_id).stored
    assert made.object_key.startswith("binance/processed_binance_btcusdt_spot/created_at=")
    content = root.get_object(BUCKET, made.object_key, version_id=made.version_id).read()
    with pq.ParquetFile(io.BytesIO(content)) as file:
        table, said = file.read(), file.metadata.metadata
    assert table.column("open_time").to_pylist() == [START + dt.timedelta(hours=number) for number in range(4)]
    assert table.column("candles").to_pylist() == [60] * 4
    assert said[b"run_id"].decode() == run_id
    counts = json.loads(said[b"counts"])
    assert [counts[each] for each in ("in", "missing", "duplicates", "outliers", "unmatched", "out")] == [
        240,
        0,
        0,
        0,
        0,
        4,
    ]
    query = f"SELECT {', '.join(table.column_names)} FROM {ROWS} WHERE run_id = %s ORDER BY 1"
    rows = superuser.execute(query.encode(), [run_id]).fetchall()
    assert rows == [tuple(row.values()) for row in table.to_pylist()]


def test_what_is_done_is_not_done_again(place_of: PlaceOf, root: Minio, superuser: Superuser) -> None:
    run_id = judged(place_of)
    first = transform(place_of("transformer"), run_id)
    changed = f"SELECT max(updated_at) FROM {ROWS}".encode()
    before = keys(root), superuser.execute(changed).fetchone()
    assert transform(place_of("transformer"), run_id) == first
    assert (keys(root), superuser.execute(changed).fetchone()) == before


def test_after_an_end_between_object_and_rows_the_same_object_gets_its_rows(
    place_of: PlaceOf, root: Minio, superuser: Superuser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(*_: Any) -> NoReturn:
        raise StepError("ended")

    run_id = judged(place_of)
    before = keys(root)
    with monkeypatch.context() as patched:
        patched.setattr(core, "_bring", ended)
        with pytest.raises(StepError, match="ended"):
            transform(place_of("transformer"), run_id)
    with warehouse(place_of("transformer").postgres) as connection:
        assert object_of(connection, run_id, "transformed") is None
    assert transform(place_of("transformer"), run_id).stored.rows == 4
    assert len(keys(root) - before) == 1
    found = superuser.execute(f"SELECT count(*) FROM {ROWS} WHERE run_id = %s".encode(), [run_id]).fetchone()
    assert found == (4,)


def test_a_later_run_of_the_same_hours_replaces_rows_and_doubles_none(place_of: PlaceOf, superuser: Superuser) -> None:
    for trades in (1, 2):
        run_id = judged(place_of, trades=[trades] * 240)
        transform(place_of("transformer"), run_id)
    found = superuser.execute(f"SELECT run_id, trades, count(*) FROM {ROWS} GROUP BY 1, 2".encode()).fetchall()
    assert found == [(run_id, 120, 4)]


def test_raw_rows_that_nobody_judged_or_that_failed_are_not_transformed(place_of: PlaceOf) -> None:
    table = candles(place_of("loader"))
    unjudged = raw_run(place_of, table)
    with pytest.raises(StepError, match="has no verdict of round 1; validate --round 1 comes first"):
        transform(place_of("transformer"), unjudged)
    failed = raw_run(place_of, candles(place_of("loader"), trades=[-1] * 240))
    with pytest.raises(StepError, match=r"round 1 of run .* failed"):
        validate(place_of("validator"), failed, 1)
    with pytest.raises(StepError, match=r"did not pass round 1: s3://dataops-staging-raw/reports/.* says why"):
        transform(place_of("transformer"), failed)
    with pytest.raises(StepError, match="there is no run 20250101000000-abcdef"):
        transform(place_of("transformer"), "20250101000000-abcdef")


def test_a_table_of_the_warehouse_can_be_the_partner_of_a_join(place_of: PlaceOf, superuser: Superuser) -> None:
    run_id = judged(place_of)
    superuser.execute(
        "CREATE TABLE IF NOT EXISTS staging.calendar (at TIMESTAMPTZ PRIMARY KEY, name TEXT, big BOOLEAN);"
        "GRANT SELECT ON staging.calendar TO dataops_loader; TRUNCATE staging.calendar;"
        "INSERT INTO staging.calendar SELECT open_time, '', trades > 50 FROM staging.raw_binance_btcusdt_spot"
    )
    place = place_of("transformer")
    given = place.table.transform.model_dump(by_alias=True, exclude_unset=True)
    columns = {"at": "timestamp", "name": "string", "big": "boolean"}
    given["join"] = [
        *given["join"],
        {"with": {"table": "calendar", "columns": columns}, "how": "inner", "keys": {"open_time": "at"}},
    ]
    given["aggregate"]["by"] = [*given["aggregate"]["by"], "name"]
    assert transform(with_table(place, transform=given), run_id).stored.rows == 4


def test_hostile_text_of_a_partner_stays_text(
    place_of: PlaceOf, superuser: Superuser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hostile = "'; DROP TABLE staging.runs; --\x1b[31m=cmd()\\.\n\"<b>\t\\N"
    cell = hostile.replace('"', '""')
    lines = f'symbol,base_asset,quote_asset,tick_size\nBTCUSDT,"{cell}",USDT,0.01\n'
    (tmp_path / "binance_symbols.csv").write_text(lines, newline="")
    monkeypatch.setattr(core, "TABLES", tmp_path)
    transform(place_of("transformer"), judged(place_of))
    assert superuser.execute(f"SELECT DISTINCT base_asset FROM {ROWS}".encode()).fetchall() == [(hostile,)]


HEAD = "symbol,base_asset,quote_asset,tick_size\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("symbol,base_asset,quote_asset\nBTCUSDT,BTC,USDT\n", "isn't as with.columns says: .*tick_size"),
        (f"{HEAD}BTCUSDT,BTC,USDT,small\n", "isn't as with.columns says: .*small"),
        (f"{HEAD}BTCUSDT,BTC,USDT,1\nBTCUSDT,BTC,USDT,2\n", "has 1 keys more than once"),
        (None, "can't be read: No such file"),
    ],
)
def test_a_partner_that_is_missing_or_other_than_the_yaml_says_ends_the_step(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, rows: str | None, said: str
) -> None:
    if rows is not None:
        (tmp_path / "binance_symbols.csv").write_text(rows)
    monkeypatch.setattr(core, "TABLES", tmp_path)
    run_id = judged(place_of)
    with pytest.raises(StepError, match=f"binance_symbols.csv {said}"):
        transform(place_of("transformer"), run_id)


def test_servers_that_are_away_and_keys_of_others_are_said_and_nothing_is_recorded(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline_dataops.objects.time.sleep", lambda _: None)
    run_id = judged(place_of)
    for login, more, said in (
        ("transformer", {"MINIO_ENDPOINT": NOWHERE}, f"MinIO at {NOWHERE} can't be reached"),
        ("transformer", {"PG_PORT": "1"}, "PostgreSQL at 127.0.0.1:1"),
        ("transformer", {"MINIO_SECRET_KEY": "no such secret"}, "the server refuses it"),
        ("loader", {}, r"s3://dataops-staging-transformed/.*: the server refuses it"),
        ("consumer", {}, "role dataops_consumer may not do this"),
    ):
        with pytest.raises(StepError, match=said):
            transform(place_of(login, **more), run_id)
    with warehouse(place_of("transformer").postgres) as connection:
        assert object_of(connection, run_id, "transformed") is None


@pytest.mark.parametrize("point", ["partner_file", "transformed", "write_result", "_put", "_bring"])
def test_sigterm_anywhere_leaves_nothing_half_done_and_the_same_run_goes_on(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch, superuser: Superuser, point: str
) -> None:
    run_id = judged(place_of)
    place = place_of("transformer")
    before = set(place.data.iterdir())
    with (
        stopped_at(monkeypatch, "pipeline_dataops.transform.core", point),
        pytest.raises(StepError, match=r"was asked to end \(SIGTERM\)"),
    ):
        transform(place, run_id)
    assert set(place.data.iterdir()) == before
    asked = f"SELECT count(*) FROM {ROWS} WHERE run_id = %s".encode()
    assert superuser.execute(asked, [run_id]).fetchone() == (0,)
    with warehouse(place.postgres) as connection:
        assert object_of(connection, run_id, "transformed") is None
    assert transform(place, run_id).stored.rows == 4
    assert superuser.execute(asked, [run_id]).fetchone() == (4,)
