"""The API and the registry: another version, no version, a registry that is away, files that were changed."""

import hashlib
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import mlflow
import pytest
from minio import Minio
from model_servers import Env, free_port, wait_for
from running_api import api

MODEL = "identity-masker"


@pytest.fixture
def second(registered: Env) -> Iterator[str]:
    """Another version of the same files, without an alias; the alias is back where it was in the end."""
    client = mlflow.MlflowClient(registered["MLFLOW_TRACKING_URI"])
    first = client.get_model_version_by_alias(MODEL, "production")
    made = client.create_model_version(MODEL, first.source, first.run_id, tags=first.tags)
    yield str(made.version)
    client.set_registered_model_alias(MODEL, "production", first.version)


def test_an_alias_that_moves_changes_what_is_served_and_no_request_is_dropped(
    registered: Env, second: str, tmp_path: Path
) -> None:
    client = mlflow.MlflowClient(registered["MLFLOW_TRACKING_URI"])
    with api(tmp_path, {**registered, "REQUESTS_PER_MINUTE": "1000000"}) as served:
        found: list[tuple[int, str]] = []
        ended = threading.Event()

        def go_on() -> None:
            with served.client("predictor") as caller:
                while not ended.is_set():
                    answer = caller.post("/predict", json={"text": "write to ada@example.org"})
                    found.append((answer.status_code, answer.json().get("version", "")))

        callers = [threading.Thread(target=go_on) for _ in range(3)]
        for each in callers:
            each.start()
        try:
            wait_for(lambda: len(found) > 10)
            client.set_registered_model_alias(MODEL, "production", second)
            wait_for(lambda: found[-1][1] == second)
        finally:
            ended.set()
            for each in callers:
                each.join()
        assert {code for code, _ in found} == {200}
        assert len({version for _, version in found}) == 2
        said = served.metrics()
        assert f'model_api_model_info{{alias="production",commit="{"0" * 40}"' in said
        assert said.count("model_api_model_info{") == 1
        loads = [each for each in served.log() if each.get("action") == "load"]
        assert loads[-1]["object"] == f"{MODEL}/{second}"
        assert loads[-1]["audit"] is True


def test_without_a_version_the_api_lives_is_not_ready_and_says_what_trains_one(registered: Env, tmp_path: Path) -> None:
    with api(tmp_path, {**registered, "MODEL_ALIAS": "nobody"}, wait=False) as served:
        wait_for(lambda: "`make model` trains one" in httpx.get(f"{served.url}/health/ready", trust_env=False).text)
        answer = httpx.get(f"{served.url}/health/ready", trust_env=False)
        assert answer.status_code == 503
        with served.client("predictor") as client:
            refused = client.post("/predict", json={"text": "x"})
        assert f"{MODEL} has no version with the alias nobody; train one" in refused.json()["detail"]
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")


def test_a_version_that_the_settings_name_is_served_whatever_has_the_alias(
    registered: Env, second: str, tmp_path: Path
) -> None:
    with api(tmp_path, {**registered, "MODEL_VERSION": second}) as served, served.client("reader") as client:
        assert client.get("/model").json()["version"] == second
    away = {**registered, "MODEL_VERSION": second, "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}"}
    with api(tmp_path, away) as served, served.client("reader") as client:
        assert client.get("/model").json()["version"] == second


def test_a_version_that_there_isnt_is_named_and_what_was_kept_of_another_isnt_served(
    registered: Env, tmp_path: Path
) -> None:
    with api(tmp_path, registered):
        pass
    with api(tmp_path, {**registered, "MODEL_VERSION": "4711"}, wait=False) as served:
        wait_for(lambda: "no version of that number" in httpx.get(f"{served.url}/health/ready", trust_env=False).text)
        with served.client("predictor") as client:
            refused = client.post("/predict", json={"text": "x"})
        assert refused.status_code == 503
        assert f"{MODEL} has no version 4711" in refused.json()["detail"]


def test_a_registry_that_is_away_stops_neither_what_is_served_nor_a_start(registered: Env, tmp_path: Path) -> None:
    with api(tmp_path, registered) as served, served.client("reader") as client:
        version = client.get("/model").json()["version"]
    away = {**registered, "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}", "MINIO_ENDPOINT": "127.0.0.1:9"}
    with api(tmp_path, away) as served:
        with served.client("predictor") as client:
            assert client.post("/predict", json={"text": "x"}).json()["version"] == version
        wait_for(lambda: "doesn't answer" in httpx.get(f"{served.url}/health/ready", trust_env=False).text)
        assert served.ready()
        with served.client("admin") as client:
            assert client.post("/model/reload").status_code == 503
        assert [each["outcome"] for each in served.log() if each.get("action") == "model reload"] == ["failed"]
    (tmp_path / "cache" / "version.json").write_text("{")
    with api(tmp_path, away, wait=False) as served:
        wait_for(lambda: any("can't be used" in each["message"] for each in served.log()))
        assert not served.ready()


def test_what_a_killed_start_left_in_the_folder_is_cleared_away_and_what_is_not_ours_stays(
    registered: Env, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    former, mine = cache / ("a" * 64), cache / "mine"
    for folder in (former, mine):
        folder.mkdir(parents=True)
        (folder / ".draft-abc").write_bytes(b"half")
    (cache / ".draft-abc").write_bytes(b"half")
    with api(tmp_path, registered) as served, served.client("reader") as client:
        kept = client.get("/model").json()["tags"]["model_digest"]
    assert {each.name for each in cache.iterdir()} == {kept, "mine", "version.json"}
    assert {each.name for each in (cache / kept).iterdir()} == {"model.skops", "profile.json"}


def test_a_file_that_is_not_the_registered_one_is_never_loaded(
    registered: Env, second: str, root: Minio, tmp_path: Path
) -> None:
    client = mlflow.MlflowClient(registered["MLFLOW_TRACKING_URI"])
    source = client.get_model_version(MODEL, second).source
    key = f"{source.removeprefix('mlflow-artifacts:/').strip('/')}/model.skops"
    content = root.get_object("mlops-artifacts", key).read()
    other = content[:-1] + bytes([content[-1] ^ 1])
    with api(tmp_path, registered) as served:
        root.put_object("mlops-artifacts", key, io.BytesIO(other), len(other))
        try:
            client.set_registered_model_alias(MODEL, "production", second)
            with served.client("predictor") as caller:
                wait_for(lambda: "isn't the one that was registered" in caller.get("/model").json()["registry"])
                assert caller.post("/predict", json={"text": "x"}).json()["version"] != second
        finally:
            root.put_object("mlops-artifacts", key, io.BytesIO(content), len(content))
    assert hashlib.sha256(content).hexdigest() == client.get_model_version(MODEL, second).tags["model_digest"]
