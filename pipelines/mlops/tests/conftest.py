"""What tests of the models have: the platform's own keys on real servers, and an MLflow with the platform's bucket."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked_command import Answer
from minio import Minio
from model_servers import CONFIGS, MLFLOW, Env, Run, free_port, mlflow_server, name_data, ran, small


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs servers: tests of units are the others."""
    for each in items:
        if isinstance(each, pytest.Function) and "logins" in each.fixturenames:
            each.add_marker(pytest.mark.servers)


@pytest.fixture(scope="session")
def logins() -> dict[str, Env]:
    """Settings by name: `data`, `training`, `serving`, `reporting`, `mlflow` as the platform has them, and `root`."""
    given = os.environ.get("LOGINS")
    if given is None:
        pytest.fail("there are no servers: run npx vitest run test/pipelines/mlops.test.ts, which starts them")
    return dict(json.loads(given))


@pytest.fixture(scope="session")
def tracking(logins: dict[str, Env], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MLflow, whose artifacts are in the platform's bucket; answers its address."""
    if not MLFLOW.exists():
        pytest.fail("there is no server of MLflow: run make mlflow-server")
    with mlflow_server(logins, tmp_path_factory.mktemp("mlflow"), free_port()) as uri:
        yield uri


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """A folder of configurations that a test may change, with a small training."""
    folder = tmp_path / "configs"
    shutil.copytree(CONFIGS, folder)
    small(folder / "identity-masker.yaml")
    return folder


@pytest.fixture(scope="session")
def registered(logins: dict[str, Env], tracking: str, tmp_path_factory: pytest.TempPathFactory) -> Env:
    """A small model with the alias; answers the settings of an API that serves it."""
    folder = tmp_path_factory.mktemp("registered")
    configs = folder / "configs"
    shutil.copytree(CONFIGS, configs)
    small(configs / "identity-masker.yaml")
    env = {"PATH": os.environ["PATH"], "MODEL_CONFIGS": str(configs), "MLFLOW_TRACKING_URI": tracking}
    made = ran(("model-data", "identity-masker"), "", folder, {**env, **logins["data"]})
    name_data(configs / "identity-masker.yaml", made)
    done = ran(
        ("model-training", "identity-masker"), "", folder, {**env, **logins["training"], "GIT_COMMIT_HASH": "0" * 40}
    )
    assert done.returncode == 0, done.stderr
    return {"MLFLOW_TRACKING_URI": tracking, "MODEL_CONFIGS": str(configs), **logins["serving"]}


@pytest.fixture
def run(logins: dict[str, Env], configs: Path, tmp_path: Path) -> Run:
    """Run a command of the package in a folder of this test's own, with the key of `login`.

    It runs in a copy of this process, whose imports are done already; `before` is a program that the copy runs first.
    """

    def start(*words: str, login: str = "training", before: str = "", **env: str) -> Answer:
        settings = {"PATH": os.environ["PATH"], "MODEL_CONFIGS": str(configs), **logins[login], **env}
        return ran(words, before, tmp_path, settings)

    return start


@pytest.fixture(scope="session")
def root(logins: dict[str, Env]) -> Minio:
    """Look at buckets as nobody of the platform may."""
    key = logins["root"]
    return Minio(
        endpoint=logins["training"]["MINIO_ENDPOINT"],
        access_key=key["MINIO_ACCESS_KEY"],
        secret_key=key["MINIO_SECRET_KEY"],
        secure=False,
    )
