"""The API on a registered model: answers, documents, metrics and logs, with its own key of the bucket."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from model_servers import Env, ran
from running_api import Served, api

TEXT = "Contact: Ada King, ada.king@example.org, card 4111 1111 1111 1111"


@pytest.fixture(scope="module")
def served(registered: Env, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One API for the tests of this file."""
    with api(tmp_path_factory.mktemp("api"), registered) as running:
        yield running


def test_a_text_comes_back_masked_with_what_was_found_and_by_which_version(served: Served) -> None:
    with served.client("predictor") as client:
        answer = client.post("/predict", json={"text": TEXT})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (prediction,) = body["predictions"]
    assert "[EMAIL]" in prediction["masked"]
    assert "ada.king@example.org" not in prediction["masked"]
    mail = next(each for each in prediction["entities"] if each["kind"] == "email")
    assert TEXT[mail["start"] : mail["end"]] == "ada.king@example.org"
    with served.client("reader") as client:
        model = client.get("/model").json()
    assert (model["model"], model["version"]) == (body["model"], body["version"])
    assert model["tags"]["commit"] == "0" * 40


def test_many_texts_are_answered_in_their_order(served: Served) -> None:
    texts = [f"write to person{number}@example.org" for number in range(20)]
    with served.client("predictor") as client:
        found = client.post("/predict", json={"texts": ["", *texts]}).json()["predictions"]
    assert found[0] == {"masked": "", "entities": []}
    assert [each["masked"] for each in found[1:]] == ["write to [EMAIL]"] * 20


def test_the_documents_page_asks_no_other_host(served: Served) -> None:
    with served.client() as client:
        page = client.get("/docs").text
        places = [part.split('"')[0] for part in page.split('src="')[1:] + page.split('href="')[1:]]
        assert len(places) >= 2
        for place in places:
            assert place.startswith("/")
            assert client.get(place).status_code == 200
        described = client.get("/openapi.json").json()
    assert set(described["paths"]) >= {"/predict", "/events", "/feedback", "/model", "/health/ready", "/metrics"}
    assert "Needs the role predictor." in described["paths"]["/predict"]["post"]["description"]


def test_metrics_say_what_is_served_what_it_found_and_how_good_it_was_in_training(served: Served) -> None:
    with served.client("predictor") as client:
        version = client.post("/predict", json={"text": TEXT}).json()["version"]
    said = served.metrics()
    own = f'model="identity-masker",version="{version}"'
    for series in (
        f"model_api_predictions_total{{{own}}}",
        f'model_api_entities_total{{kind="email",{own}}}',
        f"model_api_prediction_seconds_count{{{own}}}",
        f"model_api_model_loaded_timestamp_seconds{{{own}}}",
        'model_api_requests_total{code="200",method="POST",route="/predict"}',
        'model_api_request_seconds_bucket{le="0.5",route="/predict"}',
        "model_api_in_flight 1.0",
        'model_api_rejected_total{reason="rate"} 0.0',
        "model_api_custom_payment_identities_total",
    ):
        assert series in said, series
    assert 'alias="production",commit="' + "0" * 40 in said
    for metric in ("precision", "recall", "f1"):
        assert f'metric="{metric}",{own}' in said


def test_texts_that_are_others_than_those_of_training_are_seen_as_drift_and_reported(
    registered: Env, logins: dict[str, Env], root: Minio, tmp_path: Path
) -> None:
    with api(tmp_path, {**registered, "DRIFT_TEXTS": "20"}) as served:
        with served.client("predictor") as client:
            client.post("/predict", json={"texts": ["12345 67890 " * 100] * 9})
            assert "model_api_feature_drift{" not in served.metrics()
            env = {"PATH": os.environ["PATH"], **logins["reporting"]}
            few = ran(("model-drift", served.url), "", tmp_path, env)
            client.post("/predict", json={"texts": ["12345 67890 " * 100] * 20})
        said = [each for each in served.metrics().splitlines() if each.startswith("model_api_feature_drift{")]
        reported = ran(("model-drift", served.url), "", tmp_path, env)
        nowhere = ran(("model-drift", "http://127.0.0.1:9"), "", tmp_path, env)
        other = ran(("model-drift", f"http://{env['MINIO_ENDPOINT']}"), "", tmp_path, env)
    assert "too few texts so far to compare" in few.stdout
    found = {each.split('feature="')[1].split('"')[0]: float(each.rpartition(" ")[2]) for each in said}
    assert len(found) == 7
    assert min(found["characters"], found["words"], found["digit_share"]) > 0.25
    where = re.search(r"s3://mlops-reports/(drift/date=\d{8}/\S+)drift.md: (\d) of 7 features drifted", reported.stdout)
    assert where, reported.stderr
    written = root.get_object("mlops-reports", f"{where[1]}drift.md").read().decode()
    assert "against those of training: drift in " in written
    assert "12345" not in written
    kept = json.loads(root.get_object("mlops-reports", f"{where[1]}drift.json").read())["found"]
    assert {each["feature"]: each["index"] for each in kept} == found
    assert (nowhere.returncode, other.returncode) == (1, 1)
    assert "http://127.0.0.1:9: doesn't answer as a model API" in nowhere.stderr
    assert "isn't a model API" in other.stderr


def test_events_and_feedback_are_counted_where_configuration_knows_them(served: Served) -> None:
    with served.client("predictor") as client:
        version = client.post("/predict", json={"text": "x"}).json()["version"]
        for body in (
            {"event": "purchase", "value": 20.5, "experiment": "masking-style", "variant": "stars"},
            {"event": "purchase", "value": 7},
            {"event": "view"},
        ):
            assert client.post("/events", json=body).json() == {"taken": True}
        for outcome in ("right", "right", "wrong"):
            assert client.post("/feedback", json={"version": version, "outcome": outcome}).status_code == 200
        for body, why in (
            ({"event": "theft"}, "there are: copied, purchase, view"),
            ({"event": "purchase"}, "has a value, in usd"),
            ({"event": "view", "value": 1}, "has no value"),
            ({"event": "view", "experiment": "other", "variant": "a"}, "there are: masking-style"),
            ({"event": "view", "experiment": "masking-style", "variant": "c"}, "there are: brackets, stars"),
            ({"event": "view", "experiment": "masking-style"}, "there are: brackets, stars"),
            ({"event": "view", "variant": "stars"}, "there are: none"),
        ):
            refused = client.post("/events", json=body)
            assert refused.status_code == 422
            assert why in refused.json()["detail"]
        other = client.post("/feedback", json={"version": "999", "outcome": "right"})
        assert other.status_code == 422
    said = served.metrics()
    place = 'event="purchase",experiment="masking-style"'
    assert f'model_api_event_value_total{{{place},unit="usd",variant="stars"}} 20.5' in said
    assert 'model_api_events_total{event="view",experiment="none",variant="none"} 1.0' in said
    assert f'model_api_feedback_total{{model="identity-masker",outcome="right",version="{version}"}} 2.0' in said
    assert "model_api_custom_purchase_usd_sum 27.5" in said
    assert "theft" not in said


def test_a_request_has_an_id_that_answer_and_log_share_and_the_log_has_no_text(served: Served) -> None:
    # Of no form that masking of the log knows: it is to be in no line, and not as stars.
    canary = "quokka lighthouse 4711"
    with served.client("predictor", subject="alice") as client:
        given = client.post("/predict", json={"text": canary}, headers={"X-Request-ID": "order-4711"})
        assert given.headers["x-request-id"] == "order-4711"
        made = client.post("/predict", json={"text": canary}, headers={"X-Request-ID": "no good\tid"})
        assert len(made.headers["x-request-id"]) == 32
        client.post("/predict", json={"text": [canary]})
        client.post("/predict", content=f'{{"text": "{canary}')
    lines = served.log()
    (line,) = [each for each in lines if each.get("correlation_id") == "order-4711"]
    assert {name: line[name] for name in ("audit", "actor", "action", "outcome", "service", "platform", "level")} == {
        "audit": True,
        "actor": "alice",
        "action": "predict",
        "outcome": "done",
        "service": "model-api",
        "platform": "mlops",
        "level": "info",
    }
    said = json.dumps(lines)
    assert canary not in said
    assert served.signer.token("predictor", subject="alice")[:40] not in said


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"text": 1}',
        b'{"text": "a", "texts": ["b"]}',
        b'{"texts": []}',
        b'{"text": "a", "more": 1}',
        b'{"text": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_malformed_body_is_refused_and_the_next_request_is_answered(served: Served, body: bytes) -> None:
    with served.client("predictor") as client:
        refused = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
        assert refused.status_code in (400, 422), refused.text
        assert client.post("/predict", json={"text": "fine"}).status_code == 200
