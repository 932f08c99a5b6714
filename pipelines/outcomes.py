"""Says to who started pytest what became of each test: `test/support/pipelines/pytest.ts` reads it."""

import json
import os
from pathlib import Path

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write a line for a test that ended, and for one whose set-up failed or was skipped."""
    file = os.environ.get("PYTEST_OUTCOMES")
    if file is None or (report.when != "call" and report.outcome == "passed"):
        return
    said = "" if report.outcome == "passed" else report.longreprtext
    with Path(file).open("a") as lines:
        lines.write(json.dumps({"id": report.nodeid, "outcome": report.outcome, "said": said}) + "\n")
