"""Extraction with real servers, by the loader's own key and role."""

import datetime as dt
import io
import itertools
import threading
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from exchange import Exchange, hang_up
from minio import Minio
from pipeline_shared.log import new_run_id
from places import FIRST, HOUR, NOWHERE, PlaceOf, extracted, of_source, with_table

from conf.base import Place
from metadata.core import object_of, run_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract import core
from pipeline_dataops.extract.core import extract
from pipeline_dataops.warehouse import warehouse
from schema.base import arrow_schema

pytestmark = pytest.mark.usefixtures("no_runs")
RAW = "dataops-staging-raw"


@pytest.fixture
def place(place_of: PlaceOf, api: Exchange) -> Place:
    return of_source(place_of("loader"), api.url)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline_dataops.objects.time.sleep", lambda _: None)
    monkeypatch.setattr("pipeline_dataops.extract.http_source.time.sleep", lambda _: None)


def keys(root: Minio) -> set[str]:
    return {str(each.object_name) for each in root.list_objects(RAW, recursive=True)}


def rows_of(root: Minio, key: str, version: str) -> Any:
    answer = root.get_object(RAW, key, version_id=version)
    try:
        return pq.read_table(io.BytesIO(answer.read()))
    finally:
        answer.close()


def test_rows_become_one_locked_object_that_says_where_it_comes_from(place: Place, api: Exchange, root: Minio) -> None:
    found = extract(place, run_id := new_run_id())
    assert found.stored is not None
    stored = found.stored
    with warehouse(place.postgres) as connection:
        assert object_of(connection, run_id, "raw") == stored
        run = run_of(connection, run_id)
    assert run is not None
    moment = f"{run.started_at:%Y-%m-%d:%H:%M:%S}:{run.started_at.microsecond // 1000:03}"
    assert stored.object_key == f"binance/raw_binance_btcusdt_spot/created_at={moment}"
    assert (run.cursor_from, run.cursor_to) == ("2025-01-01T00:00:00+00:00", "2025-01-01T02:00:00+00:00")
    table = rows_of(root, stored.object_key, stored.version_id)
    assert (table.num_rows, stored.rows) == (120, 120)
    said = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
    assert said["run_id"] == run_id
    assert said["source"] == f"{api.url}?symbol=BTCUSDT&interval=1m"
    assert said["code_version"] == run.code_version != ""
    assert root.get_object_retention(RAW, stored.object_key, stored.version_id) is not None
    assert list(place.data.iterdir()) == []


def test_each_run_begins_where_the_last_one_ended(place: Place) -> None:
    runs = [extracted(place) for _ in range(3)]
    with warehouse(place.postgres) as connection:
        windows = [(run.cursor_from, run.cursor_to) for each in runs if (run := run_of(connection, each))]
    hours = [(FIRST + number * HOUR).isoformat() for number in range(0, 7, 2)]
    assert windows == list(itertools.pairwise(hours))


def test_where_no_whole_hour_has_passed_nothing_is_stored(place: Place, api: Exchange, root: Minio) -> None:
    now = dt.datetime.now(dt.UTC)
    hour = now.replace(minute=0, second=0, microsecond=0)
    soon = {"cursor": "open_time", "first": hour, "align": "1h", "at_most": "2h"}
    before = keys(root)
    found = extract(of_source(place, api.url, incremental=soon), new_run_id())
    assert str(found).startswith("nothing to extract: no whole span of 1:00:00 has passed since")
    assert (keys(root), api.asked) == (before, [])


def test_a_run_that_failed_leaves_no_gap(place: Place, api: Exchange) -> None:
    api.change = lambda rows: [row[:-1] for row in rows]
    with pytest.raises(StepError, match="has 11 values"):
        extracted(place)
    api.change = lambda rows: rows
    with warehouse(place.postgres) as connection:
        run = run_of(connection, extracted(place))
    assert run is not None
    assert run.cursor_from == FIRST.isoformat()


def test_a_run_that_is_extracted_already_is_not_extracted_again(place: Place, api: Exchange, root: Minio) -> None:
    first = extract(place, run_id := new_run_id())
    asked, before = len(api.asked), keys(root)
    second = extract(place, run_id)
    assert (second.stored, second.said) == (first.stored, "was extracted already")
    assert (len(api.asked), keys(root)) == (asked, before)


def test_an_object_that_was_put_and_not_recorded_is_found_by_the_same_run(
    place: Place, root: Minio, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = keys(root)

    def cut_off(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(core, "record_object", cut_off)
        with pytest.raises(KeyboardInterrupt):
            extract(place, run_id := new_run_id())
    (key,) = keys(root) - before
    found = extract(place, run_id)
    assert found.stored is not None
    assert (found.stored.object_key, found.said) == (key, "was stored already, recorded now")
    assert len(keys(root) - before) == 1
    assert rows_of(root, key, found.stored.version_id).num_rows == found.stored.rows == 120


def test_a_run_that_was_cut_off_before_its_object_takes_the_same_window_of_the_same_source(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    incremental = {"cursor": "open_time", "first": FIRST, "align": "1h", "at_most": "2h"}
    elsewhere = {"url": "http://127.0.0.1:1/klines", "step": "1m", "incremental": incremental}

    def cut_off(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline_dataops.extract.core._put", cut_off)
        with pytest.raises(KeyboardInterrupt):
            extract(place, run_id := new_run_id())
    with pytest.raises(StepError, match=r"began with .*, and the source is http://127.0.0.1:1/klines"):
        extract(with_table(place, source={**place.table.source.model_dump(), **elsewhere}), run_id)
    extracted(place)
    found = extract(place, run_id)
    with warehouse(place.postgres) as connection:
        run = run_of(connection, run_id)
    assert run is not None
    assert (found.said, run.cursor_from) == ("extracted", FIRST.isoformat())


def test_a_file_of_another_kind_than_a_table_may_have_is_named(place_of: PlaceOf) -> None:
    place = place_of("loader", SOURCE_FILE="rows.txt")
    with pytest.raises(StepError, match=r"SOURCE_FILE: rows.txt: must end in .csv or .parquet"):
        extract(with_table(place, source={"kind": "file", "path": "rows.csv"}), new_run_id())


def test_two_runs_of_one_millisecond_have_an_object_each(
    place: Place, root: Minio, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> "Clock":
            return cls(2031, 2, 3, 4, 5, 6, 999_000, tzinfo=tz)

    monkeypatch.setattr(core, "dt", SimpleNamespace(**{**vars(dt), "datetime": Clock}))
    before = keys(root)
    for _ in range(2):
        extracted(place)
    names = sorted(key.rpartition("created_at=")[2] for key in keys(root) - before)
    assert names == ["2031-02-03:04:05:06:999", "2031-02-03:04:05:07:000"]


def test_a_source_without_rows_ends_without_an_object_unless_that_is_right(
    place: Place, api: Exchange, root: Minio
) -> None:
    api.change = lambda _: []
    before = keys(root)
    with pytest.raises(StepError, match=r"symbol=BTCUSDT&interval=1m, 2025-01-01.*: has no row, so there is no object"):
        extracted(place)
    assert keys(root) == before
    found = extract(of_source(place, api.url, allow_empty=True), new_run_id())
    assert found.stored is not None
    assert found.stored.rows == 0


def test_two_extractions_of_a_table_at_once_do_not_take_the_same_rows(place: Place, api: Exchange) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(request: Any) -> None:
        begun.set()
        go_on.wait(20)
        hang_up(request)

    api.faults = [slow]
    first = threading.Thread(target=extracted, args=(place,))
    first.start()
    assert begun.wait(20)
    try:
        with pytest.raises(StepError, match="another extraction of raw_binance_btcusdt_spot is under way"):
            extracted(place)
    finally:
        go_on.set()
        first.join()
    assert extract(place, new_run_id()).stored is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"MINIO_ENDPOINT": NOWHERE},
            r"MinIO at 127.0.0.1:1 can't be reached: .*; run this step again",
        ),
        ({"MINIO_SECRET_KEY": "wrong-key-of-the-loader"}, r"the server refuses it: SignatureDoesNotMatch"),
        ({"PG_PORT": "1"}, r"PostgreSQL at 127.0.0.1:1: .*refused.*; run this step again when it answers"),
        ({"PG_PASSWORD": "wrong"}, r"PostgreSQL at 127.0.0.1:\d+: .*password authentication failed"),
    ],
    ids=["MinIO down", "wrong key", "PostgreSQL down", "wrong password"],
)
def test_a_server_that_is_away_or_refuses_is_one_sentence(
    place_of: PlaceOf, api: Exchange, change: dict[str, str], said: str
) -> None:
    place = of_source(place_of("loader", **change), api.url)
    with pytest.raises(StepError, match=said) as refused:
        extracted(place)
    assert "\n" not in str(refused.value)
    assert not place.data.exists() or list(place.data.iterdir()) == []


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("validator", "role dataops_validator may not do this: permission denied for table runs"),
        ("consumer", "role dataops_consumer may not do this: permission denied for schema staging"),
    ],
)
def test_another_steps_login_can_not_extract(place_of: PlaceOf, api: Exchange, login: str, said: str) -> None:
    with pytest.raises(StepError, match=said):
        extracted(of_source(place_of(login), api.url))


def test_the_transformers_key_can_not_write_raw_objects(place_of: PlaceOf, api: Exchange) -> None:
    with pytest.raises(StepError, match=r"the server refuses it(?: \(403\))?: AccessDenied"):
        extracted(of_source(place_of("transformer"), api.url))


def test_a_table_of_no_migration_is_refused(place: Place) -> None:
    with pytest.raises(StepError, match=r"Key \(table_name\)=\(raw_other\) is not present.*; make the table by"):
        extracted(with_table(place, table="raw_other"))


def test_a_file_is_taken_as_a_whole_and_the_same_one_again_is_nothing_new(place: Place, root: Minio) -> None:
    file = place.data / "candles.csv"
    header = ",".join(arrow_schema(place.schema.raw).names)
    row = "2025-01-01 01:00:00+01:00,1,2,0.5,1.5,10,2025-01-01 00:00:59.999Z,15,7,5,7.5"
    file.write_text(f"{header}\n{row}\n")
    of_file = with_table(place, source={"kind": "file", "path": str(file)})
    found = extract(of_file, new_run_id())
    assert found.stored is not None
    (read,) = rows_of(root, found.stored.object_key, found.stored.version_id).to_pylist()
    assert read["open_time"] == FIRST
    before = keys(root)
    again = extract(of_file, new_run_id())
    assert (again.stored, keys(root)) == (None, before)
    assert str(again).startswith(f"nothing to extract: the last run took the same file, file {file} sha256:")
    file.write_text(f"{header}\n{row}\n{row}\n")
    assert extract(of_file, new_run_id()).stored is not None
