"""A client as people have it, with nothing but the address of the server; prints what it saw as JSON.

`client.py work FOLDER`: a run with a large artifact both ways, a model registered twice, aliased and loaded back.
`client.py many NAME`: one run with a hundred metrics and an artifact, beside other clients that do the same.
`client.py back RUN MODEL_URI`: reads again what `work` left.
`client.py may NAME`: tries with a login what those of each role may do.
"""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

MIB = 1 << 20
SIZE = 600 * MIB


class Doubler(mlflow.pyfunc.PythonModel):  # type: ignore[misc]
    """The smallest model that says something of its input."""

    def predict(self, context: Any, model_input: Any, params: Any = None) -> Any:  # noqa: ARG002  as MLflow calls it
        """Double each number of the column x."""
        return [2 * value for value in model_input["x"]]


def _large(path: Path) -> str:
    """Write a file of 600 MB without holding it; answers its SHA-256."""
    digest = hashlib.sha256()
    block = os.urandom(MIB)
    with path.open("wb") as file:
        for number in range(SIZE // MIB):
            part = number.to_bytes(8, "big") + block[8:]
            file.write(part)
            digest.update(part)
    return digest.hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def work(folder: Path) -> dict[str, Any]:
    """Do what a training does."""
    file = folder / "weights.bin"
    written = _large(file)
    experiment = mlflow.set_experiment("shop-forecast")
    digests: dict[str, str] = {"written": written}
    with mlflow.start_run(run_name="first") as run:
        mlflow.log_params({"seed": 7, "depth": 3})
        for step in range(3):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        for way, multipart in (("through", "false"), ("parts", "true")):
            os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = multipart
            mlflow.log_artifact(str(file), way)
        signature = ModelSignature(Schema([ColSpec("double", "x")]), Schema([ColSpec("double")]))
        for version in (1, 2):
            mlflow.pyfunc.log_model(
                name="model",
                python_model=Doubler(),
                signature=signature,
                registered_model_name="doubler",
                params={"version": version},
                pip_requirements=["mlflow"],
            )
    file.unlink()
    for way in ("through", "parts"):
        got = mlflow.artifacts.download_artifacts(f"runs:/{run.info.run_id}/{way}/weights.bin", dst_path=str(folder))
        digests[way] = _digest(Path(got))
        Path(got).unlink()
    client = mlflow.MlflowClient()
    client.set_registered_model_alias("doubler", "production", "1")
    return {
        "experiment": experiment.artifact_location,
        "run": run.info.run_id,
        "digests": digests,
        **back(run.info.run_id, "models:/doubler@production"),
    }


def back(run: str, model: str) -> dict[str, Any]:
    """Read a run and a model again."""
    import pandas as pd  # noqa: PLC0415

    client = mlflow.MlflowClient()
    found = client.get_run(run)
    return {
        "params": found.data.params,
        "metrics": found.data.metrics,
        "steps": [each.value for each in client.get_metric_history(run, "loss")],
        "predicted": list(mlflow.pyfunc.load_model(model).predict(pd.DataFrame({"x": [1.0, 2.5]}))),
    }


def many(name: str) -> dict[str, Any]:
    """Log a hundred metrics one by one, and a text."""
    mlflow.set_experiment("shop-together")
    with mlflow.start_run(run_name=name) as run:
        for step in range(100):
            mlflow.log_metric("value", step, step=step)
        mlflow.log_text(name, "name.txt")
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "value")
    text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/name.txt")
    return {"steps": len(history), "text": text}


def may(name: str) -> dict[str, str]:
    """Try it all on what `work` and `many` left; answers `done`, or what MLflow refuses it with."""
    from mlflow.server import get_app_client  # noqa: PLC0415

    client = mlflow.MlflowClient()
    users = get_app_client("basic-auth", tracking_uri=os.environ["MLFLOW_TRACKING_URI"])

    def experiment(name: str) -> str:
        return str(client.get_experiment_by_name(name).experiment_id)

    def newest() -> Any:
        return client.search_runs([experiment("shop-forecast")])[0]

    def log() -> None:
        run = client.create_run(experiment("shop-forecast")).info.run_id
        client.log_metric(run, "value", 1)
        client.log_text(run, name, "name.txt")

    tries: dict[str, Callable[[], object]] = {
        "look": lambda: client.get_run(newest().info.run_id),
        "log": log,
        "make an experiment": lambda: client.create_experiment(f"of-{name}"),
        "make a model": lambda: client.create_registered_model(f"of-{name}"),
        "move an alias": lambda: client.set_registered_model_alias("doubler", f"of-{name}", "1"),
        "delete a run": lambda: client.delete_run(newest().info.run_id),
        "delete an experiment": lambda: client.delete_experiment(experiment("shop-together")),
        "give a right": lambda: users.grant_user_permission("ana", "registered_model", "doubler", "EDIT"),
        "make a user": lambda: users.create_user(f"friend-of-{name}", "a-password-of-theirs"),
    }
    return {what: _outcome(each) for what, each in tries.items()}


def _outcome(tried: Callable[[], object]) -> str:
    try:
        tried()
    except mlflow.MlflowException as error:
        return str(error.error_code)
    return "done"


if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "work":
        result = work(Path(rest[0]))
    elif what == "many":
        result = many(rest[0])
    elif what == "may":
        result = dict(may(rest[0]))
    else:
        result = back(rest[0], rest[1])
    print("\n" + json.dumps(result))
