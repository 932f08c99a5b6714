"""What `bucketworks report` tells, as records: the fields of `docs/report.schema.json`, by their names."""

from dataclasses import dataclass, field
from typing import Literal

from bucketworks.report_copies import Backups, DatabaseBackups, Replication

Status = Literal["healthy", "unhealthy", "unknown"]


@dataclass(frozen=True, slots=True)
class NotLooked:
    """A part that wasn't looked at."""

    reason: str


@dataclass(frozen=True, slots=True)
class UnlookedPart:
    """A part of the server that wasn't looked at, and should have been."""

    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that isn't as the platform file says."""

    severity: Literal["critical", "warning"]
    check: str
    path: str
    expected: str
    actual: str
    cure: str


@dataclass(frozen=True, slots=True)
class DriftFinding(Finding):
    """One thing on the server that no update of the stack made."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Usage:
    """How much a bucket holds."""

    bytes: float
    objects: int
    versions: int | None
    source: Literal["server", "listing"]
    at: str
    complete: bool


@dataclass(frozen=True, slots=True)
class Quota:
    """The most that a bucket may hold."""

    bytes: float
    used_percent: float


@dataclass(frozen=True, slots=True)
class PrefixUsage:
    """How much is below a prefix."""

    prefix: str
    bytes: float
    objects: int


@dataclass(frozen=True, slots=True)
class AgeUsage:
    """How much is of an age, in days; `to_days` isn't in it, None has no end."""

    from_days: int
    to_days: int | None
    bytes: float
    objects: int


@dataclass(frozen=True, slots=True)
class Expiry:
    """How much lifecycle rules end within some days."""

    within_days: int
    bytes: float
    objects: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The listing that prefixes, ages and expiries tell of."""

    objects: int
    complete: bool


@dataclass(frozen=True, slots=True)
class BucketReport:
    """One bucket; `not_looked` says why its status is unknown."""

    name: str
    platform: str
    layer: str | None
    status: Status
    health_score: float | None
    checks_made: int
    checks_failed: int
    findings: tuple[Finding, ...]
    not_looked: str | None
    probe_latency_ms: float | None
    usage: Usage | None
    quota: Quota | None
    prefixes: tuple[PrefixUsage, ...]
    ages: tuple[AgeUsage, ...]
    expires: tuple[Expiry, ...]
    suggestions: tuple[str, ...]
    listed: Listing | None = None
    cost_per_month: float | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What an identity may do in a bucket."""

    identity: str
    kind: Literal["user", "service_account", "anyone"]
    platform: str | None
    bucket: str
    actions: tuple[str, ...]
    prefixes: tuple[str, ...]
    confirmed: bool | None


@dataclass(frozen=True, slots=True)
class AccessMatrix:
    """Who may do what."""

    entries: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class Drift:
    """What an update of the stack would change."""

    findings: tuple[DriftFinding, ...]


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that fires."""

    name: str
    severity: str
    platform: str | None
    since: str
    summary: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts that fire."""

    entries: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class Server:
    """The server that was looked at."""

    url: str
    kind: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class PlatformReport:
    """One platform."""

    name: str
    health_score: float | None
    total_buckets: int
    unhealthy_buckets: int
    bytes: float | None
    objects: int | None
    cost_per_month: float | None = None


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run, as the history keeps it."""

    at: str
    stage: str
    server: str
    overall_health_score: float | None
    total_buckets: int
    unhealthy_buckets: int
    bytes: float | None
    latency_ms: float | None
    drift_findings: int | None


@dataclass(frozen=True, slots=True)
class ValidationReport:
    """How healthy a stage's buckets are. Instants are UTC, scores between 0 and 100, sizes bytes.

    `unhealthy_buckets` counts the unknown ones, too. `score_formula` says how scores are made.
    """

    schemaVersion: Literal[1]  # noqa: N815 - as all JSON of the command names it
    generated_at: str
    duration_seconds: float
    stage: str
    server: Server
    overall_health_score: float | None
    score_formula: str
    total_buckets: int
    healthy_buckets: int
    unhealthy_buckets: int
    platforms: tuple[PlatformReport, ...]
    buckets: tuple[BucketReport, ...]
    findings: tuple[Finding, ...]
    access: AccessMatrix | NotLooked
    drift: Drift | NotLooked
    backups: Backups | NotLooked
    database_backups: DatabaseBackups | NotLooked
    replication: Replication | NotLooked
    alerts: Alerts | NotLooked
    trend: tuple[RunSummary, ...]
    not_looked: tuple[UnlookedPart, ...]
    price_per_gib_month: float | None = None
    text: str = field(default="", repr=False, compare=False)
    """Its JSON, as the command wrote it."""
    page: str | None = field(default=None, repr=False, compare=False)
    """It as one page of HTML."""
