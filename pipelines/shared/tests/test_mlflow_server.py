"""What MLflow's server, whose environment has no tests, shares with the programs: masks, and how long it waits."""

import importlib.util
import json
import logging
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
