"""`bucketworks monitor`, as a call."""

import math
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from bucketworks.decode import decoded
from bucketworks.errors import CouldNotLookError, InvalidSpecError, WrongUseError
from bucketworks.program import COULD_NOT_LOOK, FINDINGS
from bucketworks.report import RunSummary
from bucketworks.target import Target


@dataclass(frozen=True, slots=True)
class MonitoringRun(RunSummary):
    """One look; `not_looked` says why it could look at nothing, `platforms` are the scores by platform."""

    duration_seconds: float
    platforms: dict[str, float | None]
    not_looked: str | None
    alerts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonitoringResult:
    """What was seen over a time, oldest first; an outage stands in it."""

    schemaVersion: Literal[1]  # noqa: N815 - as all JSON of the command names it
    runs: tuple[MonitoringRun, ...]
    text: str = field(default="", repr=False, compare=False)
    """Its JSON, as the command wrote it."""
    exit_code: int = field(default=0, repr=False, compare=False)
    """The command's own: 1 where a look found anything, of identities too; 3 where the last one couldn't look."""

    @property
    def is_healthy(self) -> bool:
        """Whether no look found an unhealthy bucket, nor one that it could not look at."""
        return all(run.unhealthy_buckets == 0 for run in self.runs)


def monitor(target: Target, minutes: float, interval_seconds: float | None) -> MonitoringResult:
    """Look again and again.

    :raises WrongUseError: for a duration below 0, or none
    :raises BucketworksError: where there was no look at all
    """
    with tempfile.TemporaryDirectory(prefix="bucketworks-monitor-") as folder:
        output = Path(folder) / "results.json"
        options = ["--quiet", f"--output={output}", f"--duration={_seconds(minutes * 60, 'the duration')}"]
        if interval_seconds is not None:
            options.append(f"--interval={_seconds(interval_seconds, 'the interval')}")
        ended = target.program.run("monitor", *options, *target.arguments(), partly=True)
        text = output.read_text(encoding="utf-8") if output.exists() else ""
    if not text and ended.code == COULD_NOT_LOOK:
        raise CouldNotLookError(ended.said)
    if not text and ended.code == FINDINGS:
        raise InvalidSpecError(ended.said)
    return replace(decoded(MonitoringResult, text, "bucketworks monitor"), text=text, exit_code=ended.code)


def _seconds(number: float, what: str) -> str:
    """A duration as options have it; they know none below a second."""
    if not math.isfinite(number) or number < 0:
        raise WrongUseError(f"{what} must be a number, 0 or more, got {number}")
    return f"{max(1, round(number))}s"
