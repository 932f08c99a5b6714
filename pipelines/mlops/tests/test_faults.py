"""The API where what it needs is away, is something else or says nonsense, and where too much is sent."""

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from kept_model import alone, keep
from model_servers import wait_for
from pipeline_shared.settings import SettingsError
from running_api import AUDIENCE, ISSUER, Served, Signer, api
from structlog.testing import capture_logs

from pipeline_mlops.model import Span
from pipeline_mlops.serving.batches import Batches, BusyError, pieces
from pipeline_mlops.serving.loading import Loaded
from pipeline_mlops.serving.settings import load_api_settings
from pipeline_mlops.serving.tokens import Door, Keys, RefusedError

NOBODY = {"error_code": "RESOURCE_DOES_NOT_EXIST"}


class Other:
    """A server that isn't the one that is looked for; what it answers, a test says."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.answer = b""
        self.asked: list[str] = []

    def says(self, code: int, body: bytes, *headers: str) -> None:
        """Answer with this from now on."""
        head = [f"HTTP/1.1 {code} x", f"Content-Length: {len(body)}", "Connection: close", *headers]
        self.answer = "\r\n".join([*head, "", ""]).encode() + body


@contextlib.contextmanager
def other() -> Iterator[Other]:
    """Run one until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.wfile.write(made.answer)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made = Other(server.server_address[1])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An API that serves what it has kept."""
    folder = tmp_path_factory.mktemp("kept")
    keep(folder / "cache", tags={"metric.f1": "good", "metric.recall": "0.5", "metric.precision": "nan"})
    with api(folder, alone()) as running:
        yield running


def ready(served: Served) -> str:
    """What everybody is told."""
    return httpx.get(f"{served.url}/health/ready", trust_env=False).text


def test_a_login_page_or_nonsense_in_place_of_the_registry_ends_no_look_and_the_next_answer_counts(
    tmp_path: Path,
) -> None:
    with other() as registry:
        registry.says(200, b"<html>log in</html>")
        with api(tmp_path, alone(MLFLOW_TRACKING_URI=registry.url), wait=False) as served:
            wait_for(lambda: "doesn't answer as it should" in ready(served))
            with served.client("reader") as client:
                assert f"what answers at {registry.url} isn't MLflow" in client.get("/model").json()["detail"]
            assert "127.0.0.1" not in ready(served)
            # What no code of ours expects: Python itself gives up on it.
            registry.says(200, b"[" * 200_000)
            wait_for(lambda: "can't be loaded" in ready(served))
            registry.says(404, json.dumps(NOBODY).encode())
            wait_for(lambda: "no version has the alias" in ready(served))
            assert {"no version was loaded"} == {each["message"] for each in served.log() if each["level"] == "warning"}


@pytest.mark.parametrize(
    ("name", "value", "canary"),
    [
        ("MLFLOW_TRACKING_URI", "http://ana:quokka@mlflow:5000", "quokka"),
        ("MLFLOW_TRACKING_URI", "http://quokka@mlflow:5000", "quokka"),
        ("MLFLOW_TRACKING_URI", "http://ana:qu/okka@mlflow:5000", "okka"),
        ("MLFLOW_TRACKING_URI", "ftp://mlflow", None),
        ("JWT_JWKS", "https://ana:quokka@issuer.example/jwks", "quokka"),
        ("JWT_JWKS", "http://issuer.example/jwks", None),
        ("JWT_JWKS", "http://127.0.0.1.issuer.example/jwks", None),
        ("JWT_JWKS", "http://localhost@issuer.example/jwks", None),
        ("JWT_JWKS", "ftp://issuer.example/jwks", None),
        ("JWT_JWKS", "file:///etc/passwd", None),
    ],
)
def test_an_address_with_a_password_or_that_anybody_could_answer_for_is_refused_at_the_start(
    name: str, value: str, canary: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = {"MODEL_CACHE": "cache", "JWT_ISSUER": ISSUER, "JWT_JWKS": "https://issuer.example/jwks"}
    for each, given in {**good, "MLFLOW_TRACKING_URI": "http://mlflow:5000/path", name: value}.items():
        monkeypatch.setenv(each, given)
    with pytest.raises(SettingsError) as refused:
        load_api_settings()
    assert f"1 variable is missing or wrong, so nothing was started\n  {name}: " in str(refused.value)
    assert canary is None or canary not in str(refused.value)


@pytest.mark.parametrize(
    "place", ["https://issuer.example/jwks", "http://127.0.0.1:80/jwks", "http://localhost/jwks", "/etc/keys/jwks.json"]
)
def test_keys_come_by_https_from_a_file_or_from_this_machine(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in alone(MODEL_CACHE="cache", JWT_ISSUER=ISSUER, JWT_JWKS=place).items():
        monkeypatch.setenv(name, value)
    assert load_api_settings().jwt_jwks == place


def talk(served: Served, *parts: bytes) -> bytes:
    """Send bytes until the server doesn't take more; answers what it says."""
    url = httpx.URL(served.url)
    with socket.create_connection((url.host, int(url.port or 0)), 20) as line:
        with contextlib.suppress(OSError):
            for each in parts:
                line.sendall(each)
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(65_536):
                said += part
                if b"\r\n\r\n" in said:
                    break
        return said


def test_headers_that_are_too_long_end_their_connection_and_what_is_usual_is_answered(served: Served) -> None:
    head = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
    line = b"X-Many: " + b"y" * 1000 + b"\r\n"
    assert talk(served, head, *[line] * 20, b"\r\n").startswith(b"HTTP/1.1 200")
    for parts in (
        (head, *[line] * 200, b"\r\n"),
        (head + line * 200 + b"\r\n",),
        (head + b"X-One: " + b"y" * 200_000 + b"\r\n\r\n",),
        (b"GET /health/live?" + b"y" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",),
    ):
        said = talk(served, *parts)
        assert said == b"" or said.startswith(b"HTTP/1.1 431"), said
    token = served.signer.token("predictor").encode()
    chunked = b"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer " + token
    said = talk(served, chunked + b"\r\n\r\n1\r\n{\r\n0\r\n", *[line] * 200, b"\r\n")
    assert said == b"" or said.startswith(b"HTTP/1.1 431"), said
    with served.client("predictor") as client:
        assert client.post("/predict", json={"text": "word " * 9_000}).status_code == 200
        assert client.post("/predict", json={"text": "x"}, headers={"X-Long": "y" * 20_000}).status_code == 200


def test_texts_with_more_characters_than_one_request_may_have_are_refused(served: Served) -> None:
    with served.client("predictor") as client:
        for body in ({"text": "a " * 30_000}, {"texts": ["a " * 1000] * 40}):
            refused = client.post("/predict", json=body)
            assert (refused.status_code, refused.json()["detail"]) == (
                413,
                "more than 50000 characters in one request",
            )


def test_a_call_of_the_model_is_bounded_and_more_characters_than_may_wait_are_told_to_come_back() -> None:
    calls: list[int] = []

    def find(_: Loaded, texts: Sequence[str]) -> list[list[Span]]:
        calls.append(sum(map(len, texts)))
        return [[Span("x", 0, len(each))] for each in texts]

    async def many() -> list[Any]:
        batches = Batches(find, lambda: loaded, 256, 100_000)
        asked = [asyncio.create_task(batches.find([*["y" * 5_000] * 9, "z"])) for _ in range(4)]
        await asyncio.sleep(0)
        work = asyncio.create_task(batches.work())
        answers = await asyncio.gather(*asked, return_exceptions=True)
        answers.append(await batches.find(["w" * 200_000]))
        work.cancel()
        return answers

    loaded: Any = object()
    *answers, alone_in_line = asyncio.run(many())
    assert [isinstance(each, BusyError) for each in answers] == [False, False, True, True]
    assert [spans[0].end for spans in answers[1][1]] == [*[5_000] * 9, 1]
    assert alone_in_line[1] == [[Span("x", 0, 200_000)]]
    assert max(calls[:-1]) <= 20_000
    assert pieces(["a" * 15_000, "b" * 5_000, "c"]) == [["a" * 15_000, "b" * 5_000], ["c"]]


def test_tags_that_are_no_numbers_are_left_out_and_metrics_are_answered(served: Served) -> None:
    said = served.metrics()
    quality = [each for each in said.splitlines() if each.startswith("model_api_model_quality{")]
    assert quality == ['model_api_model_quality{metric="recall",model="identity-masker",version="7"} 0.5']
    left_out = [each["tag"] for each in served.log() if each["message"].startswith("a tag is left out")]
    assert left_out == ["metric.precision", "metric.f1"]


@pytest.mark.parametrize("said", [{"alias": "candidate"}, {"model": "other"}])
def test_what_was_kept_of_another_model_or_alias_is_never_served(said: dict[str, Any], tmp_path: Path) -> None:
    keep(tmp_path / "cache", **said)
    with api(tmp_path, alone(), wait=False) as served:
        wait_for(lambda: any("what was kept" in each["message"] for each in served.log()))
        wait_for(lambda: "doesn't answer as it should" in ready(served))
        assert not served.ready()


def test_a_caller_is_named_in_the_trail_and_who_has_no_token_is_not_in_it(served: Served) -> None:
    with served.client("reader", subject="ana.lopez@example.org") as client:
        client.get("/model", headers={"X-Request-ID": "of-ana"})
        client.post("/model/reload", headers={"X-Request-ID": "beyond-her-role"})
    with served.client() as client:
        assert client.get("/model", headers={"X-Request-ID": "of-nobody"}).status_code == 401
    lines = {each["correlation_id"]: each for each in served.log() if "correlation_id" in each}
    for known, code in (("of-ana", 200), ("beyond-her-role", 403)):
        line = lines[known]
        assert (line["audit"], line["actor"], line["code"]) == (True, "ana.lopez@example.org", code)
    assert ("audit" in lines["of-nobody"], lines["of-nobody"]["code"]) == (False, 401)


def broken(signer: Signer) -> list[Any]:
    """Entries of a JWKS that are no keys."""
    return [{**signer.public, "kid": "bad", "n": "!"}, {**signer.public, "kid": "none", "e": None}, 5, {"kty": "RSA"}]


def test_one_entry_that_is_no_key_leaves_the_others_good(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": [*broken(signer), signer.public]}))
    door = Door(Keys(str(tmp_path / "jwks.json")), ISSUER, AUDIENCE, "roles")
    with capture_logs() as lines:
        caller = asyncio.run(door.caller(f"Bearer {signer.token('reader')}"))
    assert caller.subject == "tester"
    assert [each["number"] for each in lines] == [1, 2, 3, 4]


def test_keys_are_kept_for_an_hour_while_their_place_is_away_and_no_redirect_is_followed(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    seconds = 1000.0
    token = f"Bearer {signer.token('reader')}"
    with other() as place, other() as elsewhere, capture_logs() as lines:
        keys = (tmp_path / "jwks.json").read_bytes()
        elsewhere.says(200, keys)
        place.says(302, b"", f"Location: {elsewhere.url}")
        door = Door(Keys(place.url, lambda: seconds), ISSUER, AUDIENCE, "roles")

        async def asked() -> str:
            try:
                return (await door.caller(token)).subject
            except RefusedError as error:
                return str(error)

        assert "isn't known here" in asyncio.run(asked())
        assert elsewhere.asked == []
        seconds += 60
        place.says(200, keys)
        assert asyncio.run(asked()) == "tester"
        for after, answer in ((1800, b"HTTP/"), (1790, b"\0\n\n"), (20, b"")):
            place.answer = answer
            seconds += after
            last = asyncio.run(asked())
            assert last == "tester" or seconds > 1060 + 3600
        assert "isn't known here" in last
        assert {each["event"] for each in lines} == {"the JWKS can't be read"}
        place.says(200, keys)
        seconds += 20
        assert asyncio.run(asked()) == "tester"
