"""Servers and commands that tests of the models run."""

import contextlib
import os
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path

from forked_command import LIMIT_SECONDS, Answer, forked

# Copies of this process run the commands, with what is loaded here.
import models.identity_masker  # noqa: F401
import pipeline_mlops.training.training  # noqa: F401

ROOT = Path(__file__).parents[3]
MLFLOW = ROOT / ".bucketworks" / "pipelines" / "mlflow-server" / "bin" / "mlflow"
CONFIGS = Path(__file__).parents[1] / "configs"
COMMANDS = distribution("mlops-pipeline").entry_points
Env = dict[str, str]


Run = Callable[..., Answer]


def measured() -> Env:
    """Say what another process needs where the run measures which lines are reached."""
    name = "COVERAGE_PROCESS_CONFIG"
    return {name: os.environ[name]} if name in os.environ else {}


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], health: str, folder: Path, env: Env) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server until the end of the block.

    Args:
        command: it stays in the foreground.
        health: an address that answers once it is there, whatever it answers.
        folder: of its log, and its home.
        env: its settings, beside a PATH and HOME.
    """
    settings = {"PATH": os.environ["PATH"], "HOME": str(folder), "NO_PROXY": "127.0.0.1", **measured(), **env}
    log = folder / "server.log"
    with log.open("ab") as output:
        server = subprocess.Popen(command, cwd=folder, env=settings, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(lambda: _answers(server, health))
            yield server
        except BaseException:
            print(log.read_text()[-4000:])
            raise
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def wait_for(there: Callable[[], bool], seconds: float = LIMIT_SECONDS) -> None:
    """Wait until something is so; it is asked again and again."""
    last = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < last, "it didn't come to be"
        time.sleep(0.1)


def _answers(server: "subprocess.Popen[bytes]", health: str) -> bool:
    assert server.poll() is None, "the server ended"
    try:
        with urllib.request.urlopen(health, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def mlflow_server(logins: dict[str, Env], folder: Path, port: int) -> Iterator[str]:
    """Run MLflow on what a folder keeps."""
    uri = f"http://127.0.0.1:{port}"
    command = [str(MLFLOW), "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", "s3://mlops-artifacts"]
    key = logins["mlflow"]
    env = {
        "AWS_ACCESS_KEY_ID": key["MINIO_ACCESS_KEY"],
        "AWS_SECRET_ACCESS_KEY": key["MINIO_SECRET_KEY"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "MLFLOW_S3_ENDPOINT_URL": f"http://{key['MINIO_ENDPOINT']}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "DO_NOT_TRACK": "1",
    }
    with serving(command, f"{uri}/health", folder, env):
        yield uri


def small(file: Path) -> None:
    """Make a training that takes a second or two."""
    change(
        file,
        ("texts: 5000", "texts: 300"),
        ("held_out: 1000", "held_out: 60"),
        ("epochs: 4", "epochs: 3"),
        ("hashed_features: 65536", "hashed_features: 4096"),
        ("precision: 0.9", "precision: 0.3"),
        ("recall: 0.9", "recall: 0.3"),
        ("f1: 0.9", "f1: 0.3"),
    )


def change(file: Path, *pairs: tuple[str, str]) -> None:
    """Write other words in a file; those to be replaced are there."""
    text = file.read_text()
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    file.write_text(text)


def name_data(file: Path, made: Answer) -> str:
    """Write the version of the texts that `model-data` made into a configuration; answers it."""
    found = re.search(r"files/md5/([0-9a-f]{2})/([0-9a-f]{30}): ", made.stdout)
    assert found, made.stderr
    version = found[1] + found[2]
    file.write_text(re.sub(r'version: "([0-9a-f]{32})?"', f'version: "{version}"', file.read_text(), count=1))
    return version


def ran(words: tuple[str, ...], before: str, folder: Path, env: Env) -> Answer:
    """Run a command of the package in a copy of this process."""
    return forked(COMMANDS, words, before, folder, env)
