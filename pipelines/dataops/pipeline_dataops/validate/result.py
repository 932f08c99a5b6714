"""What one check found."""

from dataclasses import dataclass, field
from typing import Any, Literal

from conf.validate.base import Severity

Status = Literal["passed", "failed", "not judged"]


@dataclass(frozen=True)
class Result:
    """One line of a report."""

    what: str
    """The kind of check, as the table's YAML has it, or what is checked of every run."""
    where: str
    """Columns, or the thing that was looked at."""
    severity: Severity
    status: Status
    value: Any
    """What was found: a plain value of JSON."""
    allowed: str
    rows: int = 0
    """How many rows break it; 0 where it is no matter of single rows."""
    sample_keys: list[dict[str, Any]] = field(default_factory=list)
    """The keys of up to five such rows, as text."""
    said: str = ""
    """Why it could not be judged, or what else there is to say."""


def status_of(fits: bool) -> Status:
    """Passed or failed."""
    return "passed" if fits else "failed"


def passed(results: list[Result]) -> bool:
    """Whether nothing that stops has failed."""
    return not any(each.status == "failed" and each.severity == "stop" for each in results)


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers and text stay, all else becomes text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        # NaN and infinity are no numbers of JSON. Engines add in any order: the last digits say nothing.
        return float(f"{value:.12g}") if abs(value) < float("inf") else str(value)
    return str(value)
