"""The last stages of `dvc.yaml`, of the model: train and evaluate. The same files and seed make the same files.

They work without MLflow. What `model-training` registers of the same texts, seed and code is the same model, byte by
byte.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline_mlops.artifact import MODEL_FILE, PROFILE_FILE, digest, dumps, loads
from pipeline_mlops.config import ModelConfig
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Model, Row
from pipeline_mlops.training.data_stages import HELD_OUT_FILE, LEARNT_FILE, write
from pipeline_mlops.training.evaluation import evaluate as judged
from pipeline_mlops.training.evaluation import profile_of, too_low

METRICS_FILE = "metrics.json"


def train(model: Model, config: ModelConfig, folder: Path) -> str:
    """Learn all epochs; answers the SHA-256 of the model."""
    rows = _rows(folder / LEARNT_FILE)
    training = config.training
    state = model.begin(training.seed, training.parameters)
    prepared = model.prepare(rows, training.parameters)
    for epoch in range(training.epochs):
        state = model.learn(state, prepared, epoch)
    finished = model.finish(state)
    content = dumps(finished)
    write(folder / MODEL_FILE, content)
    write(folder / PROFILE_FILE, (json.dumps(profile_of(model, finished, rows)) + "\n").encode())
    return digest(content)


def evaluate(model: Model, config: ModelConfig, folder: Path) -> dict[str, Any]:
    """Judge the model by the texts that were held out; answers its metrics, which `metrics.json` has.

    Raises:
        FailedError: it is below the quality that its configuration asks for.
    """
    content = (folder / MODEL_FILE).read_bytes()
    metrics = judged(model, loads(content, model.trusted), _rows(folder / HELD_OUT_FILE))
    plain = {"model_digest": digest(content), "data_version": config.data.version, **metrics}
    write(folder / METRICS_FILE, (json.dumps(plain, indent=2) + "\n").encode())
    low = too_low(config, metrics)
    if low:
        raise FailedError(f"{config.model}: isn't good enough: {'; '.join(low)} (quality in its configuration)")
    return plain


def _rows(file: Path) -> Sequence[Row]:
    return [Row.read(json.loads(line)) for line in file.read_text().split("\n") if line]
