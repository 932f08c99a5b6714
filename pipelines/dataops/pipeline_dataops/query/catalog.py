"""The catalog: one row of production.promotions a promoted run, which says where all of it lies."""

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from metadata.core import Connection


@dataclass(frozen=True)
class Version:
    """One version of an object."""

    bucket: str
    key: str
    version_id: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}?versionId={self.version_id}"


@dataclass(frozen=True)
class Promotion:
    """A promoted run: columns as in production.promotions."""

    run_id: str
    table_name: str
    source: str
    code_version: str
    raw_bucket: str
    raw_key: str
    raw_version_id: str
    raw_rows: int
    object_bucket: str
    object_key: str
    object_version_id: str
    rows: int
    rows_digest: str
    report_1_key: str
    report_1_version_id: str
    report_2_key: str
    report_2_version_id: str
    extracted_at: datetime
    promoted_at: datetime

    @property
    def raw(self) -> Version:
        """Where the extracted data lies."""
        return Version(self.raw_bucket, self.raw_key, self.raw_version_id)

    @property
    def object(self) -> Version:
        """Where the promoted object lies."""
        return Version(self.object_bucket, self.object_key, self.object_version_id)

    @property
    def report_1(self) -> Version:
        """Where the report of the first round lies, beside the object."""
        return Version(self.object_bucket, self.report_1_key, self.report_1_version_id)

    @property
    def report_2(self) -> Version:
        """Where the report of the second round lies."""
        return Version(self.object_bucket, self.report_2_key, self.report_2_version_id)


def promotion_of(connection: Connection, run_id: str) -> Promotion | None:
    """Read the promotion of a run."""
    with connection.cursor(row_factory=class_row(Promotion)) as cursor:
        return cursor.execute("SELECT * FROM production.promotions WHERE run_id = %s", [run_id]).fetchone()


def promotions_of(connection: Connection, table: str) -> list[Promotion]:
    """Read all promotions of a table, newest first."""
    with connection.cursor(row_factory=class_row(Promotion)) as cursor:
        return cursor.execute(
            "SELECT * FROM production.promotions WHERE table_name = %s ORDER BY promoted_at DESC, run_id DESC", [table]
        ).fetchall()
