"""SIGTERM in a step: it ends with a sentence, and the same step does the rest."""

import contextlib
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

PIPELINE = Path(__file__).parents[3] / "pipeline.py"
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

    with started(["extract"], tmp_path / "data", env) as child:
        out, said = child.communicate(timeout=120)
    assert child.returncode == 0, said
    assert out.splitlines()[-1] == run_id == (tmp_path / "run-id").read_text().strip()
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
    with started(["load"], tmp_path / "data", env) as child:
        out, said = child.communicate(timeout=120)
    assert child.returncode == 0, said
    assert out.startswith(f"loaded: 10080 rows of run {run_id}")


def test_where_there_is_nothing_new_no_step_fails(
    logins: Logins, tmp_path: Path, superuser: psycopg.Connection[Any]
) -> None:
    superuser.execute(
        """INSERT INTO staging.runs VALUES ('20250101000000-aaaaaa', 'raw_binance_btcusdt_spot', 'binance',
            'a test', 'c', NULL, date_trunc('hour', now())::text);
        INSERT INTO staging.objects VALUES ('20250101000000-aaaaaa', 'raw', 'b', 'k', 'v', 0, repeat('0', 64))"""
    )
    env = {**logins["loader"], "RUN_ID_FILE": str(tmp_path / "run-id")}
    for step, said_by_it in (
        ("extract", "nothing to extract: no whole span of 1:00:00 has passed since"),
        ("load", "load: nothing to do, extract found nothing new"),
    ):
        with started([step], tmp_path / "data", env) as child:
            out, said = child.communicate(timeout=120)
        assert (child.returncode, out.startswith(said_by_it)) == (0, True), said
    with started(["run"], tmp_path / "data", logins["loader"]) as child:
        out, said = child.communicate(timeout=120)
    assert child.returncode == 0, said
    assert "nothing to extract: no whole span of 1:00:00 has passed since" in out
    assert out.splitlines()[-1] == "run: there is nothing new, so no step follows"
    assert list((tmp_path / "data").iterdir()) == []
