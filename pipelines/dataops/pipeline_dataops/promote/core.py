"""Production steps 1 and 2: what passed both rounds becomes visible, objects first, then rows and catalog at once.

A promotion that was cut off anywhere is ended by the next one: objects that lie there already are taken as they are,
and `production.promote` does a run once. Nothing of staging is changed.
"""

from dataclasses import dataclass

from psycopg.rows import class_row

from conf.base import Place
from metadata.core import Connection, RunObject, object_of, run_of, verdicts_of
from pipeline_dataops.errors import StepError
from pipeline_dataops.promote.copy import copy
from pipeline_dataops.query.catalog import Promotion, Version, promotion_of
from pipeline_dataops.warehouse import warehouse

_LIMIT_SECONDS = 900


@dataclass(frozen=True)
class Promoted:
    """What `promote` did."""

    promotion: Promotion
    before: bool
    """The run was promoted already, so nothing was changed."""

    @property
    def rows(self) -> int:
        """How many rows are in production."""
        return self.promotion.rows

    def __str__(self) -> str:
        one = self.promotion
        said = "was promoted already" if self.before else "promoted"
        return (
            f"{said}: {one.rows} rows of run {one.run_id}\n"
            f"object: {one.object}\nreport of round 1: {one.report_1}\nreport of round 2: {one.report_2}"
        )


def promote(place: Place, run_id: str) -> Promoted:
    """Bring a run to production.

    Raises:
        StepError: the run didn't pass both rounds, or has other objects or rows now; a server is away or refuses.
    """
    with warehouse(place.postgres) as connection:
        connection.execute(f"SET statement_timeout = '{_LIMIT_SECONDS}s'".encode())
        there = promotion_of(connection, run_id)
        if there is not None:
            return Promoted(there, before=True)
        _require_run(connection, place, run_id)
        connection.execute("SELECT production.require_judged(%s)", [run_id])
        source, reports = _judged(connection, run_id)
        connection.commit()  # no transaction stays open while objects are copied
        place.data.mkdir(parents=True, exist_ok=True)
        made = [
            copy(place, Version(source.bucket, source.object_key, source.version_id), run_id, source.sha256),
            *(copy(place, each, run_id) for each in reports),
        ]
        with connection.cursor(row_factory=class_row(Promotion)) as cursor:
            promotion = cursor.execute(
                "SELECT * FROM production.promote(%s, %s, %s, %s, %s, %s, %s, %s)",
                [run_id, made[0].bucket, *(text for each in made for text in (each.key, each.version_id))],
            ).fetchone()
    if promotion is None:
        raise StepError(f"the database answered nothing for run {run_id}; promote again")
    return Promoted(promotion, before=False)


def _require_run(connection: Connection, place: Place, run_id: str) -> None:
    run = run_of(connection, run_id)
    if run is not None and run.table_name != place.table.table:
        raise StepError(f"run {run_id} is one of table {run.table_name}, not of {place.table.table}")


def _judged(connection: Connection, run_id: str) -> tuple[RunObject, list[Version]]:
    """Answer the transformed object and both reports, as the verdicts name them."""
    transformed = object_of(connection, run_id, "transformed")
    verdicts = verdicts_of(connection, run_id)
    if transformed is None:
        raise StepError(f"run {run_id} has no transformed object; transform it first")
    return transformed, [
        Version(each.report_bucket, each.report_key, each.report_version_id) for each in (verdicts[1], verdicts[2])
    ]
