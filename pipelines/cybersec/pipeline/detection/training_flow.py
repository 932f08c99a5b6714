"""SILVER to MODELS: an isolation forest learns from the older rows; the newer ones are left for the evaluation."""

import datetime as dt
import platform
from importlib.metadata import version
from typing import Any

import numpy as np
import structlog
from minio import Minio
from pipeline_shared.connections import minio_client
from pipeline_shared.log import hide
from pipeline_shared.settings import MinioSettings
from pipeline_shared.stopping import StoppedError, stop_if_asked
from pipeline_shared.version import version_text
from sklearn.ensemble import IsolationForest

from pipeline.detection.features import FEATURES, Floats
from pipeline.detection.models import Card, store
from pipeline.detection.sample import Sample, moment
from pipeline.failed import FailedError
from pipeline.orchestration import flow, task
from pipeline.storage.layers import SILVER
from pipeline.storage.silver import ReadObject, read_rows, silver_objects

LEAST_ROWS = 5
MOST_ROWS = 100_000  # of which each tree draws 256
TRAINED_SHARE = 0.8
TREES = 100
ROWS_OF_TREE = 256
FLAGGED_SHARE = 0.02
_LIBRARIES = ("scikit-learn", "skops", "numpy", "pyarrow")


@flow
def training_flow(run_id: str, minio: MinioSettings, days: int, seed: int) -> Card:
    """Train a detector on the newest days of SILVER, and store it as the next version.

    Args:
        run_id: of this run, kept in the card.
        minio: a key that may read SILVER, list and write MODELS below models/.
        days: how many of the days that SILVER has, newest first, are looked at.
        seed: the same rows and the same seed make the same model.

    Returns:
        The model's card.

    Raises:
        FailedError: there are too few rows, or MinIO isn't there, refuses, or the run was asked to end.
    """
    hide(minio.secret_key.get_secret_value())
    client = minio_client(minio)
    try:
        sample, objects = read_silver(client, days, seed)
        rows, before = older_rows(sample)
        model = fit(rows, seed)
        stop_if_asked()
    except StoppedError:
        raise FailedError("the run was asked to end before the model was stored; nothing is kept of it") from None
    structlog.get_logger().info("trained", rows=len(rows), before=before.isoformat())
    training_data = {
        "rows": sample.seen,
        "rows_used": len(rows),
        "before": before.isoformat(),
        "objects": [vars(each) for each in objects],
    }
    return store_model(client, minio, model, _card(run_id, seed, model, rows) | {"training_data": training_data})


@task
def read_silver(client: Minio, days: int, seed: int) -> tuple[Sample, list[ReadObject]]:
    """Read the newest days of SILVER."""
    found = silver_objects(client)
    newest = sorted({each.date for each in found})[-days:]
    sample = Sample(MOST_ROWS, seed)
    objects: dict[str, ReadObject] = {}
    for read, batch in read_rows(client, [each for each in found if each.date in newest]):
        stop_if_asked()
        objects[read.uri] = read
        sample.add(batch)
    return sample, list(objects.values())


def older_rows(sample: Sample) -> tuple[Floats, dt.datetime]:
    """Answer the older four fifths of the rows, and the time from which on none was used.

    Raises:
        FailedError: there are too few rows, or all have one time.
    """
    times, rows = sample.by_time()
    if len(times) < LEAST_ROWS:
        raise FailedError(
            f"{SILVER}: has {len(times)} rows, and at least {LEAST_ROWS} are needed; run `ingest` and `transform` first"
        )
    before = times[int(np.ceil(TRAINED_SHARE * len(times)))]
    older = times < before
    if not older.any():
        raise FailedError(f"{SILVER}: its rows are all of one time, so that none is older than the rest")
    return rows[older], moment(int(before))


@task
def fit(rows: Floats, seed: int) -> IsolationForest:
    """Train the forest."""
    return IsolationForest(
        n_estimators=TREES,
        max_samples=min(ROWS_OF_TREE, len(rows)),
        contamination=FLAGGED_SHARE,
        random_state=seed,
    ).fit(rows)


@task
def store_model(client: Minio, minio: MinioSettings, model: IsolationForest, card: Card) -> Card:
    """Put the model and its card into MODELS."""
    stored = store(client, minio, model, card)
    structlog.get_logger().info("stored", uri=stored["uri"])
    return stored


def _card(run_id: str, seed: int, model: IsolationForest, rows: Floats) -> dict[str, Any]:
    scores = -model.score_samples(rows)
    return {
        "run_id": run_id,
        "trained_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "code_version": version_text("cybersec-pipeline"),
        "libraries": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        "seed": seed,
        "parameters": {
            "n_estimators": TREES,
            "max_samples": int(model.max_samples_),
            "contamination": FLAGGED_SHARE,
        },
        "features": FEATURES,
        "metrics": {
            "threshold": float(-model.offset_),
            "score_mean": float(scores.mean()),
            "score_p99": float(np.quantile(scores, 0.99)),
            "score_max": float(scores.max()),
            "flagged_share": float(np.mean(model.decision_function(rows) < 0)),
        },
    }
