"""What a run is compared with: the report of the last run of the same table that passed the same round."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from metadata.core import Connection, Round
from pipeline_dataops.objects import Objects
from pipeline_dataops.validate.report import SCHEMA_VERSION

_LAST = """
    SELECT verdict.run_id, report_bucket, report_key, report_version_id
    FROM staging.verdicts AS verdict JOIN staging.runs AS run USING (run_id)
    WHERE run.table_name = %s AND verdict.round = %s AND verdict.passed AND verdict.run_id <> %s
    ORDER BY verdict.judged_at DESC LIMIT 1"""


@dataclass(frozen=True)
class Reference:
    """A report by its run and place."""

    run_id: str
    bucket: str
    key: str
    version_id: str


def last_passed(connection: Connection, table: str, number: Round, run_id: str) -> Reference | None:
    """Find the report of the last other run that passed."""
    found = connection.execute(_LAST, [table, number, run_id]).fetchone()
    return None if found is None else Reference(*found)


def profile_of(objects: Objects, reference: Reference | None, file: Path) -> tuple[dict[str, Any] | None, str]:
    """Read the profile of a report.

    Returns:
        The profile, or none and why.
    """
    if reference is None:
        return None, "no run before passed this round"
    if objects.stat(reference.key) is None:
        why = "it is there no longer"
    else:
        objects.fetch(reference.key, reference.version_id, None, file)
        report = json.loads(file.read_text())
        known = report["schemaVersion"] == SCHEMA_VERSION and report["profile"]
        why = "" if known else "it has no profile of this form"
    if why:
        structlog.get_logger().warning("no reference", run=reference.run_id, key=reference.key, reason=why)
        return None, f"the report of run {reference.run_id}, the last that passed, is no reference: {why}"
    return dict(report["profile"]), ""
