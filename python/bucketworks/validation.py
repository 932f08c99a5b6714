"""`bucketworks report`, as a call."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

from bucketworks.decode import decoded
from bucketworks.errors import CouldNotLookError, InvalidSpecError
from bucketworks.program import COULD_NOT_LOOK, FINDINGS
from bucketworks.report import Finding, ValidationReport
from bucketworks.target import Target

Depth = Literal["health", "usage"]


def validate(target: Target, depth: Depth = "health") -> ValidationReport:
    """Compare every bucket with the platform file, and make the report of it.

    :param depth: `usage` lists objects, too: for sizes by prefix, ages and what expires

    :raises CouldNotLookError: where a bucket or an identity could not be looked at; its `report` has the others
    :raises InvalidSpecError: where the file has faults
    """
    with tempfile.TemporaryDirectory(prefix="bucketworks-report-") as folder:
        options = ["--quiet", "--format=json", "--fail-on-unhealthy", f"--depth={depth}", f"--out={folder}"]
        ended = target.program.run("report", *options, *target.arguments(), partly=True)
        if ended.code == FINDINGS and not ended.output.strip():
            raise InvalidSpecError(ended.said)
        page = Path(folder) / "report.html"
        report = replace(
            decoded(ValidationReport, ended.output, "bucketworks report"),
            text=ended.output,
            page=page.read_text(encoding="utf-8") if page.exists() else None,
        )
    if ended.code == COULD_NOT_LOOK:
        raise CouldNotLookError(_why(report, ended.said), report)
    return report


def is_healthy(report: ValidationReport) -> bool:
    """Whether nothing was found, of buckets nor of identities and the server."""
    return report.unhealthy_buckets == 0 and not report.findings


def finding_line(finding: Finding) -> str:
    """One line."""
    return f"{finding.path}: expected {finding.expected}, is {finding.actual}; {finding.cure}"


def summary(report: ValidationReport) -> str:
    """The findings, and one line of all."""
    lines = [f"{bucket.name} {finding_line(each)}" for bucket in report.buckets for each in bucket.findings]
    lines += [finding_line(each) for each in report.findings]
    score = "unknown" if report.overall_health_score is None else report.overall_health_score
    whole = f"{report.healthy_buckets} of {report.total_buckets} buckets are healthy, score {score}"
    return "\n".join([*lines, f"{whole} (stage {report.stage}, {report.server.url})"])


def _why(report: ValidationReport, said: str) -> str:
    """A sentence a reason, with the buckets that it kept from being looked at."""
    reasons: dict[str, list[str]] = {}
    for bucket in report.buckets:
        if bucket.not_looked is not None:
            reasons.setdefault(bucket.not_looked, []).append(bucket.name)
    if [len(names) for names in reasons.values()] == [report.total_buckets]:
        return f"none of {report.total_buckets} buckets could be looked at: {next(iter(reasons))}"
    lines = [f"could not look at {', '.join(names)}: {reason}" for reason, names in reasons.items()]
    lines += [f"could not look at {part.what}: {part.reason}" for part in report.not_looked]
    return "\n".join(lines) or said or "the server answered in part"
