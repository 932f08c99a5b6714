"""MODELS and SILVER to EVAL: how a model judges rows that are newer than all it was trained on."""

import datetime as dt
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
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

from pipeline.detection.anomalies import anomalies
from pipeline.detection.features import features, microseconds
from pipeline.detection.metrics import detection, distribution
from pipeline.detection.models import MODEL, Card, load
from pipeline.detection.plot import score_plot
from pipeline.detection.sample import Sample
from pipeline.failed import FailedError
from pipeline.orchestration import flow, task
from pipeline.storage.layers import EVAL, SILVER
from pipeline.storage.silver import ReadObject, read_rows, silver_objects
from pipeline.storage.upload import Upload, UploadError

MOST_ROWS = 100_000
ANOMALIES_OF_KIND = 50


@dataclass(frozen=True)
class Evaluation:
    """What was found out, and where it lies."""

    report: dict[str, Any]
    report_uri: str
    plot_uri: str


@flow
def evaluation_flow(run_id: str, minio: MinioSettings, version: str | None, seed: int) -> Evaluation:
    """Evaluate a model on the rows of SILVER that it wasn't trained on.

    Args:
        run_id: of this run; report and plot are named by it.
        minio: a key that may read MODELS below models/ and SILVER, and write EVAL.
        version: of the model, v1.0.N; None is the newest.
        seed: of the anomalies that are made up.

    Raises:
        FailedError: there is no such model or no newer row, or MinIO isn't there, refuses, or the run was asked to end.
    """
    hide(minio.secret_key.get_secret_value())
    client = minio_client(minio)
    model, card = load(client, version)
    try:
        before = dt.datetime.fromisoformat(card["training_data"]["before"])
        sample, objects = read_newer(client, before, seed)
        report, picture = judge(model, card, sample, seed)
        stop_if_asked()
    except StoppedError:
        raise FailedError("the run was asked to end before its report was stored; nothing is kept of it") from None
    head = {
        "run_id": run_id,
        "evaluated_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "code_version": version_text("cybersec-pipeline"),
        "model": {name: card[name] for name in ("model", "version", "uri", "sha256")},
        "data": {"rows": sample.seen, "from": before.isoformat(), "objects": [vars(each) for each in objects]},
        "seed": seed,
    }
    return store_report(minio, run_id, head | report, picture)


@task
def read_newer(client: Minio, since: dt.datetime, seed: int) -> tuple[Sample, list[ReadObject]]:
    """Read the rows of SILVER from a moment on.

    Raises:
        FailedError: there is none.
    """
    first = int(since.timestamp()) * 1_000_000 + since.microsecond
    sample = Sample(MOST_ROWS, seed)
    objects: dict[str, ReadObject] = {}
    for read, batch in read_rows(client, [each for each in silver_objects(client) if each.date >= since.date()]):
        stop_if_asked()
        objects[read.uri] = read
        sample.add(batch.filter(microseconds(batch) >= first))
    if sample.seen == 0:
        raise FailedError(
            f"{SILVER}: has no row from {since.isoformat()} on, and the model saw all before; ingest newer ones"
        )
    return sample, list(objects.values())


@task
def judge(model: IsolationForest, card: Card, sample: Sample, seed: int) -> tuple[dict[str, Any], bytes]:
    """Score real rows and made-up anomalies; answers the report and its plot."""
    threshold = float(-model.offset_)
    _, rows = sample.by_time()
    real = -model.score_samples(rows)
    made_up = anomalies(ANOMALIES_OF_KIND, seed, dt.datetime.now(dt.UTC))
    injected = {kind: -model.score_samples(features(table)) for kind, table in made_up.items()}
    report = {
        "threshold": threshold,
        "real_rows": distribution(real, threshold),
        "injected": {kind: distribution(scores, threshold) for kind, scores in injected.items()},
        "detection": detection(real, injected, threshold),
    }
    everything = [score for scores in injected.values() for score in scores]
    title = f"{MODEL} {card['version']}: scores of rows that it wasn't trained on"
    return report, score_plot(title, real, np.array(everything), threshold)


@task
def store_report(minio: MinioSettings, run_id: str, report: dict[str, Any], picture: bytes) -> Evaluation:
    """Put the plot and then the report into EVAL, below model, version and the day of the evaluation (UTC)."""
    model = report["model"]
    day = report["evaluated_at"][:10].replace("-", "")
    place = f"model={model['model']}/version={model['version']}/date={day}/{run_id}"
    plot_uri = f"s3://{EVAL}/{place}.png"
    with tempfile.TemporaryDirectory(prefix="evaluation-") as folder:
        for ending, content in (
            ("png", picture),
            ("json", json.dumps({**report, "plot": plot_uri}, indent=2).encode() + b"\n"),
        ):
            file = Path(folder) / f"report.{ending}"
            file.write_bytes(content)
            if not Upload(minio, file, EVAL).put(f"{place}.{ending}", sent_before=False):
                raise UploadError(f"{EVAL}/{place}.{ending}: is there already; evaluate once more")
    structlog.get_logger().info("evaluated", report=f"s3://{EVAL}/{place}.json")
    return Evaluation(report, f"s3://{EVAL}/{place}.json", plot_uri)
