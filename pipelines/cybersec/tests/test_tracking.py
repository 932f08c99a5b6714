"""A training on a real server of MLflow, which has packages of its own: `make mlflow-server`."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from background import free_port, serving
from minio import Minio
from pipeline.storage.layers import MODELS
from servers import Run

SERVER = Path(__file__).parents[3] / ".bucketworks" / "pipelines" / "mlflow-server" / "bin"
# Eight programs that wait for jobs of agents take a whole core while they start.
NO_JOBS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@pytest.fixture
def tracking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server; answers its address."""
    if not (SERVER / "mlflow").exists():
        pytest.fail("there is no server of MLflow: run make mlflow-server")
    folder = tmp_path_factory.mktemp("mlflow")
    uri = f"http://127.0.0.1:{free_port()}"
    command = [
        str(SERVER / "mlflow"),
        "server",
        "--host",
        "127.0.0.1",
        "--port",
        uri.rpartition(":")[2],
        "--workers",
        "1",
    ]
    command += [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    with serving(command, f"{uri}/health", folder, MLFLOW_DISABLE_TELEMETRY="true", **NO_JOBS):
        yield uri


@pytest.mark.usefixtures("silver")
def test_mlflow_has_parameters_metrics_and_the_way_to_model_and_card(run: Run, root: Minio, tracking: str) -> None:
    done = run("train", "--seed", "1", login="training", MLFLOW_TRACKING_URI=tracking)
    assert done.returncode == 0, done.stderr
    assert "MLflow: run " in done.stdout, done.stderr
    client = mlflow.MlflowClient(tracking_uri=tracking)
    experiment = client.get_experiment_by_name("cybersec-anomaly-detection")
    (logged,) = client.search_runs([experiment.experiment_id])
    assert logged.info.run_name == "isolation-forest v1.0.0"
    place = "models/isolation-forest/v1.0.0/"
    card = json.load(io.BytesIO(root.get_object(MODELS, f"{place}model_card.json").read()))
    assert logged.info.status == "FINISHED"
    assert logged.data.params == {
        "seed": "1",
        "n_estimators": "100",
        "max_samples": "256",
        "contamination": "0.02",
        "features": "log_bytes, log_duration, log_rate",
    }
    assert logged.data.metrics == {**card["metrics"], "rows_used": card["training_data"]["rows_used"]}
    tags = logged.data.tags
    assert tags["model_uri"] == f"s3://{MODELS}/{place}model.skops"
    assert tags["model_card"] == f"s3://{MODELS}/{place}model_card.json"
    assert (tags["model_sha256"], tags["run_id"]) == (card["sha256"], card["run_id"])
    refused = run("train", login="training", MLFLOW_TRACKING_URI=f"{tracking}/no-such-place")
    assert refused.returncode == 0
    assert "MLflow: not logged" in refused.stdout
    assert root.stat_object(MODELS, "models/isolation-forest/v1.0.1/model_card.json")
