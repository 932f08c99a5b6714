"""The four steps of docs/model-api.md: code, configuration, tests, CI; done in a copy, with a model of a few lines."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from model_servers import ROOT, Env, Run, name_data, ran
from running_api import api

CODE = '''
"""Finds order numbers: a word of letters is remembered where a number follows it."""

import random
import re

from pipeline_mlops.model import Row, Span

_NUMBER = re.compile(r"[A-Z]{3}-[0-9]{4}")


class OrderFinder:
    kinds = ("order",)
    trusted = ()

    def generate(self, seed, count, *, held_out):
        chance = random.Random(f"{seed} {held_out}")
        for _ in range(count):
            order = f"{chance.choice(['ORD', 'INV'])}-{chance.randint(1000, 9999)}"
            yield Row(f"about {order}", (Span("order", 6, 14),))

    def begin(self, seed, parameters):
        return {"words": []}

    def prepare(self, rows, parameters):
        return [row.text[each.start : each.start + 3] for row in rows for each in row.spans]

    def learn(self, state, prepared, epoch):
        return {"words": sorted({*state["words"], *prepared})}

    def finish(self, state):
        return state

    def find(self, state, texts):
        return [
            [Span("order", *match.span()) for match in _NUMBER.finditer(text) if match.group()[:3] in state["words"]]
            for text in texts
        ]


MODEL = OrderFinder()
'''
CONFIG = """
model: order-finder
description: "finds order numbers"
semantic_version: 0.1.0
alias: production
data: {version: "", seed: 1, texts: 20, held_out: 10}
training: {seed: 1, epochs: 2}
quality: {precision: 0.9, recall: 0.9, f1: 0.9}
"""
TEST = """
from models.order_finder import MODEL


def test_orders_are_found():
    assert MODEL.find({"words": ["ORD"]}, ["about ORD-1234"])[0][0].start == 6
"""
# What makes the copy's `models` the one that is imported.
COPY = "import models; models.__path__ = [{path!r}]"


def test_a_second_model_is_added_by_code_configuration_and_a_test_and_then_trained_and_served(
    logins: dict[str, Env], tracking: str, tmp_path: Path
) -> None:
    workspace = tmp_path / "pipelines"
    for folder in ("mlops", "shared"):
        shutil.copytree(ROOT / "pipelines" / folder, workspace / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pipelines" / "pyproject.toml", workspace)
    copy = workspace / "mlops"
    (copy / "src" / "models" / "order_finder").mkdir()
    (copy / "src" / "models" / "order_finder" / "__init__.py").write_text(CODE)
    (copy / "configs" / "order-finder.yaml").write_text(CONFIG)
    (copy / "tests" / "models" / "order_finder").mkdir(parents=True)
    (copy / "tests" / "models" / "order_finder" / "test_order_finder.py").write_text(TEST)

    source = {"PYTHONPATH": str(copy / "src"), "PATH": os.environ["PATH"]}
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(copy / "tests" / "models")],
        env=source,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert tested.returncode == 0, tested.stdout

    env = {"PATH": os.environ["PATH"], "MODEL_CONFIGS": str(copy / "configs"), "MLFLOW_TRACKING_URI": tracking}
    before = COPY.format(path=str(copy / "src" / "models"))
    made = ran(("model-data", "order-finder"), before, tmp_path, {**env, **logins["data"]})
    name_data(copy / "configs" / "order-finder.yaml", made)
    done = ran(("model-training", "order-finder"), before, tmp_path, {**env, **logins["training"]})
    assert done.returncode == 0, done.stderr
    assert "order-finder version 1: has the alias production now" in done.stdout

    served_env = {**env, **source, **logins["serving"], "MODEL": "order-finder"}
    with api(tmp_path / "api", served_env) as served, served.client("predictor") as client:
        answer = client.post("/predict", json={"text": "where is INV-4711?"}).json()
    assert answer["predictions"][0]["masked"] == "where is [ORDER]?"


def test_a_model_without_code_or_configuration_is_told_where_they_belong(run: Run, configs: Path) -> None:
    none = run("model-training", "no-such-model")
    assert none.returncode == 1
    assert "has no configuration" in none.stderr
    assert "there are: identity-masker" in none.stderr
    (configs / "no-code.yaml").write_text(CONFIG.replace("order-finder", "no-code"))
    assert (
        "no-code: has no code; src/models/no_code/ is to have it" in run("model-data", "no-code", login="data").stderr
    )


def test_each_model_has_code_and_tests() -> None:
    mlops = ROOT / "pipelines" / "mlops"
    names = sorted(each.stem.replace("-", "_") for each in (mlops / "configs").glob("*.yaml"))
    assert names == sorted(each.parent.name for each in (mlops / "src" / "models").glob("*/__init__.py"))
    for name in names:
        assert list((mlops / "tests" / "models" / name).glob("test_*.py")), f"{name} has no tests"
