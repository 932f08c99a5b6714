"""From texts to a registered version: learn, judge, and register what is good enough."""

import datetime as dt
import hashlib
import json
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import structlog
import yaml
from minio import Minio
from pipeline_shared.stopping import StoppedError, stop_if_asked

from pipeline_mlops.artifact import CARD_FILE, MODEL_FILE, PROFILE_FILE, digest, dumps, loads
from pipeline_mlops.config import ModelConfig
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Model, State
from pipeline_mlops.training import data
from pipeline_mlops.training.data import Texts
from pipeline_mlops.training.evaluation import evaluate, profile_of, too_low
from pipeline_mlops.training.tracking import Registered, Tracking, describe

_LIBRARIES = ("scikit-learn", "skops", "numpy", "faker", "mlops-pipeline")
_LOADER = "pipeline_mlops.mlflow_loader"
_SRC = Path(__file__).parents[2]
_PACKAGES = ("models", "pipeline_mlops")


@dataclass(frozen=True)
class Trained:
    """What became of a training."""

    run: str
    model_digest: str
    metrics: Mapping[str, float]
    registered: Registered


def train(model: Model, config: ModelConfig, client: Minio, commit: str, *, move_alias: bool) -> Trained:
    """Train on the texts that the configuration names, and register the model.

    Args:
        model: its code.
        config: of the model.
        client: of MinIO, with a key that may read data versions.
        commit: of the code, for the version's tags.
        move_alias: give the alias to this version although another one has it.

    Raises:
        FailedError: texts are missing, the model isn't good enough, a server isn't there or refuses, or the run was
            asked to end; what was learnt until then is kept.
    """
    texts = data.load(client, config)
    plan = _plan(config, texts, commit, code_digest(_SRC))
    tracking = Tracking(config.model, plan)
    structlog.get_logger().info("training", run=tracking.run, resumed=tracking.resumed, data_version=texts.version)
    try:
        state = _learnt(model, config, texts, plan, tracking)
        stop_if_asked()
    except StoppedError:
        raise FailedError(
            f"the run was asked to end; run {tracking.run} keeps what was learnt, the same command goes on from there"
        ) from None
    tracking.check_writer()
    finished = model.finish(state)
    metrics = evaluate(model, finished, texts.held_out)
    params = {"seed": config.training.seed, "epochs": config.training.epochs, **config.training.parameters}
    content = dumps(finished)
    known = {
        "semantic_version": config.semantic_version,
        "data_version": texts.version,
        "commit": commit,
        "model_digest": digest(content),
    }
    tracking.log(params, metrics, known)
    _refuse_bad(config, metrics, tracking)
    card: dict[str, Any] = {"model": config.model, "description": config.description, "run_id": tracking.run, **known}
    card |= {"parameters": params, "metrics": metrics, "libraries": _libraries(), "kinds": list(model.kinds)}
    _store(content, card, profile_of(model, finished, texts.learnt), tracking)
    tags = known | {f"param.{name}": str(value) for name, value in params.items()}
    tags |= {f"metric.{name}": str(value) for name, value in metrics.items()}
    registered = tracking.register(config.description, tags, config.alias, move=move_alias)
    tracking.end("FINISHED")
    return Trained(tracking.run, known["model_digest"], metrics, registered)


def code_digest(src: Path) -> str:
    """SHA-256 of our packages in a folder: a checkout that was changed has the commit of before, and other code."""
    made = hashlib.sha256()
    for file in sorted(file for each in _PACKAGES for file in (src / each).rglob("*.py")):
        content = file.read_bytes()
        made.update(f"{file.relative_to(src)} {len(content)}\n".encode())
        made.update(content)
    return made.hexdigest()


def _plan(config: ModelConfig, texts: Texts, commit: str, code: str) -> str:
    """One name of all that makes the model what it is."""
    parts = [config.model, config.training.model_dump(), texts.version, commit, code, _libraries()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _learnt(model: Model, config: ModelConfig, texts: Texts, plan: str, tracking: Tracking) -> State:
    """Learn all epochs, from where the run stopped."""
    training = config.training
    state, done = _resumed(model, plan, tracking)
    if state is None:
        state = model.begin(training.seed, training.parameters)
    if done >= training.epochs:
        return state
    prepared = model.prepare(texts.learnt, training.parameters)
    for epoch in range(done, training.epochs):
        stop_if_asked()
        state = model.learn(state, prepared, epoch)
        tracking.checkpoint(dumps({"plan": plan, "epochs": epoch + 1, "state": state}))
        structlog.get_logger().info("learnt", epoch=epoch + 1, of=training.epochs)
    return state


def _resumed(model: Model, plan: str, tracking: Tracking) -> tuple[State | None, int]:
    kept = tracking.last_checkpoint() if tracking.resumed else None
    if kept is None:
        return None, 0
    try:
        found: Any = loads(kept, model.trusted)
    except FailedError as error:
        found, why = None, str(error)
    else:
        why = "it is of another training"
    if not isinstance(found, dict) or found.get("plan") != plan:
        # The same model is learnt from the beginning, which costs time alone.
        structlog.get_logger().warning(
            "the checkpoint can't be used, so learning begins anew", run=tracking.run, reason=why
        )
        return None, 0
    structlog.get_logger().info("resumed", epochs=found["epochs"])
    return found["state"], int(found["epochs"])


def _refuse_bad(config: ModelConfig, metrics: Mapping[str, float], tracking: Tracking) -> None:
    low = too_low(config, metrics)
    if low:
        tracking.end("FAILED")
        raise FailedError(
            f"{config.model}: isn't registered: {'; '.join(low)} (quality in its configuration);"
            f" run {tracking.run} has all metrics"
        )


def _store(content: bytes, card: dict[str, Any], described: Mapping[str, Any], tracking: Tracking) -> None:
    now = dt.datetime.now(dt.UTC)
    with tempfile.TemporaryDirectory(prefix="model-") as name:
        folder = Path(name)
        (folder / MODEL_FILE).write_bytes(content)
        (folder / PROFILE_FILE).write_text(json.dumps(described) + "\n")
        (folder / CARD_FILE).write_text(
            json.dumps(card | {"trained_at": now.isoformat(timespec="seconds")}, indent=2) + "\n"
        )
        described_to_mlflow = describe(tracking.run, f"{now:%Y-%m-%d %H:%M:%S.%f}", _LOADER)
        (folder / "MLmodel").write_text(yaml.safe_dump(described_to_mlflow))
        tracking.files(folder)


def _libraries() -> dict[str, str]:
    return {"python": platform.python_version(), **{name: version_of(name) for name in _LIBRARIES}}
