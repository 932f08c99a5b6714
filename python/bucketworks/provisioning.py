"""`bucketworks up`, `make deploy`, `bucketworks cleanup` and `bucketworks recover`, as calls."""

import json
import os
from dataclasses import dataclass
from typing import Any, Final

from bucketworks.decode import decoded
from bucketworks.errors import InvalidSpecError, MissingProgramError, WrongUseError
from bucketworks.program import FINDINGS, RIGHT, Ended, execute
from bucketworks.report import Status, ValidationReport
from bucketworks.target import Target
from bucketworks.validation import finding_line, is_healthy, validate

_DEV: Final = "dev"


@dataclass(frozen=True, slots=True)
class _Named:
    name: str


@dataclass(frozen=True, slots=True)
class _Platforms:
    """Of a model the part without which nothing can be compared."""

    platforms: tuple[_Named, ...]


@dataclass(frozen=True, slots=True)
class BucketOutcome:
    """What became of a bucket; `error` says what is wrong or could not be looked at, a sentence each."""

    name: str
    status: Status
    error: str | None


@dataclass(frozen=True, slots=True)
class ProvisioningResult:
    """What a deployment came to."""

    environment: str
    succeeded: bool
    """Whether all was deployed, and the server is as the file says."""
    lines: tuple[str, ...]
    """What the deployment said."""
    buckets: tuple[BucketOutcome, ...]
    """Those of the file."""
    report: ValidationReport

    @property
    def failed_buckets(self) -> tuple[BucketOutcome, ...]:
        """Those that aren't as the file says."""
        return tuple(bucket for bucket in self.buckets if bucket.status != "healthy")


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """What was removed and settled after a killed deployment."""

    environment: str
    succeeded: bool
    """False where something stayed: a bucket that holds anything, or is older than the killed deployment."""
    lines: tuple[str, ...]
    """What was done, a line each."""


def provision(target: Target) -> ProvisioningResult:
    """Deploy the stack of the target's stage, and validate."""
    stage = target.stage or _DEV
    _refuse_other_file(target, stage)
    ended = target.program.run("up") if stage == _DEV else _deploy(target, stage)
    report = validate(target)
    return ProvisioningResult(
        environment=stage,
        succeeded=ended.code == RIGHT and is_healthy(report),
        lines=_lines(ended),
        buckets=tuple(
            BucketOutcome(bucket.name, bucket.status, "; ".join(finding_line(each) for each in bucket.findings) or None)
            for bucket in report.buckets
        ),
        report=report,
    )


def clean_up(target: Target) -> CleanupResult:
    """Remove the empty buckets that a killed deployment was making, then settle what else it left."""
    stage = target.stage or _DEV
    removed = target.program.run("cleanup", "--delete=failed", f"--yes-delete={stage}", f"--stack={stage}")
    settled = target.program.run("recover", f"--stack={stage}")
    succeeded = removed.code == RIGHT and settled.code == RIGHT
    return CleanupResult(stage, succeeded, (*_lines(removed), *_lines(settled)))


def _deploy(target: Target, stage: str) -> Ended:
    """As a pipeline does it; make has an exit code of its own, so the validation afterwards tells what is wrong."""
    # A stack or a server that isn't there is told in its own words, before anything is prepared.
    target.program.run("buckets", "--quiet", f"--stage={stage}")
    checkout = target.program.checkout
    if not (checkout / "Makefile").exists():
        text = f"deploying {stage} needs a checkout of Bucketworks, and {checkout} is none; name one by BUCKETWORKS"
        raise MissingProgramError(text)
    # A make that started this process counts its own, and hands down its options.
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    command = ["make", "--no-print-directory", "-C", str(checkout), "deploy", f"STACK={stage}"]
    return execute(command, environment=environment)


def _refuse_other_file(target: Target, stage: str) -> None:
    """A deployment is of the stack's platforms: a file that isn't among them would not be deployed.

    Runs before anything is started with the stage's name, which the command judges here.
    """
    whole = _platforms(target, stage, [])
    if target.config_path is None:
        return
    missing = [each["name"] for each in _platforms(target, stage, target.file()) if each not in whole]
    if missing:
        known = ", ".join(each["name"] for each in whole)
        raise WrongUseError(
            f"{os.fspath(target.config_path)} isn't what the stack {stage} deploys ({known}); "
            "name one of its files, or put this one into its folder (bucketworks:platformsDir)"
        )


def _platforms(target: Target, stage: str, file: list[str]) -> list[dict[str, Any]]:
    ended = target.program.run("explain", "--format=json", f"--stage={stage}", *file)
    if ended.code == FINDINGS:
        raise InvalidSpecError(ended.said)
    decoded(_Platforms, ended.output, "bucketworks explain")
    platforms: list[dict[str, Any]] = json.loads(ended.output)["platforms"]
    return platforms


def _lines(ended: Ended) -> tuple[str, ...]:
    return tuple(line for line in f"{ended.output}\n{ended.said}".splitlines() if line.strip())
