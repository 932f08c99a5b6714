"""What MLflow is told of a training, where MLFLOW_TRACKING_URI names a server."""

import os
from typing import Any
from urllib.parse import urlsplit

import structlog
from pipeline_shared.log import hide

from pipeline.detection.models import CARD_FILE, MODEL_FILE, Card

EXPERIMENT = "cybersec-anomaly-detection"
# Limits of its own go on for minutes before they say that nobody is there.
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}


def track(card: Card) -> str:
    """Log a stored model: parameters, metrics, and where model and card are. A failure loses nothing but this entry.

    Returns:
        What became of it, in a line.
    """
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        return "MLflow: not logged, MLFLOW_TRACKING_URI names no server"
    hide(*(os.environ.get(f"MLFLOW_TRACKING_{each}", "") for each in ("PASSWORD", "TOKEN")))
    try:
        hide(urlsplit(uri).password or "")
    except ValueError:  # what it says may hold the password
        return _not_logged(card, "MLFLOW_TRACKING_URI is no URL; it is to be like https://mlflow.example.org")
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    import mlflow  # noqa: PLC0415  takes seconds, which a run without a server doesn't pay

    try:
        return _logged(mlflow.MlflowClient(uri), card)
    except (mlflow.exceptions.MlflowException, ImportError) as error:  # the latter of a database without its driver
        return _not_logged(card, (str(error).splitlines() or [type(error).__name__])[0])


def _not_logged(card: Card, reason: str) -> str:
    structlog.get_logger().warning("MLflow has no entry of this model", reason=reason)
    return f"MLflow: not logged, see the log for the reason; {card['uri']} is stored"


def _logged(client: Any, card: Card) -> str:
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
    found = client.get_experiment_by_name(name)
    experiment = found.experiment_id if found else client.create_experiment(name)
    run = client.create_run(experiment, run_name=f"{card['model']} {card['version']}", tags=_tags(card)).info.run_id
    params = {**card["parameters"], "seed": card["seed"], "features": ", ".join(card["features"])}
    for key, value in params.items():
        client.log_param(run, key, value)
    for key, value in {**card["metrics"], "rows_used": card["training_data"]["rows_used"]}.items():
        client.log_metric(run, key, value)
    client.set_terminated(run)
    return f"MLflow: run {run} of experiment {experiment}"


def _tags(card: Card) -> dict[str, str]:
    return {
        "model": card["model"],
        "version": card["version"],
        "model_uri": card["uri"],
        "model_card": card["uri"].removesuffix(MODEL_FILE) + CARD_FILE,
        "model_sha256": card["sha256"],
        "run_id": card["run_id"],
        "code_version": card["code_version"],
        "trained_on_rows_before": card["training_data"]["before"],
    }
