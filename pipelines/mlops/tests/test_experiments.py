"""Experiments in the API: who is dealt which variant, and that every acknowledged record reaches PostgreSQL."""

import asyncio
import json
import signal
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from kept_model import alone, keep
from made_experiments import experiment, read
from model_servers import Env, free_port, wait_for
from pipeline_shared.settings import PostgresSettings
from pydantic import SecretStr
from running_api import Served, Signer, api
from structlog.testing import capture_logs

from pipeline_mlops.serving.recording import Recording
from pipeline_mlops.serving.spool import Spool, Waiting

TEXT = "write to ada@example.org"


class Broken(Spool):
    """A spool whose disk is full for three looks."""

    left = 3

    def oldest(self, most: int) -> list[Waiting]:
        """Fail, then answer."""
        if self.left > 0:
            self.left -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return super().oldest(most)


def test_a_disk_that_is_full_for_a_while_is_said_once_and_records_reach_the_database_afterwards(
    tmp_path: Path, logins: dict[str, Env], records: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    spool = Broken(tmp_path, 100)
    env = logins["model_api"]
    database = PostgresSettings(
        host=env["PG_HOST"],
        port=int(env["PG_PORT"]),
        user=env["PG_USER"],
        password=SecretStr(env["PG_PASSWORD"]),
        database=env["PG_DATABASE"],
    )
    recording = Recording([read(name="filled")], spool, database)
    recording.happened("copied", None, {"user_id": "a"}, None)

    async def work() -> None:
        task = asyncio.create_task(recording.work())
        while spool.count > 0 and not task.done():
            await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with capture_logs() as said:
        asyncio.run(asyncio.wait_for(work(), 30))
    assert [each["reason"] for each in said if each["log_level"] == "warning"] == ["database or disk is full"]
    assert records.execute("SELECT count(*) FROM experiments.outcomes WHERE experiment = 'filled'").fetchone() == (1,)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A folder of a replica that has served both aliases."""
    keep(tmp_path / "cache")
    keep(tmp_path / "cache" / "alias-challenger", version="8", alias="challenger")
    return tmp_path


@pytest.fixture
def records(logins: dict[str, Env]) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """The tables, as the role that analyses; what a test adds has an experiment of its own."""
    env = logins["experimenter"]
    with psycopg.connect(
        host=env["PG_HOST"],
        port=env["PG_PORT"],
        user=env["PG_USER"],
        password=env["PG_PASSWORD"],
        dbname=env["PG_DATABASE"],
        autocommit=True,
    ) as connection:
        yield connection


def settings(logins: dict[str, Env], folder: Path, *experiments: dict[str, Any], **said: str) -> Env:
    """Settings of an API with kept models and the platform's own login."""
    own = {"REQUESTS_PER_MINUTE": "1000000", "RECORDS_FOLDER": str(folder / "records")}
    return alone(**{**logins["model_api"], "EXPERIMENTS": json.dumps(experiments), **own, **said})


def seen(served: Served, signer: Signer, units: range) -> dict[str, str]:
    """Ask for each unit, send its event, and answer which variant each client saw."""
    found: dict[str, str] = {}
    headers = {"Authorization": f"Bearer {signer.token('predictor')}"}
    client = httpx.Client(base_url=served.url, headers=headers, timeout=30, trust_env=False)

    def one(number: int) -> None:
        attributes = {"user_id": f"user-{number}"}
        answer = client.post("/predict", json={"text": TEXT, "attributes": attributes})
        answer.raise_for_status()
        body = answer.json()
        assert body["version"] == {"current": "7", "newer": "8"}[body["variant"]]
        found[f"user-{number}"] = body["variant"]
        if number % 2 == 0:
            event = {
                "event": "copied",
                "attributes": attributes,
                "id": str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))),
            }
            client.post("/events", json=event).raise_for_status()

    with client, ThreadPoolExecutor(8) as pool:
        for each in [pool.submit(one, number) for number in units]:
            each.result()
    return found


def test_counts_in_postgresql_are_what_2000_clients_saw_through_a_restart_a_kill_and_a_database_that_was_away(
    logins: dict[str, Env], kept: Path, records: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    own = experiment(name="counted")
    env = settings(logins, kept, own)
    saw: dict[str, str] = {}
    with api(kept, env) as served:
        both(served)
        saw |= seen(served, served.signer, range(700))
        signer = served.signer
    # The database is away: predictions go on, and a killed process leaves what it acknowledged.
    with api(kept, {**env, "PG_PORT": str(free_port())}, signer=signer) as served:
        both(served)
        again = seen(served, signer, range(600, 1400))
        assert all(saw.get(unit, variant) == variant for unit, variant in again.items())
        saw |= again
        served.process.send_signal(signal.SIGKILL)
        served.process.wait()
    with api(kept, env, signer=signer) as served:
        both(served)
        saw |= seen(served, signer, range(1400, 2000))
        wait_for(lambda: "model_api_records_waiting 0.0" in served.metrics())
        assert 'model_api_records_dropped_total{kind="exposures"} 0.0' in served.metrics()

    def count(what: str) -> Any:
        return records.execute(f"SELECT {what} WHERE experiment = 'counted'").fetchall()

    assert len(saw) == 2000
    told = "variant, count(DISTINCT unit) FROM experiments.exposures"
    found = records.execute(f"SELECT {told} WHERE experiment = 'counted' GROUP BY variant").fetchall()
    assert dict(found) == Counter(saw.values())
    dealt = read(name="counted")
    assert dict(count("DISTINCT unit, variant FROM experiments.exposures")) == {
        dealt.key(unit): variant for unit, variant in saw.items()
    }
    # Sent twice with one id, it is there once.
    assert count("count(*), count(DISTINCT unit) FROM experiments.outcomes") == [(1000, 1000)]


def both(served: Served) -> None:
    """Wait until both aliases are served."""
    wait_for(lambda: served.metrics().count("model_api_model_info{") == 2)


def test_without_a_version_of_every_variant_nobody_takes_part_and_everybody_is_answered(
    logins: dict[str, Env], tmp_path: Path, records: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    keep(tmp_path / "cache")
    with (
        api(tmp_path, settings(logins, tmp_path, experiment(name="half"))) as served,
        served.client("predictor") as client,
    ):
        for number in range(20):
            body = client.post("/predict", json={"text": TEXT, "attributes": {"user_id": str(number)}}).json()
            assert body["version"] == "7"
            assert "variant" not in body
    assert records.execute("SELECT count(*) FROM experiments.exposures WHERE experiment = 'half'").fetchone() == (0,)


def test_drift_of_a_version_that_two_aliases_have_is_that_of_all_texts_whichever_alias_was_asked(
    logins: dict[str, Env], tmp_path: Path
) -> None:
    keep(tmp_path / "cache")
    keep(tmp_path / "cache" / "alias-challenger", alias="challenger")
    with (
        api(tmp_path, settings(logins, tmp_path, experiment(name="promoted"), DRIFT_TEXTS="20")) as served,
        served.client("predictor") as client,
    ):
        both(served)
        asked = [{"text": TEXT, "attributes": {"user_id": str(number)}} for number in range(12)]
        dealt = Counter(client.post("/predict", json=each).json()["variant"] for each in asked)
        assert max(dealt.values()) < 10, "neither alias alone has texts enough"
        assert "model_api_feature_drift{" in served.metrics()


def test_a_stopped_experiment_deals_nobody_also_after_a_start_without_the_database(
    logins: dict[str, Env], kept: Path, records: "psycopg.Connection[tuple[Any, ...]]"
) -> None:
    env = settings(logins, kept, experiment(name="ended"))
    asked = {"text": TEXT, "attributes": {"user_id": "1"}}
    insert = "INSERT INTO experiments.stops (experiment, stopped_by, reason) VALUES ('ended', 'a test', 'enough')"
    records.execute(insert)
    with api(kept, env) as served, served.client("predictor") as client:
        both(served)
        wait_for(lambda: "variant" not in client.post("/predict", json=asked).json())
        signer = served.signer
    with api(kept, {**env, "PG_PORT": str(free_port())}, signer=signer) as served, served.client("predictor") as client:
        both(served)
        assert client.post("/predict", json=asked).json()["version"] == "7"
        assert "variant" not in client.post("/predict", json=asked).json()


def test_where_no_more_records_may_wait_predictions_go_on_and_an_event_is_refused_not_lost(
    logins: dict[str, Env], kept: Path
) -> None:
    env = settings(logins, kept, experiment(name="full"), PG_PORT=str(free_port()), MOST_RECORDS="20")
    with api(kept, env) as served, served.client("predictor") as client:
        both(served)
        for number in range(20):
            client.post("/events", json={"event": "copied", "attributes": {"user_id": str(number)}}).raise_for_status()
        refused = client.post("/events", json={"event": "copied", "attributes": {"user_id": "x"}})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert client.post("/predict", json={"text": TEXT, "attributes": {"user_id": "x"}}).status_code == 200
        assert 'model_api_records_dropped_total{kind="exposures"} 1.0' in served.metrics()


def test_an_experiment_on_an_event_that_nobody_can_send_starts_nothing(kept: Path, logins: dict[str, Env]) -> None:
    from forked_command import forked  # noqa: PLC0415
    from model_servers import COMMANDS  # noqa: PLC0415

    env = settings(
        logins, kept, experiment(events=["sold"]), MODEL_CACHE=str(kept / "cache"), JWT_JWKS="x", JWT_ISSUER="x"
    )
    done = forked(COMMANDS, ("model-api", "serve"), "", kept, env)
    assert done.returncode == 1
    assert "experiment masks measures sold" in done.stderr
    assert "copied, purchase, view" in done.stderr
