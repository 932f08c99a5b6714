"""What makes answers quick changes nothing of them: the way past the framework, tokens that were checked before."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from kept_model import alone, keep
from model_servers import wait_for
from running_api import AUDIENCE, ISSUER, Served, Signer, api

from pipeline_mlops.serving.bodies import PredictAnswer
from pipeline_mlops.serving.direct import Direct
from pipeline_mlops.serving.tokens import Door, Keys, RefusedError

TEXTS = ["write to ada@example.org", 'Ürümqi "☃" \\ \U0001f600 +44 20 7946 0000', "", "nothing"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One API for the tests of this file, with a kept model."""
    folder = tmp_path_factory.mktemp("quick")
    keep(folder / "cache")
    with api(folder, alone(REQUESTS_PER_MINUTE="20")) as running:
        yield running


def test_a_prediction_is_the_same_whether_the_framework_or_the_short_way_answers(served: Served) -> None:
    with served.client("predictor", subject="both") as client:
        short = client.post("/predict", json={"texts": TEXTS})
        # Only the plain type takes the short way.
        framework = client.post("/predict", json={"texts": TEXTS}, headers={"Content-Type": "application/json; v=1"})
    assert short.status_code == framework.status_code == 200
    assert short.content == framework.content
    differing = ("date", "x-request-id")
    assert {n: v for n, v in short.headers.items() if n not in differing} == {
        n: v for n, v in framework.headers.items() if n not in differing
    }
    answer = PredictAnswer.model_validate_json(short.content, strict=True)
    assert [each.masked for each in answer.predictions[2:]] == ["", "nothing"]
    assert answer.predictions[0].entities[0].kind == "email"

    def told() -> list[tuple[bool, str, int]]:
        lines = [each for each in served.log() if each.get("actor") == "both"]
        return [(each["audit"], each["action"], each["code"]) for each in lines]

    # A line is written after its answer was sent.
    wait_for(lambda: len(told()) > 1)
    assert told() == [(True, "predict", 200)] * 2


@pytest.mark.parametrize("body", ['{"text": 1}', '{"text": "a", "texts": ["b"]}', '{"text": "\\ud800"}', "[1,"])
def test_what_is_wrong_is_told_in_the_words_of_the_framework(served: Served, body: str) -> None:
    with served.client("predictor", subject=f"wrong {body}") as client:
        plain = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
        other = client.post("/predict", content=body, headers={"Content-Type": "application/json; v=1"})
    assert (plain.status_code, plain.content) == (other.status_code, other.content)
    assert plain.status_code == 422
    assert list(plain.json()) == ["detail"]


def test_a_request_that_says_twice_what_it_is_is_judged_by_the_framework() -> None:
    went: list[str] = []

    async def framework(*_: Any) -> None:
        went.append("framework")

    async def answer(_: Any) -> bytes:
        went.append("short")
        return b"{}"

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"text": "x"}', "more_body": False}

    async def send(_: Any) -> None:
        pass

    direct = Direct(framework, path="/predict", answer=answer)
    for types in ([b"application/json"], [b"text/plain", b"application/json"], []):
        headers = [(b"content-type", each) for each in types]
        asked = {"type": "http", "method": "POST", "path": "/predict", "headers": headers}
        asyncio.run(direct(asked, receive, send))
    assert went == ["short", "framework", "framework"]


def test_who_asks_too_often_is_in_the_trail(served: Served) -> None:
    with served.client("predictor", subject="eager") as client:
        codes = [client.post("/predict", json={"text": "x"}).status_code for _ in range(22)]
    assert codes.count(429) == 2
    lines = [each for each in served.log() if each.get("actor") == "eager" and each["code"] == 429]
    assert [(each["audit"], each["outcome"]) for each in lines] == [(True, "refused")] * 2


def refused(door: Door, token: str) -> str:
    """Why a token isn't taken; nothing where it is."""
    try:
        asyncio.run(door.caller(f"Bearer {token}"))
    except RefusedError as error:
        return str(error)
    return ""


def test_a_token_that_was_checked_is_checked_anew_when_it_expires_and_when_its_key_is_withdrawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = Signer(tmp_path)
    seconds, now = 1000.0, time.time()
    door = Door(Keys(str(tmp_path / "jwks.json"), lambda: seconds), ISSUER, AUDIENCE, "roles")
    soon, later = signer.token("reader", exp=int(now) + 60), signer.token("reader", exp=int(now) + 9000)
    checks: list[str] = []
    decode = jwt.decode

    def counted(token: str, *rest: Any, **more: Any) -> Any:
        checks.append(token)
        return decode(token, *rest, **more)

    monkeypatch.setattr(jwt, "decode", counted)
    assert [refused(door, each) for each in (soon, later, soon, later)] == [""] * 4
    assert checks == [soon, later]
    altered = later[:-1] + ("A" if later[-1] != "A" else "Q")
    assert refused(door, altered) == "the token isn't valid"
    checks.clear()
    with monkeypatch.context() as later_on:
        later_on.setattr(time, "time", lambda: now + 80)
        refused(door, later)
        refused(door, soon)
    assert checks == [soon]
    (tmp_path / "jwks.json").write_text('{"keys": []}')
    seconds += 400
    assert "isn't known here" in refused(door, later)


def test_tokens_that_were_checked_are_kept_in_bounds(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    door = Door(Keys(str(tmp_path / "jwks.json")), ISSUER, AUDIENCE, "roles", most_verified=2)
    given = [signer.token("reader", subject=str(each)) for each in range(3)]
    assert [refused(door, each) for each in given] == [""] * 3
    assert [door.verified.find(each) is not None for each in given] == [False, True, True]


def test_replicas_share_nothing_answer_the_same_and_one_that_is_killed_takes_no_answer_from_the_other(
    served: Served, tmp_path: Path
) -> None:
    keep(tmp_path / "cache")
    with api(tmp_path, alone(REQUESTS_PER_MINUTE="1"), signer=served.signer) as other:
        answers = []
        for each in (served, other):
            with each.client("predictor", subject="replicas") as client:
                answers.append(client.post("/predict", json={"texts": TEXTS}))
        assert [each.status_code for each in answers] == [200, 200]
        assert answers[0].content == answers[1].content
        # Limits are each replica's own.
        with other.client("predictor", subject="replicas") as client:
            assert client.post("/predict", json={"text": "x"}).status_code == 429
        other.process.kill()
        other.process.wait()
        with served.client("predictor", subject="replicas") as client:
            assert client.post("/predict", json={"text": "x"}).status_code == 200
