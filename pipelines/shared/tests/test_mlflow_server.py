"""What MLflow's server, whose environment has no tests, shares with the programs: masks, and how long it waits."""

import importlib.util
import json
import logging
import sys
from pathlib import Path
from types import ModuleType

import pytest

CASES = json.loads(Path(__file__).with_name("masking-cases.json").read_text())


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[2] / "mlflow-server" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_mlflows_server_masks_messages_and_paths_as_programs_do(monkeypatch: pytest.MonkeyPatch) -> None:
    form = loaded("log_lines").JsonLines("mlflow", "mlops")
    monkeypatch.setenv("PGPASSWORD", "canary of the database")
    hidden = [*CASES["hidden"], ["a secret of its own", "login canary of the database fails", "canary of the database"]]
    for what, text, secret in hidden:
        record = logging.LogRecord("x", logging.INFO, "", 0, "%s", (text,), None)
        record.path = text
        assert secret not in form.format(record), what
    record = logging.LogRecord("x", logging.INFO, "", 0, "GET", (), None)
    record.path, record.status = "/api/2.0/mlflow/runs/get", 200
    said = {"message": "GET", "path": "/api/2.0/mlflow/runs/get", "status": 200, "service": "mlflow"}
    assert said.items() <= json.loads(form.format(record)).items()


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ('FATAL:  password authentication failed for user "mlops_mlflow"', True),
        ('FATAL:  database "mlflow" does not exist', True),
        ('FATAL:  role "mlops_mlflow" is not permitted to log in', True),
        ('FATAL:  permission denied for database "mlflow"', True),
        ("FATAL:  sorry, too many clients already", False),
        ('FATAL:  too many connections for role "mlops_mlflow"', False),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", False),
        ("FATAL:  the database system is starting up", False),
        ("FATAL:  terminating connection due to administrator command", False),
        ("connection refused", False),
    ],
)
def test_mlflows_server_ends_where_postgresql_refuses_it_and_waits_for_what_passes(reason: str, *, ends: bool) -> None:
    assert loaded("database").refuses(reason) is ends


@pytest.mark.parametrize(
    ("method", "path", "asks"),
    [
        ("GET", "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/model", True),
        ("POST", "/api/2.0/mlflow/runs/search", True),
        ("POST", "/graphql", True),
        ("POST", "/api/2.0/mlflow/registered-models/get-latest-versions", True),
        ("POST", "/ajax-api/2.0/mlflow/experiments/search-datasets", True),
        ("POST", "/api/3.0/mlflow/traces/batchGetInfos", True),
        ("POST", "/api/3.0/mlflow/traces/metrics", True),
        ("POST", "/api/3.0/mlflow/traces/calculate-filter-correlation", True),
        ("POST", "/api/2.0/mlflow/artifacts/presigned-download-url", True),
        ("POST", "/api/2.0/mlflow/artifacts/presigned-upload-url", False),
        ("POST", "/api/2.0/mlflow/runs/create", False),
        ("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/run/artifacts/search", False),
        ("POST", "/api/2.0/mlflow-artifacts/mpu/complete/0/run/artifacts/traces/metrics", False),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/search", False),
        ("DELETE", "/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/search", False),
    ],
)
def test_readers_of_mlflow_may_ask_also_by_post_and_write_no_file_whatever_its_name(
    method: str, path: str, *, asks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its environment has Flask; the question needs none of it.
    monkeypatch.setitem(sys.modules, "flask", ModuleType("flask"))
    assert loaded("logins")._asks(method, path) is asks
