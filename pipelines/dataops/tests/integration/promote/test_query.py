"""What a consumer gets: rows, objects and their lineage; whatever a text holds, and nothing that wasn't promoted."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from made_runs import Cli, Logins, Made, PlaceOf, RunOf
from minio import Minio

from pipeline_dataops.promote.core import promote

PRODUCTION = "dataops-production"
HOSTILE = '=cmd|"/c calc"!A1\x1b[31m\n; DROP TABLE production.promotions; --'


@pytest.fixture
def promoted(run_of: RunOf, place_of: PlaceOf) -> Made:
    """A promoted run of two hours."""
    run = run_of()
    promote(place_of("promoter"), run.run_id)
    return run


def test_rows_are_printed_newest_first_and_as_many_as_asked_for(promoted: Made, cli: Cli) -> None:
    only = f"run_id={promoted.run_id}"
    code, out, _ = cli("consumer", "query", "--where", only)
    lines = out.splitlines()
    assert (code, len(lines)) == (0, 3)
    assert [each.strip() for each in lines[0].split("|")][:3] == ["open_time", "day", "base_asset"]
    assert [line.split(" ")[0] for line in lines[1:]] == [_iso(promoted.hours[1]), _iso(promoted.hours[0])]
    assert len(cli("consumer", "query", "--where", only, "--limit", "1")[1].splitlines()) == 2


def test_json_has_exact_numbers_and_times_in_utc(promoted: Made, cli: Cli) -> None:
    said = json.loads(cli("consumer", "query", "--format", "json", "--where", f"run_id={promoted.run_id}")[1])
    assert (said["schemaVersion"], said["table"]) == (1, "processed_binance_btcusdt_spot")
    row = said["rows"][0]
    assert (row["open_time"], row["open"], row["trades"]) == (_iso(promoted.hours[1]), "93000.01", 7)


@pytest.mark.parametrize("zone", ["UTC", "America/Bogota"])
def test_a_time_without_zone_is_one_of_utc_whatever_the_machine_has(
    promoted: Made, cli: Cli, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("PGTZ", zone)
    plain = f"{promoted.hours[0]:%Y-%m-%d %H:%M}"
    assert len(cli("consumer", "query", "--where", f"open_time={plain}")[1].splitlines()) == 2


def test_hostile_text_in_a_row_is_printed_and_not_obeyed(run_of: RunOf, place_of: PlaceOf, cli: Cli) -> None:
    run = run_of(rows=1, base_asset=HOSTILE)
    promote(place_of("promoter"), run.run_id)
    out = cli("consumer", "query", "--where", f"run_id={run.run_id}")[1]
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2
    assert "\\x1b[31m\\n; DROP TABLE" in out
    said = cli("consumer", "query", "--format", "json", "--where", f"base_asset={HOSTILE}")[1]
    assert "\x1b" not in said
    assert json.loads(said)["rows"][0]["base_asset"] == HOSTILE


@pytest.mark.parametrize("value", ["' OR '1'='1", "'; DROP TABLE production.promotions; --", "%", "$1", "{}"])
def test_a_condition_is_a_value_and_no_sql(promoted: Made, cli: Cli, value: str) -> None:
    assert cli("consumer", "query", "--where", f"base_asset={value}")[1].count("\n") == 1
    assert cli("consumer", "query", "--where", f"run_id={promoted.run_id}")[1].count("\n") == 3


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--where", "nothing=1"], "--where 'nothing=1': must be COLUMN=VALUE, with a column of ['open_time',"),
        (["--where", "base_asset"], "--where 'base_asset': must be COLUMN=VALUE"),
        (["--where", '"; DROP TABLE x; --=1'], "must be COLUMN=VALUE"),
        (["--where", "trades=\x1b[31mmany"], 'invalid input syntax for type bigint: "\\x1b[31mmany"'),
        (["--where", "base_asset=a\x00b"], "contain NUL"),
        (["--where", "base_asset=a\udcffb"], "a value must be text in UTF-8"),
        (["--run-id", "yesterday"], "run id 'yesterday': must be a time and six of a-z and 0-9"),
        (["--object", "--where", "base_asset=BTC"], "leave one out"),
        (["--limit", "0"], "must be a whole number from 1 to 100000, got '0'"),
        (["--limit", "1e3"], "must be a whole number"),
    ],
)
def test_a_condition_that_nobody_can_mean_is_refused_as_wrong_use(cli: Cli, words: list[str], expected: str) -> None:
    code, out, err = cli("consumer", "query", *words)
    assert (code, out) == (2, "")
    assert expected in err
    assert "\x1b" not in err


def test_of_a_promoted_object_the_rows_of_the_catalogs_version_are_printed(promoted: Made, cli: Cli) -> None:
    code, out, _ = cli("consumer", "query", "--object", "--run-id", promoted.run_id)
    first, *table = out.splitlines()
    assert (code, len(table)) == (0, 3)
    assert first.startswith(f"object: s3://{PRODUCTION}/{promoted.object.object_key}?versionId=")
    said = json.loads(cli("consumer", "query", "--object", "--format", "json")[1])
    assert promoted.object.object_key in said["object"]
    assert [row["open_time"] for row in said["rows"]] == [_iso(each) for each in promoted.hours]


def test_of_a_run_its_own_rows_are_printed_and_no_other(run_of: RunOf, place_of: PlaceOf, cli: Cli) -> None:
    first, second = run_of(), run_of()
    for each in (first, second):
        promote(place_of("promoter"), each.run_id)
    rows = json.loads(cli("consumer", "query", "--run-id", first.run_id, "--format", "json")[1])["rows"]
    assert [row["run_id"] for row in rows] == [first.run_id] * 2


@pytest.mark.parametrize("more", [[], ["--object"]])
def test_a_run_that_was_not_promoted_or_is_of_another_table_is_refused(
    promoted: Made, cli: Cli, superuser: psycopg.Connection[Any], more: list[str]
) -> None:
    code, out, err = cli("consumer", "query", "--run-id", "20250101000000-zzzzzz", *more)
    assert (code, out) == (1, "")
    assert "run 20250101000000-zzzzzz was not promoted" in err
    superuser.execute("UPDATE production.promotions SET table_name = 'raw_other' WHERE run_id = %s", [promoted.run_id])
    code, out, err = cli("consumer", "query", "--run-id", promoted.run_id, *more)
    assert (code, out) == (2, "")
    assert f"run {promoted.run_id} is one of table raw_other, not of raw_binance_btcusdt_spot" in err


@pytest.mark.parametrize("command", ["lineage", "reconcile", "migration"])
def test_who_takes_no_run_refuses_its_id(cli: Cli, command: str) -> None:
    code, _, err = cli("consumer", command, "--run-id", "20250101000000-zzzzzz")
    assert code == 2
    assert "--run-id" in err


def test_an_object_that_was_put_over_is_refused_and_named_by_reconcile(
    promoted: Made, cli: Cli, root: Minio, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"nobody promoted this")
    put = root.fput_object(PRODUCTION, promoted.object.object_key, str(other))
    code, _, err = cli("consumer", "query", "--object", "--run-id", promoted.run_id)
    assert code == 1
    assert f"the object is another version now, {put.version_id}" in err
    code, out, _ = cli("consumer", "reconcile")
    assert code == 1
    assert f"another version: s3://{PRODUCTION}/{promoted.object.object_key}" in out
    root.remove_object(PRODUCTION, promoted.object.object_key, put.version_id)


def test_what_bucket_and_catalog_dont_agree_on_is_named_both_ways(
    promoted: Made, cli: Cli, root: Minio, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"x")
    root.fput_object(PRODUCTION, "nobodys\x1b[31m", str(other))
    root.remove_object(PRODUCTION, promoted.object.object_key)
    code, out, _ = cli("consumer", "reconcile")
    assert code == 1
    assert f"object without promotion: s3://{PRODUCTION}/nobodys\\x1b[31m\n" in out
    assert f"promotion without object: s3://{PRODUCTION}/{promoted.object.object_key}" in out
    said = json.loads(cli("consumer", "reconcile", "--format", "json")[1])["differences"]
    assert {"object without promotion", "promotion without object"} <= {each["kind"] for each in said}
    assert "promotion without object" not in cli("consumer", "reconcile", "--kept-days", "0")[1]


def test_runs_that_are_neither_promoted_nor_failed_are_listed_by_reconcile(
    promoted: Made, run_of: RunOf, cli: Cli
) -> None:
    half = run_of(rounds=(1,)).run_id
    said = f"unfinished run, neither promoted nor failed: {half} of raw_binance_btcusdt_spot"
    assert said in cli("consumer", "reconcile")[1].splitlines()
    listed = json.loads(cli("consumer", "reconcile", "--format", "json")[1])["unfinishedRuns"]
    assert {"runId": half, "table": "raw_binance_btcusdt_spot"} in listed
    assert promoted.run_id not in {each["runId"] for each in listed}


def test_of_a_row_its_run_source_code_objects_and_reports_are_told(promoted: Made, cli: Cli, root: Minio) -> None:
    code, out, _ = cli("consumer", "lineage", _iso(promoted.hours[0]))
    assert code == 0
    for part in (promoted.run_id, "https://api.example/klines", "c0ffee", promoted.object.object_key):
        assert part in out
    said = json.loads(cli("consumer", "lineage", _iso(promoted.hours[0]), "--format", "json")[1])
    assert (said["runId"], said["codeVersion"], said["raw"]["rows"]) == (promoted.run_id, "c0ffee", 2)
    for place in (said["raw"]["object"], said["promoted"]["object"], *said["reports"]):
        bucket, _, rest = place.removeprefix("s3://").partition("/")
        key, _, version = rest.partition("?versionId=")
        assert root.stat_object(bucket, key, version_id=version).size


@pytest.mark.parametrize(
    ("key", "code", "expected"),
    [
        (["1999-01-01T00:00:00Z"], 1, "has no row with {'open_time': '1999-01-01T00:00:00Z'}"),
        (["2025-01-01", "BTC"], 2, "takes one value for each of ['open_time']"),
        (["yesterday's"], 2, "invalid input syntax for type timestamp with time zone"),
    ],
)
def test_a_key_that_no_row_has_is_named(cli: Cli, key: list[str], code: int, expected: str) -> None:
    ended, out, err = cli("consumer", "lineage", *key)
    assert (ended, out) == (code, "")
    assert expected in err


@pytest.mark.parametrize("login", ["loader", "validator"])
def test_who_is_no_consumer_reads_no_production(cli: Cli, login: str) -> None:
    code, _, err = cli(login, "query")
    assert code == 1
    assert f"role dataops_{login} may not do this: permission denied" in err


def test_a_consumer_has_no_key_to_objects_of_staging(promoted: Made, logins: Logins) -> None:
    login = logins["consumer"]
    client = Minio(login["MINIO_ENDPOINT"], login["MINIO_ACCESS_KEY"], login["MINIO_SECRET_KEY"], secure=False)
    with pytest.raises(Exception, match="AccessDenied"):
        client.get_object(promoted.object.bucket, promoted.object.object_key)


def test_servers_that_are_away_are_named(cli: Cli) -> None:
    code, _, err = cli("consumer", "query", PG_PORT="9")
    assert code == 1
    assert "PostgreSQL at 127.0.0.1:9: connection failed" in err
    code, _, err = cli("consumer", "reconcile", MINIO_ENDPOINT="127.0.0.1:9")
    assert code == 1
    assert "can't be read" in err


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
