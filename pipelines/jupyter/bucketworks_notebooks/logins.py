"""Logins of the local platform, as the owner of the checkout has them. None of them is root's."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import boto3
import psycopg
from botocore.config import Config

from bucketworks_notebooks.faults import NotebookError

# The checkout that this file is part of.
CHECKOUT = Path(__file__).resolve().parents[3]
CONNECT_SECONDS = 5
# Notebooks' own login of an MLflow.
_LOGIN = "notebooks"


def object_store(account: str) -> Any:
    """Make a client of S3 that has the key of a service account, by `bucketworks key show`.

    Raises:
        NotebookError: there is no such account, or the stack dev has no key yet.
    """
    key = json.loads(bucketworks("key", "show", account, "--format", "json", "--stdout"))
    return boto3.client(
        "s3",
        endpoint_url=key["endpoint"],
        region_name=key["region"],
        aws_access_key_id=key["accessKey"],
        aws_secret_access_key=key["secretKey"],
        config=Config(connect_timeout=CONNECT_SECONDS, retries={"total_max_attempts": 2}),
    )


def database(role: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Log in to PostgreSQL with a role; `make up` writes its login into a file that you alone may read.

    Raises:
        NotebookError: there is no such role.
        psycopg.OperationalError: the server doesn't answer.
    """
    folder = CHECKOUT / ".bucketworks" / "postgres" / "roles"
    try:
        text = (folder / f"{role}.env").read_text()
    except FileNotFoundError:
        there = ", ".join(sorted(file.stem for file in folder.glob("*.env"))) or "none"
        raise NotebookError(f"no role {role} has a login here ({there}): run make up first") from None
    login = dict(line.split("=", 1) for line in text.splitlines() if line.startswith("PG_"))
    return psycopg.connect(
        host=login["PG_HOST"],
        port=login["PG_PORT"],
        user=login["PG_USER"],
        password=login["PG_PASSWORD"],
        dbname=login["PG_DATABASE"],
        connect_timeout=CONNECT_SECONDS,
        autocommit=True,
    )


def object_key(bucket: str, path: str, **values: str) -> str:
    """Build an object's key from a path that the platform's file has for the bucket.

    Raises:
        NotebookError: there is no such path, or a value has another form than it must have.
    """
    given = [word for name, value in values.items() for word in ("--set", f"{name}={value}")]
    built = json.loads(bucketworks("path", bucket, path, *given, "--stage", "dev", "--format", "json"))
    return str(built["key"])


def service_url(name: str) -> str:
    """Say where a service listens, for example `mlops-mlflow`.

    Where that is an MLflow that asks for logins, MLflow's variables of this process are those of notebooks from now on.

    Raises:
        NotebookError: it doesn't run.
    """
    services = json.loads(bucketworks("services", "status", "--format", "json", right=(0, 1)))["services"]
    for each in services:
        if each["name"] == name and each["state"] == "running":
            _log_in(name)
            return str(each["url"])
    running = ", ".join(each["name"] for each in services if each["state"] == "running") or "none"
    raise NotebookError(f"the service {name} doesn't run (running: {running}): start it with make services")


def _log_in(name: str) -> None:
    """As MLflow's clients read a login; one that the notebook has set itself stays."""
    password = CHECKOUT / ".bucketworks" / "services" / name / "logins" / f"{_LOGIN}-password"
    if os.environ.get("MLFLOW_TRACKING_USERNAME", _LOGIN) != _LOGIN:
        return
    for variable in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"):
        os.environ.pop(variable, None)
    if password.exists():
        os.environ |= {"MLFLOW_TRACKING_USERNAME": _LOGIN, "MLFLOW_TRACKING_PASSWORD": password.read_text().strip()}


def bucketworks(*words: str, right: tuple[int, ...] = (0,)) -> str:
    """Run a command of this checkout and answer what it prints.

    Raises:
        NotebookError: with what the command says.
    """
    program = CHECKOUT / "bin" / "bucketworks"
    ran = subprocess.run([program, *words], cwd=CHECKOUT, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode not in right:
        raise NotebookError(ran.stderr.strip() or f"bucketworks {words[0]} ended with exit code {ran.returncode}")
    return ran.stdout
