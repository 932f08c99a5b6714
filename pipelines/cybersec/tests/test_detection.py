"""SILVER to MODELS to EVAL on a real server, with the keys of training and evaluation."""

import json
import re
from typing import Any

import pyarrow as pa
import pytest
import skops.io
from conftest import in_silver
from forked_command import Answer
from minio import Minio
from pipeline.storage.layers import EVAL, MODELS, SILVER
from servers import Run
from test_faults import killing

FIRST = "models/isolation-forest/v1.0.0/"
pytestmark = pytest.mark.usefixtures("empty")


def train(run: Run, *words: str, before: str = "", **env: str) -> Answer:
    """Run it with its own key."""
    return run("train", *words, login="training", before=before, PG_PASSWORD="", **env)


def evaluate(run: Run, *words: str, before: str = "", **env: str) -> Answer:
    """Run it with its own key."""
    return run("evaluate", *words, login="evaluation", before=before, PG_PASSWORD="", **env)


def content(root: Minio, bucket: str, key: str) -> bytes:
    """What an object holds."""
    return root.get_object(bucket, key).read()


def keys(root: Minio, bucket: str) -> list[str]:
    """What lies in a bucket, sorted."""
    return sorted(str(each.object_name) for each in root.list_objects(bucket, recursive=True))


def card_of(root: Minio, version: str = "v1.0.0") -> dict[str, Any]:
    """The card of a version."""
    return dict(json.loads(content(root, MODELS, f"models/isolation-forest/{version}/model_card.json")))


@pytest.mark.usefixtures("silver")
def test_a_model_is_stored_with_a_card_that_says_what_it_was_trained_on(run: Run, root: Minio) -> None:
    done = train(run)
    assert done.returncode == 0, done.stderr
    assert keys(root, MODELS) == [f"{FIRST}model.skops", f"{FIRST}model_card.json"]
    assert f"s3://{MODELS}/{FIRST}model.skops: trained on 400 rows before " in done.stdout
    card = card_of(root)
    assert (card["version"], card["seed"], card["training_data"]["rows"]) == ("v1.0.0", 42, 500)
    versions = {f"s3://{SILVER}/{each}": root.stat_object(SILVER, each).version_id for each in keys(root, SILVER)}
    assert {each["uri"]: each["version_id"] for each in card["training_data"]["objects"]} == versions
    assert sum(each["rows"] for each in card["training_data"]["objects"]) == 500
    assert set(card["libraries"]) == {"python", "scikit-learn", "skops", "numpy", "pyarrow"}
    for entry in ("features", "metrics", "parameters", "code_version", "run_id", "sha256"):
        assert card[entry]
    # No pickle: the file is read without running anything it holds.
    assert skops.io.get_untrusted_types(data=content(root, MODELS, f"{FIRST}model.skops")) == [
        "sklearn.tree._tree.Tree"
    ]


@pytest.mark.usefixtures("silver")
def test_the_same_rows_and_seed_make_the_same_model_and_each_training_the_next_version(run: Run, root: Minio) -> None:
    for seed in ("7", "7", "8"):
        assert train(run, "--seed", seed).returncode == 0
    metrics = [card_of(root, f"v1.0.{number}")["metrics"] for number in range(3)]
    assert metrics[0] == metrics[1]
    assert metrics[0] != metrics[2]
    newest = evaluate(run)
    assert ": v1.0.2 on 100 rows that it wasn't trained on" in newest.stdout, newest.stderr
    assert ": v1.0.1 on 100 rows" in evaluate(run, "--model", "v1.0.1").stdout


@pytest.mark.usefixtures("silver")
def test_trainings_that_meet_have_a_version_each(run: Run, root: Minio) -> None:
    meet = "import pipeline.detection.models as models; models._files = lambda client: []"
    for _ in range(2):
        assert train(run, before=meet).returncode == 0
    assert {card_of(root, version)["version"] for version in ("v1.0.0", "v1.0.1")} == {"v1.0.0", "v1.0.1"}
    assert len({card_of(root, version)["run_id"] for version in ("v1.0.0", "v1.0.1")}) == 2


@pytest.mark.usefixtures("silver")
def test_an_evaluation_is_a_report_and_a_picture_of_rows_that_the_model_has_not_seen(run: Run, root: Minio) -> None:
    assert train(run).returncode == 0
    done = evaluate(run)
    assert done.returncode == 0, done.stderr
    picture, report = sorted(keys(root, EVAL), reverse=True)
    assert re.fullmatch(r"model=isolation-forest/version=v1\.0\.0/date=\d{8}/\d{14}-[a-z0-9]{6}\.json", report)
    assert content(root, EVAL, picture).startswith(b"\x89PNG\r\n")
    said = json.loads(content(root, EVAL, report))
    assert said["plot"] == f"s3://{EVAL}/{picture}"
    assert said["data"]["from"] == card_of(root)["training_data"]["before"]
    assert said["model"]["sha256"] == card_of(root)["sha256"]
    real, found = said["real_rows"], said["detection"]
    assert (real["count"], said["data"]["rows"]) == (100, 100)
    assert real["min"] <= real["p05"] <= real["p50"] <= real["p95"] <= real["max"]
    assert found["true_positives"] + found["false_negatives"] == 200
    assert found["false_positives"] + found["true_negatives"] == 100
    assert found["precision"] == found["true_positives"] / (found["true_positives"] + found["false_positives"])
    assert found["recall"] == found["true_positives"] / 200
    assert found["roc_auc"] > 0.9
    assert found["recall_of_kind"]["beacon"] > 0.9
    again = evaluate(run)
    assert again.returncode == 0
    assert len(keys(root, EVAL)) == 4


def test_without_rows_there_is_a_sentence(run: Run, root: Minio) -> None:
    for answer, said in (
        (train(run), "train: cybersec-ml-silver: has 0 rows, and at least 5 are needed; run `ingest` and `transform`"),
        (evaluate(run), "has no whole version ; there are: none. Run `train`"),
    ):
        assert answer.returncode == 1
        assert said in answer.stderr
        assert "Traceback" not in answer.stderr
    assert keys(root, MODELS) + keys(root, EVAL) == []


@pytest.mark.usefixtures("silver")
def test_without_newer_rows_nothing_is_evaluated(run: Run, root: Minio) -> None:
    assert train(run).returncode == 0
    for each in keys(root, SILVER):
        root.remove_object(SILVER, each)
    none = evaluate(run)
    assert none.returncode == 1
    assert "has no row from " in none.stderr
    assert keys(root, EVAL) == []


@pytest.mark.usefixtures("silver")
def test_an_object_that_the_transformation_never_wrote_is_named(run: Run, root: Minio) -> None:
    in_silver(root, 3, pa.table({"\x1b[31m": ["=HYPERLINK(1)"]}))
    refused = train(run)
    assert refused.returncode == 1
    assert (
        "events-1-of-1.parquet: isn't what `transform` writes: its columns are not timestamp, src_ip" in refused.stderr
    )
    assert "\x1b" not in refused.stderr
    assert keys(root, MODELS) == []


@pytest.mark.usefixtures("silver")
def test_a_training_killed_between_model_and_card_leaves_a_version_that_nobody_takes(run: Run, root: Minio) -> None:
    assert train(run).returncode == 0
    assert train(run, before=killing("storage.upload", "Upload", "put", "after")).returncode == -9
    assert "v1.0.0 on 100 rows" in evaluate(run).stdout
    assert train(run).returncode == 0
    assert [key for key in keys(root, MODELS) if key.endswith("card.json")][-1] == f"{FIRST[:-2]}2/model_card.json"


STOP = """
import os, signal
import pipeline.detection.{module} as flow
step = flow.{name}
def asked(*given):
    os.kill(os.getpid(), signal.SIGTERM)
    return step(*given)
flow.{name} = asked
"""


@pytest.mark.usefixtures("silver")
@pytest.mark.parametrize("name", ["read_silver", "fit"])
def test_sigterm_ends_a_training_before_anything_is_stored(run: Run, root: Minio, name: str) -> None:
    stopped = train(run, before=STOP.format(module="training_flow", name=name))
    assert stopped.returncode == 1
    assert "train: the run was asked to end before the model was stored; nothing is kept of it" in stopped.stderr
    assert keys(root, MODELS) == []


@pytest.mark.usefixtures("silver")
@pytest.mark.parametrize("name", ["read_newer", "judge"])
def test_sigterm_ends_an_evaluation_before_anything_is_stored(run: Run, root: Minio, name: str) -> None:
    assert train(run).returncode == 0
    stopped = evaluate(run, before=STOP.format(module="evaluation_flow", name=name))
    assert stopped.returncode == 1
    assert "evaluate: the run was asked to end before its report was stored; nothing is kept of it" in stopped.stderr
    assert keys(root, EVAL) == []


@pytest.mark.usefixtures("silver")
@pytest.mark.parametrize(
    "place",
    ["http://somebody:hunter2secret@127.0.0.1:9", "mysql+pymysql://u:hunter2secret@h/d", "http://u:hunter2secret@["],
)
def test_a_training_that_mlflow_is_not_told_of_is_stored_all_the_same(run: Run, root: Minio, place: str) -> None:
    done = train(run, MLFLOW_TRACKING_URI=place)
    assert done.returncode == 0, done.stderr
    assert "MLflow: not logged, see the log for the reason; s3://cybersec-ml-models/" in done.stdout
    assert "MLflow has no entry of this model" in done.stderr
    assert "hunter2secret" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert keys(root, MODELS) == [f"{FIRST}model.skops", f"{FIRST}model_card.json"]


@pytest.mark.parametrize(
    "words", [("train", "--seed", "-1"), ("train", "--days", "0"), ("evaluate", "--model", "../../etc"), ("train", "x")]
)
def test_wrong_use_is_refused_before_anything_is_read(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words, login="training").returncode == 2
