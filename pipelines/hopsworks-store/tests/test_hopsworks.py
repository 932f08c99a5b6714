"""The commands on a project of Hopsworks, by its own client, against a server of its API's shape."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_hopsworks import Hopsworks, served

from pipeline_features.cli import main
from pipeline_features.failed import FailedError
from pipeline_hopsworks.connection import feature_store
from pipeline_hopsworks.settings import load


def feature(name: str, kind: str = "int64", text: str = "") -> dict[str, Any]:
    return {"name": name, "type": kind, "description": text, "least": None, "most": None, "nullShare": 0}


def definitions(*fields: dict[str, Any], **view: Any) -> str:
    """Write what `bucketworks` hands over: one view of texts."""
    texts = {
        "name": "texts",
        "description": "numbers of a text",
        "entities": ["text"],
        "prefix": "feature_group=texts/version=1/",
        "timestamp": "event_timestamp",
        "created": "created_at",
        "ttlSeconds": 86400,
        "online": True,
        "fields": list(fields) or [feature("words")],
    }
    entity = {"name": "text", "key": "text_id", "type": "string", "description": "its MD5"}
    store = {"platform": "mlops", "store": "hopsworks", "bucket": "mlops-features", "schema": "features"}
    return json.dumps({**store, "entities": [entity], "views": [{**texts, **view}]})


@dataclass(frozen=True)
class Ended:
    """How the program ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Ended]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process, which has loaded the client: that alone takes seconds."""

    def ran(server: Hopsworks, command: str, text: str, **env: str) -> Ended:
        with monkeypatch.context() as around:
            for name, value in {"FEATURES": text, **server.variables, **env}.items():
                around.setenv(name, value)
            around.setattr(sys, "argv", ["features", *command.split()])
            capfd.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        said = capfd.readouterr()
        return Ended(int(str(ended.value.code)), said.out, said.err)

    return ran


def done(ended: Ended) -> Any:
    """Answer what it prints; nothing else may be there."""
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Hopsworks]:
    with served(tmp_path) as running:
        yield running


def test_views_become_external_feature_groups_on_the_platforms_bucket_and_a_second_apply_writes_nothing(
    run: Run,
    server: Hopsworks,
) -> None:
    text = definitions(feature("words", text="by spaces"), feature("digit_share", "float64"))
    assert done(run(server, "status", text))["changes"] == ["texts: new, 2 features"]
    assert not server.groups
    assert done(run(server, "apply", text)) == {"changes": ["texts: new, 2 features"], "left": []}
    group = server.groups["texts"]
    columns = {each["name"]: (each["type"], each["primary"], each["description"]) for each in group["features"]}
    assert columns == {
        "text_id": ("string", True, "its MD5"),
        "event_timestamp": ("timestamp", False, None),
        "created_at": ("timestamp", False, None),
        "words": ("bigint", False, "by spaces"),
        "digit_share": ("double", False, None),
    }
    assert (group["eventTime"], group["dataFormat"], group["ttl"]) == ("event_timestamp", "PARQUET", 86400)
    assert group["dataSource"]["path"] == "feature_group=texts/version=1/"
    assert group["dataSource"]["storageConnector"]["bucket"] == "mlops-features", group["dataSource"]
    assert done(run(server, "status", text))["views"][0]["applied"] is True
    server.asked.clear()
    assert done(run(server, "apply", text)) == {"changes": [], "left": []}
    assert [each for each in server.asked if not each.startswith("GET ")] == []


def test_fields_and_words_may_be_added_and_what_models_read_is_never_gone(run: Run, server: Hopsworks) -> None:
    done(run(server, "apply", definitions(feature("words"))))
    more = definitions(feature("words", text="by spaces"), feature("digits", "int32"), description="other words")
    changes = done(run(server, "apply", more))["changes"]
    assert changes == [
        "texts:digits: new",
        "texts: description 'numbers of a text' -> 'other words'",
        "texts:words: description '' -> 'by spaces'",
    ]
    assert done(run(server, "status", more))["changes"] == []
    kept = json.dumps(server.groups)
    less = run(server, "apply", definitions(feature("digits", "float64"), prefix="elsewhere/"))
    assert less.returncode == 1
    assert less.stderr.splitlines() == [
        "features: nothing was applied: models read features by these names",
        "  texts:words is gone",
        "  texts:digits was int and is double",
        "  texts: files were feature_group=texts/version=1/ and are elsewhere/",
        "  give what changed another name, as a view NAME_v2, and remove the former one when nothing reads it",
    ]
    assert json.dumps(server.groups) == kept


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"HOPSWORKS_API_KEY": "wrong"}, "the API key is refused (status 401); make one with the scopes"),
        ({"HOPSWORKS_PROJECT": "pond"}, "no project pond is there for this key; fix project of"),
        ({"HOPSWORKS_PORT": "9"}, "Hopsworks localhost:9: the server doesn't answer (ConnectionError); is it there"),
        ({"HOPSWORKS_CONNECTOR": "none"}, "project lake has no storage connector none; its owner makes one"),
        ({"HOPSWORKS_TRUST_STORE_PATH": ""}, "its certificate isn't trusted ("),
    ],
)
def test_what_isnt_right_is_a_sentence_and_nothing_is_made(
    run: Run, server: Hopsworks, env: dict[str, str], said: str
) -> None:
    ended = run(server, "apply", definitions(), **env)
    assert (ended.returncode, ended.stdout, server.groups) == (3, "", {})
    assert ended.stderr.startswith("features: Hopsworks localhost:")
    assert said in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "right-key" not in ended.stderr


def test_a_connector_to_another_bucket_is_refused(run: Run, tmp_path: Path) -> None:
    with served(tmp_path, bucket="another") as server:
        ended = run(server, "apply", definitions())
    assert (ended.returncode, server.groups) == (3, {})
    assert (
        "storage connector mlops_bucket of project lake leads to another, the features are in mlops-features"
        in ended.stderr
    )


def test_another_server_and_one_that_is_silent_are_a_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path, strange=True) as other:
        ended = run(other, "status", definitions())
    assert ended.returncode == 3
    assert "its answer isn't what the client of Hopsworks 5.2.1 expects" in ended.stderr
    wakes = threading.Event()
    with served(tmp_path, silent=wakes) as server:
        for name, value in server.variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(FailedError, match="doesn't answer within 1 s"), feature_store(load(), 1):
            pass
        wakes.set()


def test_settings_that_are_missing_are_named_together_and_no_server_is_asked(run: Run, server: Hopsworks) -> None:
    ended = run(server, "apply", definitions(), HOPSWORKS_HOST="https://x", HOPSWORKS_PROJECT="", HOPSWORKS_API_KEY="")
    assert ended.returncode == 2
    named = [line.split(":")[0].strip() for line in ended.stderr.splitlines()[1:]]
    assert named == ["HOPSWORKS_HOST", "HOPSWORKS_PROJECT", "HOPSWORKS_API_KEY"]
    assert server.asked == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("materialize", "values go online by insert() of its client"),
        ("get text_id=a --features texts", "get_feature_vector() of a feature view answers what is online"),
        ("training-set --labels a.csv --features texts --out b.parquet", "create_training_data() of a feature view"),
    ],
)
def test_what_hopsworks_does_in_its_own_place_is_refused(run: Run, server: Hopsworks, command: str, said: str) -> None:
    ended = run(server, command, definitions())
    assert (ended.returncode, server.asked) == (2, [])
    assert said in ended.stderr
