"""A run from the source to a consumer, on real servers: whole, again, stopped, killed, and of a table that is new."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import Logins
from exchange import Exchange, Row, Rows
from minio import Minio

PACKAGE = Path(__file__).parents[2]
HOURS_OF_A_RUN = 7 * 24
Runs = Any
Connection = psycopg.Connection[Any]
KILLS = [
    (0, "pipeline_dataops.extract.core.write_raw"),
    (0, "pipeline_dataops.objects.Objects.put_new"),
    (0, "pipeline_dataops.extract.core.record_object"),
    (1, "psycopg.Connection.commit"),
    (2, "pipeline_dataops.objects.Objects.put_new"),
    (2, "pipeline_dataops.validate.core.record_verdict"),
    (3, "pipeline_dataops.objects.Objects.put_new"),
    (3, "pipeline_dataops.transform.core.record_object"),
    (3, "pipeline_dataops.transform.core.bring"),
    (4, "pipeline_dataops.validate.core.record_verdict"),
    (5, "pipeline_dataops.promote.core.copy"),
    (5, "pipeline_dataops.promote.core.class_row"),
    (6, "pipeline_dataops.query.core.show"),
]


def run_id_of(out: str) -> str:
    """The id of the run that was printed."""
    found = re.search(r"\d{14}-[a-z0-9]{6}", out)
    assert found is not None
    return found[0]


def production(superuser: Connection) -> list[tuple[str, int]]:
    """Runs whose rows are in production, and how many each has."""
    return superuser.execute(
        "SELECT run_id, count(*)::int FROM production.processed_binance_btcusdt_spot GROUP BY 1 ORDER BY min(open_time)"
    ).fetchall()


def test_a_run_gets_from_the_source_to_a_consumer_each_step_by_its_own_login(
    runs: Runs, superuser: Connection, root: Minio
) -> None:
    code, out, err = runs.run()
    assert (code, "Traceback" in err) == (0, False), err
    run_id = run_id_of(out)
    assert production(superuser) == [(run_id, HOURS_OF_A_RUN)]
    places = dict.fromkeys(re.findall(r"s3://([\w-]+)/(\S+?)[,?]\s?version(?:Id=| )([0-9a-f-]{36})", out))
    assert {bucket for bucket, _, _ in places} == {
        "dataops-staging-raw",
        "dataops-staging-transformed",
        "dataops-production",
    }
    for bucket, key, version in places:
        assert root.stat_object(bucket, key, version_id=version).size
    assert out.splitlines()[-1].startswith("2025-01-07T19:00:00Z | 2025-01-07 | BTC")
    for line in err.splitlines():
        assert json.loads(line)["correlation_id"] == run_id


def test_the_next_run_takes_the_next_window_and_one_without_news_ends_with_a_sentence(
    runs: Runs, superuser: Connection
) -> None:
    first = run_id_of(runs.run()[1])
    second = run_id_of(runs.run()[1])
    assert production(superuser) == [(first, HOURS_OF_A_RUN), (second, HOURS_OF_A_RUN)]
    superuser.execute("UPDATE staging.runs SET cursor_to = now()::text WHERE run_id = %s", [second])
    code, out, err = runs.run()
    assert (code, err) == (0, "")
    assert "nothing to extract: no whole span of 1:00:00 has passed since" in out
    assert out.splitlines()[-1] == "run: there is nothing new, so no step follows"
    assert len(production(superuser)) == 2


def test_an_older_window_extracted_again_replaces_its_rows_and_their_lineage(
    runs: Runs, superuser: Connection, api: Exchange
) -> None:
    first = run_id_of(runs.run()[1])
    api.change = lambda rows: [[*row[:8], row[8] + 1000, *row[9:]] for row in rows]
    window = "2025-01-02T00:00:00Z/2025-01-02T05:00:00Z"
    code, out, _ = runs.run("--again", window)
    again = run_id_of(out)
    assert code == 0
    assert production(superuser) == [(first, HOURS_OF_A_RUN - 5), (again, 5)]
    trades = superuser.execute(
        "SELECT min(trades)::int FROM production.processed_binance_btcusdt_spot WHERE run_id = %s", [again]
    ).fetchone()
    assert trades is not None
    assert trades[0] > 60_000
    runs.env |= _login(runs, "query")
    told = runs("lineage", "--table", "raw_binance_btcusdt_spot", "2025-01-02T04:00:00Z")[1]
    assert told.splitlines()[1].startswith(f"run: {again}")
    code, _, err = runs.run("--again", "2025-01-02T00:30:00Z/2025-01-02T05:00:00Z")
    assert code == 1
    assert "must be whole spans of 1:00:00" in err
    code, _, err = runs.run("--again", "2025-01-07T00:00:00Z/2025-01-09T00:00:00Z")
    assert code == 1
    assert "must lie in what was extracted before" in err


def _negative(rows: Rows) -> list[Row]:
    return [[*row[:4], "-1.0", *row[5:]] for row in rows]


def test_data_that_fails_the_first_round_goes_no_further_and_production_stays(
    runs: Runs, superuser: Connection, api: Exchange
) -> None:
    first = run_id_of(runs.run()[1])
    api.change = _negative
    code, out, err = runs.run()
    bad = run_id_of(out)
    assert code == 3
    assert f"round 1 of run {bad} failed" in err
    assert f"run: validate ended with 3, so nothing after it was done; run {bad} is at its end" in err
    assert f"--run-id {bad}" not in err
    assert "== transform" not in out
    assert production(superuser) == [(first, HOURS_OF_A_RUN)]
    code, _, err = runs.run("--run-id", bad)
    assert code == 3
    assert "failed (judged already)" in err
    api.change = lambda rows: rows
    code, out, err = runs.run()
    assert code == 0, err
    assert production(superuser) == [(first, HOURS_OF_A_RUN), (run_id_of(out), HOURS_OF_A_RUN)]


def test_data_that_fails_the_second_round_goes_no_further_and_production_stays(
    runs: Runs, superuser: Connection
) -> None:
    runs.kill = (4, "pipeline_dataops.validate.core.validate")
    run_id = run_id_of(runs.run()[1])
    runs.kill = None
    superuser.execute("UPDATE staging.processed_binance_btcusdt_spot SET close = close + 1 WHERE run_id = %s", [run_id])
    code, out, err = runs.run("--run-id", run_id)
    assert code == 3
    assert f"round 2 of run {run_id} failed" in err
    assert "== promote" not in out
    assert production(superuser) == []


def test_a_run_killed_anywhere_goes_on_by_its_id_and_ends_as_if_nothing_was(
    runs: Runs, superuser: Connection, root: Minio
) -> None:
    words: list[str] = []
    for kill in KILLS:
        runs.kill = kill
        code, out, err = runs.run(*words)
        assert (code, kill, err.count("Traceback")) == (128 + 9, kill, 0), err
        words = ["--run-id", run_id_of(err.rpartition("goes on by:")[2])]
    runs.kill = None
    code, out, _ = runs.run(*words)
    run_id = words[1]
    assert (code, production(superuser)) == (0, [(run_id, HOURS_OF_A_RUN)])
    assert "was extracted already" in out
    for query, wanted in (
        ("SELECT stage FROM staging.objects WHERE run_id = %s ORDER BY stage", ["raw", "transformed"]),
        ("SELECT round FROM staging.verdicts WHERE run_id = %s ORDER BY round", [1, 2]),
        ("SELECT run_id FROM production.promotions WHERE run_id = %s", [run_id]),
    ):
        assert [row[0] for row in superuser.execute(query, [run_id]).fetchall()] == wanted
    found = superuser.execute("SELECT bucket, object_key FROM staging.objects WHERE run_id = %s", [run_id]).fetchall()
    for bucket, key in [*found, *(("dataops-production", key) for _, key in found[1:])]:
        assert len(list(root.list_objects(bucket, prefix=key, include_version=True))) == 1


def test_a_run_that_was_given_up_is_taken_up_by_the_next_one_and_no_window_is_left_out(
    runs: Runs, superuser: Connection
) -> None:
    for kill in [(1, "psycopg.Connection.commit"), (5, "pipeline_dataops.promote.core.copy")]:
        runs.kill = kill
        assert runs.run()[0] == 128 + 9
    runs.kill = None
    code, out, err = runs.run()
    assert code == 0, err
    assert "was extracted already" in out
    ((window, run_id),) = superuser.execute("SELECT cursor_from, run_id FROM staging.runs").fetchall()
    assert (window, production(superuser)) == ("2025-01-01T00:00:00+00:00", [(run_id, HOURS_OF_A_RUN)])
    runs.run()
    assert [hours for _, hours in production(superuser)] == [HOURS_OF_A_RUN] * 2


def _login(runs: Runs, step: str) -> dict[str, str]:
    lines = (runs.logins / f"{step}.env").read_text().splitlines()
    return {name: value.strip("'") for name, _, value in (line.partition("=") for line in lines)}


YAML = """
table: raw_weather
processed_table: processed_weather
dataset: weather
source: {kind: file, path: weather.csv}
transform:
  aggregate:
    time: {column: at, bucket: 1d, into: day_begin}
    by: [place]
    columns: {warmest: {take: max, of: degrees}, readings: {take: count}}
expectations:
  raw: [{kind: range, column: degrees, low: -90, high: 60}]
  processed: [{kind: unique, columns: [place, day_begin]}]
"""
SCHEMA = """
import ibis.expr.datatypes as dt
from pandera.ibis import Column, DataFrameSchema

from schema.base import TIME, TableSchema

SCHEMA = TableSchema(
    name="raw_weather",
    keys=("place", "at"),
    raw=DataFrameSchema(
        {"place": Column(dt.string), "at": Column(TIME), "degrees": Column(dt.float64)}, strict=True, ordered=True
    ),
    processed_keys=("place", "day_begin"),
    processed=DataFrameSchema(
        {
            "day_begin": Column(TIME),
            "place": Column(dt.string),
            "warmest": Column(dt.float64),
            "readings": Column(dt.int64),
        },
        strict=True,
        ordered=True,
    ),
)
"""


@pytest.fixture
def weather(runs: Runs, tmp_path: Path, superuser: Connection) -> Any:
    """The package with one YAML and one schema file more, and the migration that it prints."""
    root = tmp_path / "dataops"
    shutil.copytree(PACKAGE, root, ignore=shutil.ignore_patterns("tests", "__pycache__", "data"))
    (root / "conf/tables/raw_weather.yaml").write_text(YAML)
    (root / "schema/tables/raw_weather.py").write_text(SCHEMA)
    file = tmp_path / "weather.csv"
    rows = [
        "Bogota,2025-06-01T06:00:00Z,9.5",
        "Bogota,2025-06-01T14:00:00-05:00,19.25",
        "Bogota,2025-06-02T12:00:00Z,17",
    ]
    file.write_text("\n".join(["place,at,degrees", *rows]) + "\n")
    runs.root = root
    runs.env |= {
        "SOURCE_FILE": str(file),
        "DATAOPS_PLATFORM_FILE": str(PACKAGE.parents[1] / "config/platforms/dataops.yaml"),
    }
    code, sql, err = runs("migration", "--table", "raw_weather")
    assert code == 0, err
    superuser.execute(f"SET ROLE bucketworks_owner; {sql}; RESET ROLE".encode())
    yield runs
    superuser.execute(
        "DELETE FROM staging.tables WHERE table_name = 'raw_weather';"
        "DROP TABLE staging.raw_weather, staging.processed_weather, production.processed_weather"
    )


def test_a_table_takes_one_yaml_and_one_schema_file_and_the_migration_they_make(
    weather: Runs, logins: Logins, superuser: Connection
) -> None:
    code, _, err = weather.run(table="raw_weather")
    assert code == 0, err
    found = superuser.execute(
        "SELECT day_begin::date::text, place, warmest, readings FROM production.processed_weather ORDER BY day_begin"
    ).fetchall()
    assert found == [("2025-06-01", "Bogota", 19.25, 2), ("2025-06-02", "Bogota", 17.0, 1)]
    weather.env |= logins["consumer"]
    code, told, _ = weather("lineage", "--table", "raw_weather", "Bogota", "2025-06-02")
    assert code == 0
    assert "weather.csv sha256:" in told
    superuser.execute("DELETE FROM production.promotions WHERE table_name = 'raw_weather'")
    superuser.execute("TRUNCATE staging.runs CASCADE")
