"""The DVC project by DVC itself, on the platform's bucket with the key of the data step: what repeats, what stops."""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from minio import Minio
from model_servers import CONFIGS, ROOT, Env, change, measured, name_data, ran, small

GATES = ROOT / ".bucketworks" / "pipelines" / "data-gates" / "bin"
MODEL = "identity-masker"


@dataclass(frozen=True)
class Project:
    """A copy of the DVC project, in a repository of its own."""

    root: Path
    env: Env

    @property
    def folder(self) -> Path:
        """Where dvc.yaml lies."""
        return self.root / "pipelines" / "mlops"

    @property
    def config(self) -> Path:
        """Of the model."""
        return self.folder / "configs" / f"{MODEL}.yaml"

    def run(self, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
        """Run a program there."""
        return subprocess.run(
            words, cwd=self.folder, env={**self.env, **env}, capture_output=True, text=True, check=False, timeout=240
        )

    def dvc(self, *words: str, **env: str) -> str:
        """Run DVC, which is to succeed."""
        done = self.run("dvc", *words, **env)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def commit(self, words: str) -> None:
        """Keep what git keeps."""
        for command in (("add", "-A"), ("commit", "-qm", words)):
            done = self.run("git", "-c", "user.name=a", "-c", "user.email=a@example.org", *command)
            assert done.returncode == 0, done.stderr

    def metrics(self) -> dict[str, object]:
        """What the last evaluation wrote."""
        return dict(json.loads((self.folder / "data" / "metrics.json").read_text()))


def local_config(key: Env, secret: str) -> str:
    """What `bucketworks key show --format dvc` writes (test/cli/key.test.ts)."""
    return (
        "['remote \"mlops-data-pipeline\"']\n"
        f'endpointurl = "http://{key["MINIO_ENDPOINT"]}"\n'
        'region = "us-east-1"\n'
        f'access_key_id = "{key["MINIO_ACCESS_KEY"]}"\n'
        f'secret_access_key = "{secret}"\n'
    )


@pytest.fixture(scope="module")
def project(logins: dict[str, Env], tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose stages ran once, with little data; what came of it is committed."""
    if not GATES.exists():
        pytest.fail("there is no DVC: run make data-gates")
    root = tmp_path_factory.mktemp("project")
    pipelines = ROOT / "pipelines"
    folder = root / "pipelines" / "mlops"
    for each in ("mlops/src", "mlops/.dvc", "data-gates/data_gates"):
        ignored = shutil.ignore_patterns("__pycache__", "tmp", "cache", "config.local")
        shutil.copytree(pipelines / each, root / "pipelines" / each, ignore=ignored)
    for name in ("dvc.yaml", ".dvcignore"):
        shutil.copy(pipelines / "mlops" / name, folder)
    shutil.copytree(CONFIGS, folder / "configs")
    (root / ".gitignore").write_text("__pycache__/\n.bucketworks/\npipelines/*/data/\n")
    key = logins["data"]
    env = {
        "PATH": f"{GATES}:{ROOT}/.bucketworks/pipelines/venv/bin:{os.environ['PATH']}",
        "HOME": str(root),
        "NO_PROXY": "127.0.0.1",
        "MODEL_CONFIGS": str(folder / "configs"),
        "DVC_SITE_CACHE_DIR": str(root / ".bucketworks" / "site"),
        **measured(),
        **key,
    }
    made = Project(root, env)
    small(made.config)
    stored = ran(("model-data", MODEL), "", root, env)
    name_data(made.config, stored)
    assert made.run("git", "init", "-q").returncode == 0
    (folder / ".dvc" / "config.local").write_text(local_config(key, key["MINIO_SECRET_KEY"]))
    made.dvc("repro")
    made.commit("first")
    return made


def version_of(project: Project) -> str:
    """The version of data that the configuration names."""
    return str(yaml.safe_load(project.config.read_text())["data"]["version"])


def test_the_versions_that_git_keeps_are_those_of_the_configuration() -> None:
    kept = yaml.safe_load((CONFIGS.parent / "dvc.lock").read_text())["stages"]
    config = yaml.safe_load((CONFIGS / f"{MODEL}.yaml").read_text())
    assert kept["fetch"]["outs"][0]["md5"] == config["data"]["version"]
    assert set(kept) == set(yaml.safe_load((CONFIGS.parent / "dvc.yaml").read_text())["stages"])


def test_nothing_runs_a_second_time_and_no_key_is_in_what_git_keeps(project: Project) -> None:
    said = project.dvc("repro")
    assert "Running stage" not in said
    assert "Data and pipelines are up to date" in said
    kept = project.run("git", "grep", "-c", "-e", project.env["MINIO_SECRET_KEY"], "HEAD")
    assert (kept.returncode, kept.stdout) == (1, "")
    assert "config.local" not in project.run("git", "ls-files", ".dvc").stdout


def test_the_same_data_and_seed_make_the_same_model_as_a_training_that_registers_it(
    project: Project, logins: dict[str, Env], tracking: str, tmp_path: Path
) -> None:
    first = project.metrics()["model_digest"]
    project.dvc("repro", "--force", "--single-item", "train", "evaluate")
    assert project.metrics()["model_digest"] == first
    env = {**project.env, **logins["training"], "MLFLOW_TRACKING_URI": tracking, "GIT_COMMIT_HASH": "d" * 40}
    registered = ran(("model-training", MODEL), "", tmp_path, env)
    assert f"digest {first}" in registered.stdout, registered.stderr


def test_what_one_machine_pushes_another_pulls_and_what_the_data_step_stored_is_not_sent_again(
    project: Project, root: Minio
) -> None:
    version = version_of(project)
    key = f"files/md5/{version[:2]}/{version[2:]}"
    before = root.stat_object("mlops-dvc", key).version_id
    assert "files pushed" in project.dvc("push")
    assert root.stat_object("mlops-dvc", key).version_id == before
    model = (project.folder / "data" / "model.skops").read_bytes()
    shutil.rmtree(project.folder / "data")
    shutil.rmtree(project.root / ".bucketworks" / "pipelines" / "dvc" / "cache")
    assert "files fetched" in project.dvc("pull")
    assert (project.folder / "data" / "model.skops").read_bytes() == model
    assert hashlib.md5((project.folder / "data" / "texts.jsonl").read_bytes()).hexdigest() == version


def test_another_seed_runs_training_alone_and_diff_and_metrics_tell_what_became_of_it(project: Project) -> None:
    before = project.metrics()
    change(project.config, ("seed: 42", "seed: 43"))
    said = project.dvc("repro")
    assert re.findall(r"Running stage '(\w+)'", said) == ["train", "evaluate"]
    assert project.metrics()["model_digest"] != before["model_digest"]
    changed = json.loads(project.run("dvc", "diff", "--json").stdout)["modified"]
    assert {each["path"] for each in changed} >= {"data/model.skops", "data/metrics.json"}
    assert "data/texts.jsonl" not in {each["path"] for each in changed}
    shown = json.loads(project.run("dvc", "metrics", "diff", "--json").stdout)["data/metrics.json"]["model_digest"]
    assert (shown["old"], shown["new"]) == (before["model_digest"], project.metrics()["model_digest"])
    change(project.config, ("seed: 43", "seed: 42"))


def test_broken_data_stop_before_training_and_their_report_is_in_the_bucket_of_results(
    project: Project, root: Minio
) -> None:
    texts = (project.folder / "data" / "texts.jsonl").read_text().split("\n")
    broken = json.loads(texts[0])
    broken["text"] += "\ufffd"
    content = "\n".join([json.dumps(broken), *texts[1:]]).encode()
    version = hashlib.md5(content).hexdigest()
    root.put_object("mlops-dvc", f"files/md5/{version[:2]}/{version[2:]}", io.BytesIO(content), len(content))
    good = version_of(project)
    change(project.config, (good, version))
    stopped = project.run("dvc", "repro")
    change(project.config, (version, good))
    assert stopped.returncode != 0
    said = stopped.stdout + stopped.stderr
    assert "column text: expect_column_values_to_not_match_regex (great_expectations): 1 row, line 1" in said
    assert re.findall(r"Running stage '(\w+)'", said) == ["fetch", "validate"]
    found = re.search(
        r"report: s3://mlops-quality/(suite=identity-masker/date=\d{8}/run_id=[\w-]+/)validation.md", said
    )
    assert found, said
    report = root.get_object("mlops-quality", f"{found[1]}validation.md").read().decode()
    assert "# Data of identity-masker: 1 check failed" in report
    assert json.loads(root.get_object("mlops-quality", f"{found[1]}validation.json").read())["data_version"] == version


def test_a_wrong_key_and_a_server_that_is_down_change_nothing(project: Project) -> None:
    local = project.folder / ".dvc" / "config.local"
    right = local.read_text()
    local.write_text(local_config(project.env, "wrong-wrong"))
    refused = project.run("dvc", "pull")
    local.write_text(right)
    assert refused.returncode != 0
    assert project.env["MINIO_SECRET_KEY"] not in refused.stdout + refused.stderr
    down = project.run("model-stage", "fetch", MODEL, "--folder", "elsewhere", MINIO_ENDPOINT="127.0.0.1:9")
    assert down.returncode == 1
    assert "the server doesn't answer" in down.stderr
    assert not (project.folder / "elsewhere").exists()
