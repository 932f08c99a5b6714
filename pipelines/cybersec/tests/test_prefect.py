"""The flows on a real Prefect server: what it is told of a run, and the deployment file."""

import json
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from background import free_port, serving
from servers import Logins

PACKAGE = Path(__file__).parents[1]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Prefect:
    """A server, and a folder for what asks it."""

    url: str
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """What a client needs."""
        return {"PREFECT_API_URL": self.url, "PREFECT_HOME": str(self.folder / "client"), "DO_NOT_TRACK": "1"}

    def ask(self, path: str, **body: Any) -> Any:
        """Send a filter; answers the list that fits."""
        request = urllib.request.Request(
            f"{self.url}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def run(self, *command: str, cwd: Path, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run a program of the environment with this server."""
        given = {"PATH": str(BIN), "HOME": str(self.folder), **self.env, **env}
        words = [str(BIN / command[0]), *command[1:]]
        return subprocess.run(words, cwd=cwd, env=given, capture_output=True, text=True, check=False, timeout=240)

    def last_run(self) -> Any:
        """Answer the newest run of a flow."""
        return self.ask("flow_runs/filter", sort="START_TIME_DESC", limit=1)[0]


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    """Start a server with a database of its own."""
    folder = tmp_path_factory.mktemp("prefect")
    port = str(free_port())
    url = f"http://127.0.0.1:{port}/api"
    command = [str(BIN / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", port, "--no-ui"]
    env = {
        "PREFECT_HOME": str(folder / "server"),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder}/prefect.db",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    with serving(command, f"{url}/health", folder, **env):
        yield Prefect(url, folder)


def test_a_run_is_told_with_its_tasks_and_without_secrets(prefect: Prefect, logins: Logins, tmp_path: Path) -> None:
    done = prefect.run("ingest", cwd=tmp_path, **logins["ingestion"])
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("s3://cybersec-ml-raw/network_events_")
    assert all(json.loads(line)["correlation_id"] for line in done.stderr.splitlines()), done.stderr
    run = prefect.last_run()
    assert run["state"]["type"] == "COMPLETED"
    tasks = prefect.ask("task_runs/filter", flow_runs={"id": {"any_": [run["id"]]}})
    assert {each["name"].rpartition("-")[0]: each["state"]["type"] for each in tasks} == {
        "save_parquet": "COMPLETED",
        "upload_to_minio": "COMPLETED",
        "record_event": "COMPLETED",
    }
    stored = b"".join(each.read_bytes() for each in prefect.folder.glob("prefect.db*"))
    assert run["id"].encode() in stored
    for name in ("MINIO_SECRET_KEY", "PG_PASSWORD"):
        assert logins["ingestion"][name].encode() not in stored


@pytest.mark.usefixtures("empty")
def test_the_later_steps_are_told_too(prefect: Prefect, logins: Logins, tmp_path: Path) -> None:
    assert prefect.run("ingest", cwd=tmp_path, **logins["ingestion"]).returncode == 0
    for command, login, said in (
        ("transform", "transformation", "s3://cybersec-ml-silver/date="),
        ("train", "training", "s3://cybersec-ml-models/models/isolation-forest/v1.0.0/model.skops: trained on 8 rows"),
        ("evaluate", "evaluation", "s3://cybersec-ml-eval/model=isolation-forest/version=v1.0.0/date="),
    ):
        done = prefect.run(command, cwd=tmp_path, **logins[login])
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(said)
        assert prefect.last_run()["state"]["type"] == "COMPLETED"


def test_a_run_that_failed_is_failed_there_too(prefect: Prefect, logins: Logins, tmp_path: Path) -> None:
    refused = prefect.run("ingest", cwd=tmp_path, **{**logins["ingestion"], "MINIO_SECRET_KEY": "wrong-wrong"})
    assert refused.returncode == 1
    assert "the server refuses it: SignatureDoesNotMatch" in refused.stderr
    assert "Traceback" not in refused.stderr
    run = prefect.last_run()
    assert run["state"]["type"] == "FAILED"
    tasks = prefect.ask("task_runs/filter", flow_runs={"id": {"any_": [run["id"]]}})
    states = {each["name"].rpartition("-")[0]: each["state"]["type"] for each in tasks}
    assert (states["save_parquet"], states["upload_to_minio"]) == ("COMPLETED", "FAILED")


def test_the_deployment_is_daily_at_two_once_at_a_time_and_runs(
    prefect: Prefect, logins: Logins, tmp_path: Path
) -> None:
    # A copy: the run keeps its files in the folder that was deployed from.
    shutil.copytree(PACKAGE / "pipeline", tmp_path / "pipeline")
    shutil.copy(PACKAGE / "prefect.yaml", tmp_path)
    created = prefect.run("prefect", "work-pool", "create", "cybersec", "--type", "process", cwd=tmp_path)
    assert created.returncode == 0, created.stdout + created.stderr
    deployed = prefect.run("prefect", "--no-prompt", "deploy", "--name", "daily", cwd=tmp_path)
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    (found,) = prefect.ask("deployments/filter")
    (schedule,) = found["schedules"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"], schedule["active"]) == (
        "0 2 * * *",
        "UTC",
        True,
    )
    assert found["global_concurrency_limit"]["limit"] == 1
    assert found["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    asked = prefect.ask(f"deployments/{found['id']}/create_flow_run", state={"type": "SCHEDULED"})
    # As its worker runs it, which waits for the next one then.
    ran = prefect.run("prefect", "flow-run", "execute", asked["id"], cwd=tmp_path, **logins["ingestion"])
    (run,) = prefect.ask("flow_runs/filter", flow_runs={"id": {"any_": [asked["id"]]}})
    assert run["state"]["type"] == "COMPLETED", ran.stdout + ran.stderr
