"""What a report says of copies: backups of buckets and databases, and replication."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackupDrill:
    """A restore that was tried, what it took and what a loss would have cost then, in seconds."""

    at: str
    passed: bool
    sample: bool
    objects: int
    bytes: float
    loss_seconds: float
    duration_seconds: float
    failure: str | None


@dataclass(frozen=True, slots=True)
class Backup:
    """The backup of a bucket, how old it may be, and its last drill."""

    name: str
    platform: str
    last_at: str | None
    max_age_hours: float
    drill: BackupDrill | None
    max_drill_age_days: float
    drill_overdue: bool


@dataclass(frozen=True, slots=True)
class Backups:
    """The backups of the platforms."""

    entries: tuple[Backup, ...]


@dataclass(frozen=True, slots=True)
class DatabaseDrill:
    """One drill of the backups of a PostgreSQL server: seconds and bytes; no loss where the server didn't tell."""

    at: str
    restore_seconds: float
    duration_seconds: float
    loss_seconds: float | None
    tables: int
    rows: float
    bytes: float
    gaps: int


@dataclass(frozen=True, slots=True)
class DatabaseBackup:
    """The backups of a PostgreSQL server, how old they may be, which moments can be restored, and the last drill."""

    server: str
    platform: str
    is_current: bool
    last_base_at: str | None
    max_age_hours: float
    recoverable_from: str | None
    recoverable_until: str | None
    drill: DatabaseDrill | None


@dataclass(frozen=True, slots=True)
class DatabaseBackups:
    """The backups of the platforms' databases."""

    entries: tuple[DatabaseBackup, ...]


@dataclass(frozen=True, slots=True)
class Copying:
    """How far the copies of a bucket on other servers are behind: objects and bytes; failures are of the last hour."""

    name: str
    platform: str
    answers: bool
    queued_objects: int
    queued_bytes: float
    failed_objects: int
    failed_bytes: float


@dataclass(frozen=True, slots=True)
class Replication:
    """The buckets that are copied to other servers."""

    entries: tuple[Copying, ...]
