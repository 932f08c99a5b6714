"""Texts to MLflow on real servers, with the keys of the data step and of training."""

import io
import json
from pathlib import Path

import mlflow
import pytest
from forked_command import Answer
from minio import Minio
from model_servers import Run, change, name_data

MODEL = "identity-masker"


_STORED: dict[str, Answer] = {}
"""What the data step said of texts that are stored: those of all tests here are the same."""


def with_data(run: Run, configs: Path, model: str = MODEL) -> str:
    """Make a model's texts, and write their version into its configuration; answers it."""
    if model not in _STORED:
        _STORED[model] = run("model-data", model, login="data")
    return name_data(configs / f"{model}.yaml", _STORED[model])


def train(run: Run, tracking: str, *words: str, before: str = "", commit: str = "a", **env: str) -> Answer:
    """Run it with its own key, as a commit of its own where one is given."""
    commit_hash = commit * 40
    return run(
        "model-training", MODEL, *words, before=before, MLFLOW_TRACKING_URI=tracking, GIT_COMMIT_HASH=commit_hash, **env
    )


def runs(tracking: str, commit: str) -> list[mlflow.entities.Run]:
    """The runs that trained a commit."""
    client = mlflow.MlflowClient(tracking)
    experiment = client.get_experiment_by_name(MODEL)
    return list(client.search_runs([experiment.experiment_id], f"tags.commit = '{commit * 40}'"))


def versions(tracking: str, commit: str) -> list[mlflow.entities.model_registry.ModelVersion]:
    """The versions that were registered of a commit."""
    found = mlflow.MlflowClient(tracking).search_model_versions(f"name = '{MODEL}'")
    return [each for each in found if each.tags["commit"] == commit * 40]


def test_a_training_is_a_run_and_a_version_with_all_that_made_it(
    run: Run, configs: Path, root: Minio, tracking: str
) -> None:
    data_version = with_data(run, configs)
    done = train(run, tracking, commit="a")
    assert done.returncode == 0, done.stderr
    (version,) = versions(tracking, "a")
    tags = version.tags
    assert (tags["semantic_version"], tags["data_version"], tags["commit"]) == ("1.0.0", data_version, "a" * 40)
    assert tags["param.seed"] == "42"
    assert 0.3 < float(tags["metric.f1"]) < 1
    logged = mlflow.MlflowClient(tracking).get_run(version.run_id)
    assert logged.info.status == "FINISHED"
    assert logged.data.params["alpha"] == "1e-06"
    assert str(logged.data.metrics["f1"]) == tags["metric.f1"]
    prefix = f"{logged.info.experiment_id}/{version.run_id}/artifacts/model/"
    keys = {str(each.object_name) for each in root.list_objects("mlops-artifacts", prefix)}
    assert keys == {f"{prefix}{each}" for each in ("MLmodel", "model.skops", "model_card.json", "profile.json")}
    card = json.loads(root.get_object("mlops-artifacts", f"{prefix}model_card.json").read())
    assert (card["data_version"], card["model_digest"]) == (data_version, tags["model_digest"])


def test_the_same_texts_and_seed_make_the_same_model_and_another_seed_another(
    run: Run, configs: Path, tracking: str
) -> None:
    with_data(run, configs)
    for commit in ("b", "c"):
        assert train(run, tracking, commit=commit).returncode == 0
    (first,), (second,) = versions(tracking, "b"), versions(tracking, "c")
    assert first.run_id != second.run_id
    assert first.tags["model_digest"] == second.tags["model_digest"]
    change(configs / f"{MODEL}.yaml", ("seed: 42", "seed: 43"))
    assert train(run, tracking, commit="d").returncode == 0
    assert versions(tracking, "d")[0].tags["model_digest"] != first.tags["model_digest"]


KILLED = """
import os, pipeline_mlops.training.tracking as tracking
kept = tracking.Tracking.checkpoint
def checkpoint(self, content):
    kept(self, content)
    os.kill(os.getpid(), {signal})
tracking.Tracking.checkpoint = checkpoint
"""


@pytest.mark.parametrize(("signal", "code", "commit"), [(9, -9, "1"), (15, 1, "2")])
def test_a_training_that_is_killed_goes_on_in_its_run_and_makes_the_same_model(
    run: Run, configs: Path, tracking: str, signal: int, code: int, commit: str
) -> None:
    with_data(run, configs)
    ended = train(run, tracking, commit=commit, before=KILLED.format(signal=signal))
    assert ended.returncode == code, ended.stderr
    assert versions(tracking, commit) == []
    done = train(run, tracking, commit=commit)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [each["epochs"] for each in lines if each["message"] == "resumed"] == [1]
    (version,) = versions(tracking, commit)
    assert [each.info.run_id for each in runs(tracking, commit)] == [version.run_id]
    whole = train(run, tracking, commit="3")
    assert whole.returncode == 0
    assert versions(tracking, "3")[0].tags["model_digest"] == version.tags["model_digest"]


DAMAGED = """
import pipeline_mlops.training.tracking as tracking
kept = tracking.Tracking.last_checkpoint
tracking.Tracking.last_checkpoint = lambda self: kept(self)[:-100]
"""
OTHER_STARTS = """
import pipeline_mlops.training.tracking as tracking
kept = tracking.Tracking.checkpoint
def checkpoint(self, content):
    kept(self, content)
    self._client.set_tag(self.run, "writer", "another process")
tracking.Tracking.checkpoint = checkpoint
"""


def test_a_training_whose_checkpoint_is_damaged_begins_anew_and_says_so(run: Run, configs: Path, tracking: str) -> None:
    with_data(run, configs)
    assert train(run, tracking, commit="e", before=KILLED.format(signal=9)).returncode == -9
    done = train(run, tracking, commit="e", before=DAMAGED)
    assert done.returncode == 0, done.stderr
    assert "the checkpoint can't be used, so learning begins anew" in done.stderr
    assert len(versions(tracking, "e")) == 1


def test_a_training_whose_run_another_process_took_over_ends_and_registers_nothing(
    run: Run, configs: Path, tracking: str
) -> None:
    with_data(run, configs)
    former = train(run, tracking, commit="f", before=OTHER_STARTS)
    assert former.returncode == 1
    assert "another training of the same texts, configuration and code was started meanwhile" in former.stderr
    assert versions(tracking, "f") == []
    assert train(run, tracking, commit="f").returncode == 0


def test_what_is_registered_already_is_not_registered_again(run: Run, configs: Path, tracking: str) -> None:
    with_data(run, configs)
    assert train(run, tracking, commit="4").returncode == 0
    again = train(run, tracking, commit="4")
    assert again.returncode == 0, again.stderr
    assert "which was there already" in again.stdout
    assert len(versions(tracking, "4")) == 1


def test_a_model_below_its_quality_is_not_registered_and_its_run_says_why(
    run: Run, configs: Path, tracking: str
) -> None:
    with_data(run, configs)
    change(configs / f"{MODEL}.yaml", ("f1: 0.3", "f1: 0.999"))
    refused = train(run, tracking, commit="5")
    assert refused.returncode == 1
    assert f"model-training: {MODEL}: isn't registered: f1 0." in refused.stderr
    assert "where 0.999 is needed" in refused.stderr
    assert versions(tracking, "5") == []
    (failed,) = runs(tracking, "5")
    assert failed.info.status == "FAILED"
    assert failed.data.metrics["f1"] < 0.999


def test_an_alias_stays_with_its_version_unless_it_is_asked_to_move(run: Run, configs: Path, tracking: str) -> None:
    with_data(run, configs)
    client = mlflow.MlflowClient(tracking)
    change(configs / f"{MODEL}.yaml", ("alias: production", "alias: candidate"))
    first = train(run, tracking, commit="6")
    assert "has the alias candidate now" in first.stdout, first.stderr
    second = train(run, tracking, commit="7")
    assert "is without the alias candidate, which version" in second.stdout
    assert client.get_model_version_by_alias(MODEL, "candidate").version == versions(tracking, "6")[0].version
    moved = train(run, tracking, "--move-alias", commit="7")
    assert moved.returncode == 0, moved.stderr
    assert client.get_model_version_by_alias(MODEL, "candidate").version == versions(tracking, "7")[0].version


def test_texts_are_stored_once_by_their_content_and_configuration_that_names_others_is_told(
    run: Run, configs: Path, root: Minio
) -> None:
    told = run("model-data", MODEL, login="data")
    assert told.returncode == 1
    assert f"{MODEL}: its configuration has data.version 18b45f0607f211e0561419cb6317c9bd, and the texts" in told.stderr
    version = with_data(run, configs)
    key = f"files/md5/{version[:2]}/{version[2:]}"
    stored = root.stat_object("mlops-dvc", key)
    assert run("model-data", MODEL, login="data").returncode == 0
    assert root.stat_object("mlops-dvc", key).version_id == stored.version_id
    lines = [json.loads(line) for line in root.get_object("mlops-dvc", key).read().splitlines()]
    assert [sum(each["held_out"] is held_out for each in lines) for held_out in (False, True)] == [300, 60]


def test_texts_of_a_file_are_a_version_of_data_once_the_configuration_names_it(
    run: Run, configs: Path, tmp_path: Path
) -> None:
    file = tmp_path / "arrived.jsonl"
    missing = run("model-data", MODEL, "--file", str(file), login="data")
    assert (missing.returncode, missing.stderr) == (
        1,
        f"model-data: {file}: can't be read (No such file or directory)\n",
    )
    file.write_text("")
    assert "has 0 bytes" in run("model-data", MODEL, "--file", str(file), login="data").stderr
    file.write_text('{"text": "Ada King", "held_out": false, "spans": []}\n')
    told = run("model-data", MODEL, "--file", str(file), login="data")
    assert (told.returncode, f"into configs/{MODEL}.yaml" in told.stderr) == (1, True)
    name_data(configs / f"{MODEL}.yaml", told)
    taken = run("model-data", MODEL, "--file", str(file), login="data")
    assert (taken.returncode, taken.stdout.endswith(f": 1 lines of {file}\n")) == (0, True)


def test_training_on_texts_that_are_not_there_or_were_changed_is_refused(
    run: Run, configs: Path, root: Minio, tracking: str
) -> None:
    file = configs / f"{MODEL}.yaml"
    change(file, ("18b45f0607f211e0561419cb6317c9bd", "0" * 32))
    missing = train(run, tracking, commit="8")
    assert missing.returncode == 1
    assert f"isn't there; run `model-data {MODEL}` first" in missing.stderr
    root.put_object("mlops-dvc", f"files/md5/00/{'0' * 30}", io.BytesIO(b"{}"), 2)
    changed = train(run, tracking, commit="8")
    assert changed.returncode == 1
    assert "isn't what its name says (MD5); nothing was trained on it" in changed.stderr
    change(file, ("0" * 32, ""))
    assert "data.version is empty; run `model-data" in train(run, tracking, commit="8").stderr


def test_servers_that_are_down_or_refuse_are_a_sentence(run: Run, configs: Path, tracking: str) -> None:
    with_data(run, configs)
    down = train(run, "http://somebody:hunter2secret@127.0.0.1:9", commit="9")
    assert down.returncode == 1
    assert "model-training: MLflow at MLFLOW_TRACKING_URI: " in down.stderr
    silent = train(run, tracking, commit="9", MINIO_ENDPOINT="127.0.0.1:9")
    assert silent.returncode == 1
    assert "the server doesn't answer" in silent.stderr
    wrong = train(run, tracking, commit="9", MINIO_SECRET_KEY="wrong-wrong")
    assert wrong.returncode == 1
    assert "the server refuses (SignatureDoesNotMatch)" in wrong.stderr
    nowhere = train(run, "", commit="9")
    assert "MLFLOW_TRACKING_URI: names no server" in nowhere.stderr
    for each in (down, silent, wrong, nowhere):
        assert "Traceback" not in each.stderr
        assert "hunter2secret" not in each.stdout + each.stderr
    assert versions(tracking, "9") == []
