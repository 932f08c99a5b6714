"""Callers of a model API: each asks for its health and then for a prediction, eight times a second.

MODEL_API_TOKENS are tokens of predictors, one a caller, since the API counts requests by who asks; LOAD_SECONDS is how
long they ask. `judging.py` judges by the limits of `pyproject.toml`; ends with 1 where one is broken.
"""

import os
import sys
import time
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant_pacing, events, task

sys.path.insert(0, str(Path(__file__).parent))
from judging import Measured, judged

EACH_SECOND = 8.0
"""Below the 600 a minute that one who asks has by default."""
WARM_SECONDS = 2.0
"""At the beginning: keys are read, caches are empty."""
TEXTS = (
    "Contact: Ada King, ada.king@example.org, card 4111 1111 1111 1111",
    "Please call +44 20 7946 0000 before noon",
    "nothing of anybody stands here",
    "IBAN DE89 3704 0044 0532 0130 00, Grace Hopper, 1 Main Street, Springfield",
)
TOKENS = os.environ["MODEL_API_TOKENS"].split()
SECONDS = float(os.environ.get("LOAD_SECONDS", "20"))


@dataclass
class Run:
    """What was measured so far. Locust's own figures are whole milliseconds."""

    counted_from: float = float("inf")
    ended: float = 0
    times: dict[str, list[float]] = field(default_factory=lambda: {"predict": [], "health": []})
    failures: Counter[str] = field(default_factory=Counter)


RUN = Run()


class Caller(FastHttpUser):
    """One who asks."""

    wait_time = constant_pacing(1 / EACH_SECOND)
    insecure = False  # a certificate that doesn't hold gets no token
    connection_timeout = 10.0
    network_timeout = 10.0
    _count = 0

    def on_start(self) -> None:
        """Take the next token."""
        self._headers = {"Authorization": f"Bearer {TOKENS[Caller._count % len(TOKENS)]}"}
        Caller._count += 1
        self._turn = 0

    @task
    def ask(self) -> None:
        """Ask for health, then for a prediction: what slows the machine down slows both."""
        self.client.get("/health/live", name="health")
        self._turn += 1
        text = TEXTS[self._turn % len(TEXTS)]
        with self.client.post(
            "/predict", json={"text": text}, headers=self._headers, name="predict", catch_response=True
        ) as answer:
            if answer.status_code == 200 and b'"masked"' not in (answer.content or b""):
                answer.failure("it isn't the answer of a model API")


@events.spawning_complete.add_listener
def _begin(**_: Any) -> None:
    RUN.counted_from = time.monotonic() + WARM_SECONDS


@events.init.add_listener
def _end_in_time(environment: Any, **_: Any) -> None:
    """By our own clock: Locust's begins when its program was loaded, which takes seconds on a busy machine."""

    def wait() -> None:
        while time.monotonic() < RUN.counted_from + SECONDS:
            gevent.sleep(0.1)
        RUN.ended = time.monotonic()
        environment.runner.quit()

    gevent.spawn(wait)


@events.request.add_listener
def _answered(name: str, response_time: float, exception: BaseException | None, **_: Any) -> None:
    if exception is not None:
        RUN.failures[f"{name}: {exception}"] += 1
    elif RUN.ended == 0 and time.monotonic() > RUN.counted_from:
        RUN.times[name].append(response_time)


@events.quitting.add_listener
def _judge(environment: Any, **_: Any) -> None:
    limits = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text())["tool"]["load-test"]
    callers = environment.parsed_options.num_users
    planned = max(1.0, callers * EACH_SECOND * (RUN.ended - RUN.counted_from))
    found = judged(Measured(RUN.times["predict"], RUN.times["health"], planned, RUN.failures), limits)
    print(f"\n{callers} callers, {len(RUN.times['predict'])} predictions in {SECONDS:g} s")
    for each in found:
        print(each.line())
    for what, count in RUN.failures.most_common(5):
        print(f"       {count} times {what}")
    environment.process_exit_code = 0 if all(each.is_right for each in found) else 1
