"""Validation on real servers, by the validator's own key and role: what it says, stores and refuses."""

import threading
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
import pytest
from candles import PlaceOf, candles, raw_run
from minio import Minio
from places import NOWHERE, with_schema
from stops import stopped_at
from verdicts import expecting, page_of, report_of, verdict_of

from conf.base import Place
from metadata.core import Verdict, rows_digest
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform.core import transform
from pipeline_dataops.validate.core import validate
from pipeline_dataops.warehouse import warehouse

pytestmark = pytest.mark.usefixtures("no_runs")
Superuser = psycopg.Connection[tuple[Any, ...]]
ROWS = "staging.raw_binance_btcusdt_spot"


def failed(place: Place, run_id: str, root: Minio) -> dict[str, dict[str, Any]]:
    """Validate a run that fails; answers what failed, by what and where."""
    with pytest.raises(StepError, match=rf"round 1 of run {run_id} failed, so nothing follows it\nreport: s3://"):
        validate(place, run_id, 1)
    verdict = verdict_of(place, run_id)
    assert verdict is not None
    assert not verdict.passed
    results = report_of(root, verdict)["results"]
    return {f"{each['what']} {each['where']}": each for each in results if each["status"] == "failed"}


def test_both_rounds_of_good_data_pass_and_leave_verdicts_and_reports_beside_the_data(
    place_of: PlaceOf, root: Minio
) -> None:
    run_id = raw_run(place_of, candles(place_of("loader")))
    first = validate(place_of("validator"), run_id, 1).verdict
    made = transform(place_of("transformer"), run_id).stored
    place = place_of("validator")
    second = validate(place, run_id, 2).verdict
    assert [(each.passed, each.rows) for each in (first, second)] == [(True, 240), (True, 4)]
    assert second.object_version_id == made.version_id
    with warehouse(place.postgres) as connection:
        found = rows_digest(connection, "staging.processed_binance_btcusdt_spot", run_id)
    assert found == (second.rows, second.rows_digest)
    assert first.report_key == f"reports/binance/raw_binance_btcusdt_spot/run_id={run_id}/round-1.json"
    assert (first.report_bucket, second.report_bucket) == ("dataops-staging-raw", "dataops-staging-transformed")
    for verdict in (first, second):
        report = report_of(root, verdict)
        assert (report["passed"], report["run_id"], report["round"]) == (True, run_id, verdict.round)
        assert report["warehouse"]["digest"] == verdict.rows_digest
        assert report["object"]["version_id"] == verdict.object_version_id
        assert run_id in page_of(root, verdict)


@pytest.mark.parametrize("good", [True, False])
def test_a_verdict_that_is_there_is_said_and_not_made_again(place_of: PlaceOf, good: bool) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"), {"kind": "row_count", "most": 60 if good else 1})
    other = expecting(place, {"kind": "row_count", "most": 1 if good else 60})
    if good:
        first = validate(place, run_id, 1)
        again = validate(other, run_id, 1)
        assert (first.before, again.before, again.verdict) == (False, True, first.verdict)
        assert str(again).startswith("round 1 was judged already: passed: 60 rows")
        return
    with pytest.raises(StepError, match=rf"round 1 of run {run_id} failed, so"):
        validate(place, run_id, 1)
    with pytest.raises(StepError, match=r"failed \(judged already\)"):
        validate(other, run_id, 1)


def test_what_fails_is_in_the_report_with_rows_and_keys(place_of: PlaceOf, root: Minio) -> None:
    table = candles(place_of("loader"), 60, trades=[-1, -2, *[5] * 58])
    run_id = raw_run(place_of, table)
    place = expecting(place_of("validator"), {"kind": "range", "column": "trades", "low": 0, "high": 4})
    found = failed(place, run_id, root)
    assert set(found) == {"schema trades", "range trades"}
    assert found["schema trades"]["rows"] == 2
    assert [each["open_time"][:19] for each in found["schema trades"]["sample_keys"]] == [
        "2026-03-28 22:00:00",
        "2026-03-28 22:01:00",
    ]
    assert (found["range trades"]["rows"], found["range trades"]["value"]) == (60, "-2 to 5")


def test_a_fault_of_the_machine_makes_no_verdict_and_the_run_can_be_judged_again(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise duckdb.OutOfMemoryException("no room")

    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"))
    with monkeypatch.context() as patched:
        patched.setattr("pipeline_dataops.validate.core._checks", full)
        with pytest.raises(StepError, match="round 1 can't be judged, so there is no verdict: no room"):
            validate(place, run_id, 1)
    assert verdict_of(place, run_id) is None
    assert validate(place, run_id, 1).verdict.passed


def test_rows_that_are_not_those_of_the_object_stop_the_run(
    place_of: PlaceOf, root: Minio, superuser: Superuser
) -> None:
    place = expecting(place_of("validator"))
    table = candles(place_of("loader"), 60)
    changed, missing = (raw_run(place_of, table, loads=each) for each in (True, False))
    superuser.execute(f"UPDATE {ROWS} SET volume = volume + 0.000000000000000001 WHERE trades = 10".encode())
    found = failed(place, changed, root)
    assert set(found) == {'warehouse values in "staging"."raw_binance_btcusdt_spot"'}
    (values,) = found.values()
    assert (values["rows"], len(values["sample_keys"])) == (6, 5)
    with pytest.raises(StepError, match="isn't loaded yet, so there is no verdict"):
        validate(place, missing, 1)
    superuser.execute(b"INSERT INTO staging.loads (run_id) VALUES (%s)", [missing])
    superuser.execute(f"UPDATE {ROWS} SET run_id = %s WHERE trades <> 10".encode(), [missing])
    (found_rows,) = failed(place, missing, root).values()
    assert (found_rows["value"], found_rows["allowed"]) == (54, "60, one a key of the object")
    assert "a later run has replaced rows" in found_rows["said"]


def test_an_object_with_a_key_twice_agrees_with_the_one_row_that_was_loaded(place_of: PlaceOf) -> None:
    table = candles(place_of("loader"), 60)
    run_id = raw_run(place_of, pa.concat_tables([table, table.slice(0, 10)]))
    assert validate(expecting(place_of("validator")), run_id, 1).verdict.rows == 60


def test_an_object_without_rows_is_judged_by_what_is_expected_of_rows(place_of: PlaceOf, root: Minio) -> None:
    place = expecting(place_of("validator"))
    none = candles(place_of("loader"), 0)
    assert validate(place, raw_run(place_of, none), 1).verdict.rows == 0
    found = failed(place_of("validator"), raw_run(place_of, none), root)
    assert set(found) == {"row_count all rows", "freshness close_time"}


def test_a_half_written_parquet_file_fails_and_so_does_another_form(place_of: PlaceOf, root: Minio) -> None:
    place = expecting(place_of("validator"), {"kind": "row_count", "least": 1})
    table = candles(place_of("loader"), 60)
    half = raw_run(place_of, table, content=b"PAR1 and then the power went out", loads=False)
    (found,) = failed(place, half, root).values()
    assert found["allowed"] == "a whole Parquet file"
    renamed = table.rename_columns(["opened_at", *table.column_names[1:]])
    found_columns = failed(place, raw_run(place_of, renamed, loads=False), root)
    assert found_columns["schema opened_at"]["value"] == "is a column too many"
    assert found_columns["schema open_time"]["value"] == "is missing"


def test_a_run_is_compared_with_the_last_one_that_passed(place_of: PlaceOf, root: Minio) -> None:
    place = expecting(
        place_of("validator"),
        {"kind": "distribution", "column": "volume", "method": "ks", "at_most": 0.2, "severity": "alert"},
        {"kind": "correlation", "columns": ["volume", "trades"], "differs_at_most": 0.1, "severity": "alert"},
        {"kind": "row_count", "least_of_last": 0.9, "severity": "alert"},
        {"kind": "range", "column": "trades", "high": 1000},
    )
    loader = place_of("loader")
    first = raw_run(place_of, candles(loader))
    results = report_of(root, validate(place, first, 1).verdict)["results"]
    statuses = {each["what"]: each for each in results}
    assert {statuses[each]["status"] for each in ("distribution", "correlation", "row_count")} == {"not judged"}
    assert "no run before passed this round" in statuses["distribution"]["said"]
    failed(place, raw_run(place_of, candles(loader, 3, trades=[2000] * 3)), root)
    moved = candles(loader, 200, trades=[number % 7 for number in range(200)])
    moved = moved.set_column(5, "volume", candles(loader, 200).column("open").cast(pa.decimal128(38, 18)))
    report = report_of(root, validate(place, raw_run(place_of, moved), 1).verdict)
    assert report["reference"]["run_id"] == first
    statuses = {each["what"]: each for each in report["results"]}
    assert {statuses[each]["status"] for each in ("distribution", "correlation", "row_count")} == {"failed"}
    assert (statuses["row_count"]["allowed"], statuses["distribution"]["value"]) == ("from 216 to any", 1)


def test_two_validations_at_once_leave_one_verdict_and_agree_on_it(place_of: PlaceOf) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"))
    said: list[Verdict] = []
    threads = [threading.Thread(target=lambda: said.append(validate(place, run_id, 1).verdict)) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert said == [verdict_of(place, run_id)] * 2


def test_a_validation_that_ended_before_its_verdict_finds_its_report_again(
    place_of: PlaceOf, root: Minio, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = place_of("validator")
    with monkeypatch.context() as patched:
        patched.setattr("pipeline_dataops.validate.core.record_verdict", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            validate(place, run_id, 1)
    assert verdict_of(place, run_id) is None
    verdict = validate(place, run_id, 1).verdict
    prefix = verdict.report_key.rpartition("/")[0]
    there = root.list_objects(verdict.report_bucket, prefix=prefix, recursive=True, include_version=True)
    assert sorted(str(each.object_name).rpartition("/")[2] for each in there) == ["round-1.html", "round-1.json"]


def test_servers_that_are_away_and_keys_of_others_are_said_and_there_is_no_verdict(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline_dataops.objects.time.sleep", lambda _: None)
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    for login, more, said in (
        ("validator", {"MINIO_ENDPOINT": NOWHERE}, f"MinIO at {NOWHERE} can't be reached"),
        ("validator", {"PG_PORT": "1"}, "PostgreSQL at 127.0.0.1:1"),
        ("validator", {"MINIO_SECRET_KEY": "no such secret"}, "the server refuses it"),
        ("transformer", {"PG_USER": "dataops_loader"}, "may not do this: permission denied for function digest"),
        ("consumer", {}, "role dataops_consumer may not do this"),
    ):
        with pytest.raises(StepError, match=said):
            validate(place_of(login, **more), run_id, 1)
    assert verdict_of(place_of("validator"), run_id) is None
    with pytest.raises(StepError, match="has no transformed object; transform it first"):
        validate(place_of("validator"), run_id, 2)


def test_a_schema_file_that_has_changed_since_is_told_by_its_columns(place_of: PlaceOf, root: Minio) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = place_of("validator")
    raw = place.schema.raw.remove_columns(["taker_buy_quote"])
    found = failed(with_schema(expecting(place), raw=raw), run_id, root)
    assert found["schema taker_buy_quote"]["value"] == "is a column too many"


@pytest.mark.parametrize("point", ["fetch_rows", "profile", "_put", "record_verdict"])
def test_sigterm_anywhere_leaves_no_verdict_and_the_same_run_goes_on(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"))
    before = set(place.data.iterdir())
    with (
        stopped_at(monkeypatch, "pipeline_dataops.validate.core", point),
        pytest.raises(StepError, match=r"was asked to end \(SIGTERM\)"),
    ):
        validate(place, run_id, 1)
    assert set(place.data.iterdir()) == before
    assert verdict_of(place, run_id) is None
    assert not validate(place, run_id, 1).before
