"""What a validation tells people, and when."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from candles import PlaceOf, candles, raw_run
from places import NOWHERE
from stops import stopped_at
from verdicts import expecting, verdict_of

from pipeline_dataops.errors import StepError
from pipeline_dataops.validate.core import validate

pytestmark = pytest.mark.usefixtures("no_runs")


@contextmanager
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Take what is posted."""
    heard: list[dict[str, Any]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("severity", "alerts"), [("log", 0), ("alert", 1), ("stop", 1)])
def test_severities_log_alert_and_stop(
    place_of: PlaceOf,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    severity: str,
    alerts: int,
) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"), {"kind": "row_count", "least": 61, "severity": severity})
    with hook() as (address, heard):
        monkeypatch.setenv("DATAOPS_ALERT_WEBHOOK", address)
        capfd.readouterr()
        if severity == "stop":
            with pytest.raises(StepError, match="failed, so nothing follows it"):
                validate(place, run_id, 1)
        else:
            assert validate(place, run_id, 1).verdict.passed
    (line,) = [each for each in "".join(capfd.readouterr()).splitlines() if "check failed" in each]
    assert ("error" in line, "alert=True" in line) == (bool(alerts), bool(alerts))
    assert "row_count" in line
    assert len(heard) == alerts
    for each in heard:
        assert each["run_id"] == run_id
        assert each["checks"] == [f"{severity}: row_count of all rows: 60, allowed: from 61 to any"]


def test_an_alert_that_nobody_takes_leaves_the_verdict_and_is_logged(
    place_of: PlaceOf, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAOPS_ALERT_WEBHOOK", f"http://{NOWHERE}/secret-token")
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"), {"kind": "row_count", "least": 61, "severity": "alert"})
    assert validate(place, run_id, 1).verdict.passed
    said = "".join(capfd.readouterr())
    assert "alert not delivered" in said
    assert "secret-token" not in said


def test_an_alert_is_sent_before_the_verdict_so_a_step_that_ends_between_both_loses_none(
    place_of: PlaceOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = raw_run(place_of, candles(place_of("loader"), 60))
    place = expecting(place_of("validator"), {"kind": "row_count", "least": 61, "severity": "alert"})
    with hook() as (address, heard):
        monkeypatch.setenv("DATAOPS_ALERT_WEBHOOK", address)
        with (
            stopped_at(monkeypatch, "pipeline_dataops.validate.core", "record_verdict"),
            pytest.raises(StepError, match=r"was asked to end \(SIGTERM\)"),
        ):
            validate(place, run_id, 1)
    assert verdict_of(place, run_id) is None
    assert [each["run_id"] for each in heard] == [run_id]
