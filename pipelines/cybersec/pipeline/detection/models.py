"""Models in their bucket: a version is the model, in skops' format, and beside it its card, which is written last."""

import datetime as dt
import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
import structlog
from minio import Minio
from pipeline_shared.settings import MinioSettings
from sklearn.ensemble import IsolationForest

from pipeline.detection.features import FEATURES
from pipeline.failed import FailedError
from pipeline.ingestion.validation import first_line
from pipeline.storage.layers import MODELS
from pipeline.storage.objects import ChangedError, Listed, fetch, listing
from pipeline.storage.upload import Upload

MODEL = "isolation-forest"
_PREFIX = f"models/{MODEL}/"
_KEY = re.compile(rf"{_PREFIX}v1\.0\.(0|[1-9]\d{{0,8}})/(.+)")
MODEL_FILE = "model.skops"
CARD_FILE = "model_card.json"
# skops loads it as raw numbers, which `_sound` looks at before any is followed.
_TRUSTED = ["sklearn.tree._tree.Tree"]

Card = dict[str, Any]


def store(client: Minio, minio: MinioSettings, model: IsolationForest, card: Card) -> Card:
    """Put a model and its card under the next version that nobody has: v1.0.N.

    Returns:
        The card, with the version's own entries.

    Raises:
        FailedError: the server isn't there or refuses.
    """
    numbers = [number for number, _, _ in _files(client)]
    content = skops.io.dumps(model)
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        file = Path(folder) / MODEL_FILE
        file.write_bytes(content)
        upload = Upload(minio, file, MODELS)
        number = max(numbers, default=-1) + 1
        while not upload.put(f"{_PREFIX}v1.0.{number}/{MODEL_FILE}", sent_before=False):
            number += 1
        place = f"{_PREFIX}v1.0.{number}/"
        own = {
            "model": MODEL,
            "version": f"v1.0.{number}",
            "uri": f"s3://{MODELS}/{place}{MODEL_FILE}",
            "format": f"skops {skops.__version__}",
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        written = Path(folder) / CARD_FILE
        written.write_text(json.dumps(own | card, indent=2) + "\n")
        Upload(minio, written, MODELS).put(f"{place}{CARD_FILE}", sent_before=False)
    return own | card


def load(client: Minio, version: str | None) -> tuple[IsolationForest, Card]:
    """Read a model and its card.

    Args:
        client: with a key that may read them.
        version: v1.0.N; None is the newest that is whole.

    Raises:
        FailedError: there is none, it isn't what its card says, or the server isn't there.
    """
    files = {
        (f"v1.0.{number}", name): found for number, name, found in sorted(_files(client), key=lambda each: each[0])
    }
    whole = [each for each, name in files if name == CARD_FILE and (each, MODEL_FILE) in files]
    for each in dict.fromkeys(each for each, _ in files if each not in whole):
        structlog.get_logger().warning("has no model or no card, so it is left out", version=each)
    if version is None and whole:
        version = whole[-1]
    if version not in whole:
        known = ", ".join(whole[-5:]) or "none"
        raise FailedError(f"{MODELS}/{_PREFIX}: has no whole version {version or ''}; there are: {known}. Run `train`")
    uri = f"s3://{MODELS}/{_PREFIX}{version}/"
    listed = {"model": MODEL, "version": version, "uri": f"{uri}{MODEL_FILE}"}  # whatever the card calls itself
    card = _card(_content(client, files[version, CARD_FILE]), f"{uri}{CARD_FILE}") | listed
    content = _content(client, files[version, MODEL_FILE])
    if hashlib.sha256(content).hexdigest() != card["sha256"]:
        raise FailedError(f"{uri}{MODEL_FILE}: isn't the model that its card describes (sha256); train another one")
    return _model(content, f"{uri}{MODEL_FILE}"), card


def _files(client: Minio) -> list[tuple[int, str, Listed]]:
    found = ((_KEY.fullmatch(each.key), each) for each in listing(client, MODELS, _PREFIX))
    return [(int(match[1]), match[2], each) for match, each in found if match is not None]


def _content(client: Minio, found: Listed) -> bytes:
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        file = Path(folder) / "content"
        try:
            fetch(client, MODELS, found, file)
        except ChangedError:
            raise FailedError(f"{MODELS}/{found.key}: is gone or replaced since it was listed; try again") from None
        return file.read_bytes()


def _card(content: bytes, uri: str) -> Card:
    try:
        card: Card = json.loads(content)
        _ = card["sha256"]
        known = list(card["features"]) == list(FEATURES)
        dt.datetime.fromisoformat(card["training_data"]["before"]).astimezone(dt.UTC)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise FailedError(f"{uri}: isn't a card that `train` writes") from None
    if not known:
        raise FailedError(f"{uri}: its model has other features than {', '.join(FEATURES)}; train another one")
    return card


def _model(content: bytes, uri: str) -> IsolationForest:
    try:
        model = skops.io.loads(content, trusted=_TRUSTED)
    except Exception as error:  # whatever a file that isn't ours leads to, in a parser of many formats
        raise FailedError(f"{uri}: can't be loaded: {first_line(error)}") from None
    try:
        judges = isinstance(model, IsolationForest) and _whole(model, len(FEATURES))
    except Exception as error:  # whatever a forest lacks, in attributes that are scikit-learn's own
        raise FailedError(f"{uri}: isn't a whole isolation forest: {first_line(error)}") from None
    if not judges:
        raise FailedError(f"{uri}: isn't an isolation forest of {len(FEATURES)} features")
    return model


def _whole(model: IsolationForest, columns: int) -> bool:
    """Tell whether a forest judges any row: its trees are sound, and each leaf has the numbers that make the score."""
    trees = [each.tree_ for each in model.estimators_]
    if not all(_sound(each, columns) for each in trees):
        return False
    nodes = [each.node_count for each in trees]
    for numbers in (model._decision_path_lengths, model._average_path_length_per_tree):
        if [len(each) for each in numbers] != nodes or not all(np.isfinite(each).all() for each in numbers):
            return False
    score = model.score_samples(np.zeros((1, columns)))
    return bool(np.isfinite(score).all() and np.isfinite(model.offset_))


def _sound(tree: Any, columns: int) -> bool:
    """Tell whether a tree leads nowhere outside itself: scikit-learn follows its numbers without a look."""
    inner = np.flatnonzero(tree.children_left != -1)
    children = np.concatenate([tree.children_left[inner], tree.children_right[inner]])
    parents = np.concatenate([inner, inner])
    seen = tree.feature[inner]
    ahead = bool(np.all(children > parents) and np.all(children < tree.node_count))
    return ahead and bool(np.all(seen >= 0) and np.all(seen < columns))
