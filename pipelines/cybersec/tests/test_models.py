"""Models and cards that others put in the place of `train`'s: refused with a sentence, and followed nowhere."""

import hashlib
import io
import json

import numpy as np
import pytest
import skops.io
from minio import Minio
from pipeline.detection.training_flow import fit
from pipeline.storage.layers import EVAL, MODELS
from servers import Run
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import LinearRegression
from test_detection import FIRST, card_of, evaluate, keys, train

pytestmark = pytest.mark.usefixtures("empty")


def replace(root: Minio, name: str, data: bytes) -> None:
    """Put something else in the place of a file of the first version."""
    root.put_object(MODELS, f"{FIRST}{name}", io.BytesIO(data), len(data))


def hostile_tree() -> bytes:
    """A forest whose nodes lead outside it: scikit-learn would follow them anywhere."""
    model = fit(np.random.default_rng(1).normal(size=(50, 3)), 1)
    tree = model.estimators_[0].tree_
    state = tree.__getstate__()
    state["nodes"]["left_child"][0] = 10**6
    tree.__setstate__(state)
    return bytes(skops.io.dumps(model))


def shortened(name: str) -> bytes:
    """A forest that lacks numbers of leaves which few rows come to."""
    model = fit(np.random.default_rng(1).normal(size=(50, 3)), 1)
    numbers = getattr(model, name)
    setattr(model, name, [*numbers[:-1], numbers[-1][:-1]])
    return bytes(skops.io.dumps(model))


@pytest.mark.usefixtures("silver")
def test_a_model_that_is_not_what_its_card_says_or_leads_elsewhere_is_refused(run: Run, root: Minio) -> None:
    assert train(run).returncode == 0
    card = card_of(root)
    others = {
        bytes(skops.io.dumps(IsolationForest())): "isn't a whole isolation forest: ",
        shortened("_average_path_length_per_tree"): "isn't an isolation forest of 3 features",
        shortened("_decision_path_lengths"): "isn't an isolation forest of 3 features",
        b"\x80\x04.": "can't be loaded",
        bytes(skops.io.dumps(LinearRegression())): "isn't an isolation forest of 3 features",
        hostile_tree(): "isn't an isolation forest of 3 features",
    }
    for data, said in others.items():
        replace(root, "model.skops", data)
        assert "isn't the model that its card describes (sha256)" in evaluate(run).stderr
        replace(root, "model_card.json", json.dumps({**card, "sha256": hashlib.sha256(data).hexdigest()}).encode())
        refused = evaluate(run)
        assert refused.returncode == 1
        assert said in refused.stderr
        assert "Traceback" not in refused.stderr
        replace(root, "model_card.json", json.dumps(card).encode())
    for entry, said in (
        ("training_data", "isn't a card that `train` writes"),
        ("features", "its model has other features than"),
    ):
        replace(root, "model_card.json", json.dumps({**card, entry: {"\x1b[31m": ""}}).encode())
        refused = evaluate(run)
        assert refused.returncode == 1
        assert said in refused.stderr


OWN = ("version", "model", "uri")


@pytest.mark.usefixtures("silver")
def test_a_report_is_named_by_where_its_model_lies_whatever_the_card_calls_it(run: Run, root: Minio) -> None:
    assert train(run).returncode == 0
    card = card_of(root)
    replace(root, "model_card.json", json.dumps({**card, "version": "v9/../x", "model": 1, "uri": "s3://x"}).encode())
    assert evaluate(run).returncode == 0
    replace(root, "model_card.json", json.dumps({key: card[key] for key in card if key not in OWN}).encode())
    done = evaluate(run)
    assert done.returncode == 0, done.stderr
    assert {key.rpartition("/date=")[0] for key in keys(root, EVAL)} == {"model=isolation-forest/version=v1.0.0"}
