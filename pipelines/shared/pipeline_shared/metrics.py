"""Metrics of a step, in a text file that node_exporter reads: when it last ran and last succeeded, and its rows."""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

FOLDER = "PIPELINE_METRICS_FOLDER"
"""Variable that names node_exporter's folder of text files; where it is missing or empty, nothing is written."""

_STEP = ("platform", "step")
_RUN = "pipeline_last_run_timestamp_seconds"
_SUCCESS = "pipeline_last_success_timestamp_seconds"
_SECONDS = "pipeline_last_run_seconds"
_ROWS = "pipeline_last_rows"


@dataclass
class Step:
    """What a step says of itself while it runs."""

    rows: dict[str, int] = field(default_factory=dict)
    """Counts by what was counted, for example `{"added": 12}`; told where the step succeeds."""
    failed: bool = False
    """True where it ends without an error and its work still isn't done."""


@contextlib.contextmanager
def measured(platform: str, step: str) -> Iterator[Step]:
    """Write the metrics of a step when it ends, whether it succeeds or an error goes through.

    A step that fails leaves the time and the rows of its last success as they were. One that is killed at once writes
    nothing. Metrics that can't be written are a warning in the log and no failure of the step.

    Args:
        platform: name of the platform.
        step: name of the step, unique in the platform; a letter, digit, `_` or `-` each.
    """
    began = time.time()
    said = Step()
    try:
        yield said
    except BaseException:
        said.failed = True
        raise
    finally:
        folder = os.environ.get(FOLDER)
        if folder:
            file = Path(folder) / f"pipeline-{platform}-{step}.prom"
            try:
                _write(file, {"platform": platform, "step": step}, said, began)
            except (OSError, ValueError) as error:
                # The second: of a file that somebody else wrote there.
                reason = getattr(error, "strerror", None) or str(error)
                reason += f"; {FOLDER} names node_exporter's folder of text files"
                structlog.get_logger().warning("metrics not written", file=str(file), reason=reason)


def _write(file: Path, names: dict[str, str], said: Step, began: float) -> None:
    registry = CollectorRegistry()
    ended = time.time()
    success, rows = (None, {}) if said.failed else (ended, said.rows)
    if said.failed and file.exists():
        success, rows = _former(file.read_text(encoding="utf-8"))

    def gauge(name: str, words: str, *more: str) -> Gauge:
        return Gauge(name, words, (*_STEP, *more), registry=registry)

    gauge(_RUN, "When the step last ended").labels(**names).set(ended)
    gauge(_SECONDS, "How long its last run took").labels(**names).set(ended - began)
    if success is not None:
        gauge(_SUCCESS, "When the step last succeeded").labels(**names).set(success)
    counted = gauge(_ROWS, "Rows of its last success", "what")
    for what, count in rows.items():
        counted.labels(**names, what=what).set(count)
    # Into a file beside it first, then renamed: a reader finds the whole of one or the other.
    write_to_textfile(str(file), registry)


def _former(text: str) -> tuple[float | None, dict[str, int]]:
    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    success = next((each.value for each in samples if each.name == _SUCCESS), None)
    return success, {each.labels["what"]: int(each.value) for each in samples if each.name == _ROWS}
