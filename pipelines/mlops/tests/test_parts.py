"""Parts that need no server: configuration, drift, masking."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kept_model import keep
from model_servers import CONFIGS, change, small

from models.identity_masker import MODEL
from pipeline_mlops import mlflow_loader
from pipeline_mlops.artifact import CARD_FILE, MODEL_FILE, loads
from pipeline_mlops.config import load_config
from pipeline_mlops.drift import Window, features_of, profile, read_profile
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Span, plain_span
from pipeline_mlops.serving.app import mask
from pipeline_mlops.training.cli import commit_of
from pipeline_mlops.training.training import code_digest


def observed(scale: int, count: int, seed: int) -> list[dict[str, float]]:
    """Texts of some length, as numbers; another seed makes others."""
    chance = random.Random(seed)
    return [features_of("word " * chance.randint(1, scale), []) for _ in range(count)]


def test_drift_is_small_for_texts_like_those_of_training_and_large_for_others() -> None:
    described = profile(observed(20, 2000, 1))
    same, other = Window(described, 400), Window(described, 400)
    for each in observed(20, 400, 2):
        same.add(each)
    for each in observed(200, 400, 3):
        other.add(each)
    assert max(same.index(100).values()) < 0.1
    assert other.index(100)["words"] > 0.25
    assert Window(described, 400).index(100) == {}


@pytest.mark.parametrize("plain", [{}, [], {"words": {"edges": [2, 1], "shares": [1, 0, 0]}}, {"a": {"edges": []}}])
def test_a_profile_that_training_did_not_write_is_refused(plain: object) -> None:
    with pytest.raises((ValueError, KeyError)):
        read_profile(plain)


def test_what_mlflow_loads_finds_the_spans_that_the_model_finds(tmp_path: Path) -> None:
    keep(tmp_path)
    (file,) = tmp_path.glob(f"*/{MODEL_FILE}")
    (file.parent / CARD_FILE).write_text(json.dumps({"model": "identity-masker"}))
    texts = ["Contact: ada.king@example.org", "nothing of anybody"]
    found = mlflow_loader._load_pyfunc(str(file.parent)).predict({"text": texts})
    spans = MODEL.find(loads(file.read_bytes(), MODEL.trusted), texts)
    assert found == [[plain_span(each) for each in one] for one in spans]
    assert found[0][0]["kind"] == "email"


def test_two_processes_make_the_same_texts_whatever_their_hashes(tmp_path: Path) -> None:
    shutil.copy(CONFIGS / "identity-masker.yaml", tmp_path)
    small(tmp_path / "identity-masker.yaml")
    program = (
        "from models.identity_masker import MODEL; from pipeline_mlops.config import load_config;"
        " from pipeline_mlops.training.data import make; print(make(MODEL, load_config('identity-masker'))[0])"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PATH": os.environ["PATH"], "MODEL_CONFIGS": str(tmp_path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert [len(each.strip()) for each in made] == [32]


def test_a_checkout_that_was_changed_is_no_clean_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_COMMIT_HASH", raising=False)
    assert commit_of(tmp_path) == "unknown"
    (tmp_path / "model.py").write_text("a = 1\n")
    for words in ("init --quiet", "add .", "-c user.name=a -c user.email=a@example.org commit --quiet -m first"):
        subprocess.run(["git", *words.split(" ")], cwd=tmp_path, check=True)
    clean = commit_of(tmp_path)
    assert len(clean) == 40
    (tmp_path / "mlops").mkdir()
    (tmp_path / "mlops" / "dvc.lock").write_text("what a run of DVC writes before the model is registered\n")
    assert commit_of(tmp_path) == clean
    (tmp_path / "model.py").write_text("a = 2\n")
    assert commit_of(tmp_path) == f"{clean}-dirty"
    monkeypatch.setenv("GIT_COMMIT_HASH", "0" * 40)
    assert commit_of(tmp_path) == "0" * 40


def test_code_that_was_changed_is_another_plan_of_training(tmp_path: Path) -> None:
    for package in ("models", "pipeline_mlops"):
        shutil.copytree(CONFIGS.parent / "src" / package, tmp_path / package)
    before = code_digest(tmp_path)
    assert before == code_digest(CONFIGS.parent / "src")
    with (tmp_path / "models" / "identity_masker" / "features.py").open("a") as file:
        file.write("#\n")
    assert code_digest(tmp_path) != before


def test_each_span_is_masked_by_its_kind_and_the_rest_stays() -> None:
    assert mask("a b c", [Span("person", 0, 1), Span("email", 4, 5)]) == "[PERSON] b [EMAIL]"


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("epochs: 4", "epochs: 0")], "training.epochs: Input should be greater than or equal to 1, got '0'"),
        ([("alias: production", "alias: production\nmore: 1")], "more: Extra inputs are not permitted"),
        ([("kinds: [card, iban]", "event: view")], "event belongs to source events"),
        ([("event: purchase\n", "event: view\n")], "adds values of view, which has no unit"),
        ([("name: purchase_usd", "name: payment_identities")], "custom_metrics has a name twice"),
        ([("type: counter", "type: gauge")], "Input should be 'counter' or 'histogram', got 'gauge'"),
        ([("model: identity-masker", "model: other")], "says model other; its file is to be other.yaml"),
    ],
)
def test_a_configuration_that_is_wrong_is_told_by_its_place(
    pairs: list[tuple[str, str]], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "identity-masker.yaml"
    file.write_text((CONFIGS / "identity-masker.yaml").read_text())
    change(file, *pairs)
    monkeypatch.setenv("MODEL_CONFIGS", str(tmp_path))
    with pytest.raises(FailedError) as refused:
        load_config("identity-masker")
    assert said in str(refused.value)
