"""Steps as processes of their own, as a container or a shell starts them."""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from exchange import Exchange
from minio import Minio
from pipeline_shared.log import new_run_id
from places import PlaceOf

from pipeline_dataops.extract.core import extract
from pipeline_dataops.load.core import load

ROOT = Path(__file__).parents[3]
PIPELINE = ROOT / "pipeline.py"
RAW = "dataops-staging-raw"
Logins = dict[str, dict[str, str]]
pytestmark = pytest.mark.usefixtures("no_runs")


@contextlib.contextmanager
def started(words: list[str], folder: Path, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command of the pipeline, and end it whatever happens."""
    given = {"PATH": os.environ["PATH"], **env}
    command = [sys.executable, str(PIPELINE), *words, "--table", "raw_binance_btcusdt_spot", "--data", str(folder)]
    with subprocess.Popen(command, env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        try:
            yield child
        finally:
            child.kill()


def test_a_step_that_is_asked_to_end_ends_and_is_run_again(
    logins: Logins,
    place_of: PlaceOf,
    api: Exchange,
    tmp_path: Path,
    root: Minio,
    superuser: psycopg.Connection[Any],
) -> None:
    def keys() -> set[str]:
        return {str(each.object_name) for each in root.list_objects(RAW, recursive=True)}

    run_id, before = new_run_id(), keys()
    env = {**logins["loader"], "SOURCE_URL": api.url, "RUN_ID_FILE": str(tmp_path / "run-id"), "RUN_ID": run_id}
    asked, go_on = threading.Event(), threading.Event()

    def hang(_: Any) -> None:
        asked.set()
        go_on.wait(60)

    api.faults = [hang]
    with started(["extract"], tmp_path / "data", env) as child:
        assert asked.wait(60)
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate(timeout=60)
    go_on.set()
    ended = "extract: was asked to end (SIGTERM); nothing is half done, run it again with the same run id"
    assert (child.returncode, said.splitlines()[-1]) == (143, ended)
    assert (keys(), list((tmp_path / "data").iterdir())) == (before, [])

    assert (tmp_path / "run-id").read_text() == f"{run_id}\n"  # for who runs it again
    place = place_of("loader", SOURCE_URL=api.url)
    assert str(extract(place, run_id)).startswith("extracted: 10080 rows in")
    assert len(keys() - before) == 1

    superuser.autocommit = False
    superuser.execute("LOCK TABLE staging.raw_binance_btcusdt_spot")  # the load stands still at its rows
    with started(["load"], tmp_path / "data", env) as child:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'dataops_loader' AND wait_event_type = 'Lock'"
        while superuser.execute(waiting.encode()).fetchall() == [(0,)]:
            superuser.execute("SELECT pg_stat_clear_snapshot()")
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate(timeout=60)
    superuser.rollback()
    assert (child.returncode, said.splitlines()[-1]) == (143, ended.replace("extract:", "load:"))
    assert str(load(place, run_id)).startswith(f"loaded: 10080 rows of run {run_id}")


def test_where_there_is_nothing_new_no_step_fails(
    logins: Logins, tmp_path: Path, superuser: psycopg.Connection[Any]
) -> None:
    superuser.execute(
        """INSERT INTO staging.runs VALUES ('20250101000000-aaaaaa', 'raw_binance_btcusdt_spot', 'binance',
            'a test', 'c', NULL, date_trunc('hour', now())::text);
        INSERT INTO staging.objects VALUES ('20250101000000-aaaaaa', 'raw', 'b', 'k', 'v', 0, repeat('0', 64))"""
    )
    (tmp_path / "run-id").write_text(new_run_id())  # without an id, extract goes on with the unfinished run
    env = {**logins["loader"], "RUN_ID_FILE": str(tmp_path / "run-id")}
    for step, said_by_it in (
        ("extract", "nothing to extract: no whole span of 1:00:00 has passed since"),
        ("load", "load: nothing to do, extract found nothing new"),
    ):
        with started([step], tmp_path / "data", env) as child:
            out, said = child.communicate(timeout=120)
        assert (child.returncode, out.startswith(said_by_it)) == (0, True), said
    assert not (tmp_path / "data").exists()


def test_the_nine_variables_of_google_cloud_are_all_that_a_container_needs(
    logins: Logins, api: Exchange, tmp_path: Path, root: Minio, superuser: psycopg.Connection[Any]
) -> None:
    file = tmp_path / "login.json"
    table = "raw_binance_btcusdt_spot"
    encoded = base64.encodebytes(json.dumps(logins["loader"]).encode()).decode()  # in lines
    env = {
        "PROJECT_ID": "market-data",
        "GOOGLE_APPLICATION_CREDENTIALS": str(file),
        "GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64": encoded,
        "GCS_BUCKET_NAME": RAW,
        "GCS_BUCKET_PROJECT_NAME": "spot_market",
        "BIGQUERY_RAW_DATASET": "staging",
        "BIGQUERY_RAW_TABLE_NAME": table,
        "BIGQUERY_TRANSFORMED_DATASET": "staging",
        "BIGQUERY_TRANSFORMED_TABLE_NAME": "processed_binance_btcusdt_spot",
    }
    given = {**env, "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "SOURCE_URL": api.url}
    script = str(ROOT / "scripts/docker/entrypoint.sh")
    said = subprocess.run([script, "extract"], env=given, cwd=tmp_path, capture_output=True, text=True, check=True)
    run_id = said.stdout.splitlines()[-1]
    subprocess.run([script, "load", "--run-id", run_id], env=given, cwd=tmp_path, capture_output=True, check=True)
    ((key, rows),) = superuser.execute("SELECT object_key, rows FROM staging.objects").fetchall()
    assert key.startswith(f"spot_market/{table}/created_at=")
    assert (root.stat_object(RAW, key).metadata or {})["x-amz-meta-project"] == "market-data"
    assert superuser.execute("SELECT count(*) FROM staging.raw_binance_btcusdt_spot").fetchall() == [(rows,)]
    assert {json.loads(line)["project"] for line in said.stderr.splitlines()} == {"market-data"}
    assert logins["loader"]["MINIO_SECRET_KEY"] not in said.stdout + said.stderr
    assert file.stat().st_mode & 0o077 == 0
