"""The load judges what answers: a real Locust asks stand-ins of a model API, which are as slow as a test wants."""

import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1]
sys.path.insert(0, str(FOLDER))
from judging import Measured, judged  # noqa: E402

LIMITS = {"failed": 0.0, "carried": 0.9, "median_of_predictions_to_health": 10.0, "p95_of_predictions_to_health": 12.0}


@contextmanager
def api(*, health: float = 0, predict: float = 0, code: int = 200, body: bytes = b'{"masked": ""}') -> Iterator[str]:
    """Answer as a model API after so many seconds."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else an answer waits for the acknowledgement of its first half, longer than both take.
        wbufsize = -1

        def do_GET(self) -> None:
            self._say(health, 200, b"")

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._say(predict, code, body)

        def log_message(self, *_: object) -> None:
            pass

        def _say(self, seconds: float, status: int, text: bytes) -> None:
            time.sleep(seconds)
            self.send_response(status)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@dataclass
class Ended:
    """How a run of Locust ended."""

    code: int
    said: str


def load(url: str) -> Ended:
    """Ask as `make ml-performance` does, for a shorter time."""
    command = [str(Path(sys.executable).parent / "locust"), "--locustfile", str(FOLDER / "locustfile.py"), "--headless"]
    command += ["--only-summary", "--users", "2", "--spawn-rate", "2", "--host", url]
    env = {"MODEL_API_TOKENS": "one two", "LOAD_SECONDS": "3"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    return Ended(done.returncode, done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("slow", "wrong"),
    [
        ({"health": 0.01, "predict": 0.01}, None),
        # On a machine that is slow itself they are too few before they are too slow.
        ({"predict": 0.11}, r"WRONG  (median_of_predictions_to_health|carried)"),
        ({"health": 0.3, "predict": 0.3}, "WRONG  carried"),
        ({"code": 503}, "WRONG  failed"),
        ({"body": b"<html>"}, "times predict: it isn't the answer of a model API"),
    ],
    ids=["right", "slow predictions", "all slow", "failing", "another server"],
)
def test_a_model_api_that_is_slow_or_fails_ends_the_load_with_1_and_one_that_is_not_with_0(
    slow: dict[str, float], wrong: str | None
) -> None:
    with api(**slow) as url:  # type: ignore[arg-type]
        ended = load(url)
    assert ended.code == (0 if wrong is None else 1), ended.said
    assert re.search(wrong or "right  carried", ended.said)


def test_limits_are_ratios_so_a_machine_that_is_ten_times_as_slow_is_judged_the_same() -> None:
    predictions, health = [float(each) for each in range(1, 101)], [each / 4 for each in range(1, 101)]
    quick, slow = (
        judged(
            Measured([each * times for each in predictions], [each * times for each in health], 100, {}),
            LIMITS,
        )
        for times in (1, 10)
    )
    assert [each.line() for each in quick] == [each.line() for each in slow]
    assert all(each.is_right for each in quick)


def test_an_api_that_never_answered_is_wrong_and_not_without_figures() -> None:
    found = judged(Measured([], [], 100, {"predict: refused": 100}), LIMITS)
    assert [(each.name, each.is_right) for each in found] == [("failed", False), ("carried", False)]
