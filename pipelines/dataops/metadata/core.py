"""What the warehouse knows of a run: its row, the objects it stored, the verdicts on it.

Shapes are those of config/migrations/dataops/003.do.runs-and-promotions.sql. Each function is one statement and commits
nothing: the caller's transaction decides what is there together. A second call with the same run adds nothing.
"""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import psycopg
from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier, Placeholder

Connection = psycopg.Connection[Any]
Stage = Literal["raw", "transformed"]
Round = Literal[1, 2]


@dataclass(frozen=True)
class Run:
    """An extraction: of which table, from where, by which commit, of which window (begin included, end not)."""

    run_id: str
    table_name: str
    dataset: str
    source: str
    code_version: str
    cursor_from: str | None
    cursor_to: str | None
    started_at: datetime


@dataclass(frozen=True)
class RunObject:
    """An object that a run stored: exactly this version, with so many rows and this SHA-256 of its bytes."""

    run_id: str
    stage: Stage
    bucket: str
    object_key: str
    version_id: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Verdict:
    """What a round of validation said of a run, and of which version and rows it said so; the report is its JSON."""

    run_id: str
    round: Round
    passed: bool
    object_version_id: str
    rows: int
    rows_digest: str
    report_bucket: str
    report_key: str
    report_version_id: str


Row = TypeVar("Row", Run, RunObject, Verdict)


def begin_run(connection: Connection, run: Run) -> bool:
    """Add the row of a run. False where it is there already."""
    return _add(connection, "runs", ["run_id"], run)


def record_object(connection: Connection, stored: RunObject) -> bool:
    """Add what a run stored. False where the run has an object of this stage already: it keeps that one."""
    return _add(connection, "objects", ["run_id", "stage"], stored)


def record_verdict(connection: Connection, verdict: Verdict) -> bool:
    """Add what a round said. False where this round has judged the run already: that verdict stays."""
    return _add(connection, "verdicts", ["run_id", "round"], verdict)


def run_of(connection: Connection, run_id: str) -> Run | None:
    """Read the row of a run."""
    found = _read(connection, "runs", Run, run_id)
    return found[0] if found else None


def object_of(connection: Connection, run_id: str, stage: Stage) -> RunObject | None:
    """Read which object a run stored at a stage."""
    return next((each for each in _read(connection, "objects", RunObject, run_id) if each.stage == stage), None)


def was_loaded(connection: Connection, run_id: str) -> bool:
    """Whether the raw rows of a run were loaded into staging."""
    found = connection.execute("SELECT FROM staging.loads WHERE run_id = %s", [run_id]).fetchone()
    return found is not None


def verdicts_of(connection: Connection, run_id: str) -> dict[Round, Verdict]:
    """Read what was said of a run, by round."""
    return {verdict.round: verdict for verdict in _read(connection, "verdicts", Verdict, run_id)}


def rows_digest(connection: Connection, table: str, run_id: str) -> tuple[int, str]:
    """Count the rows of a run in a table (`staging.raw_x`), and their digest, which doesn't depend on their order."""
    found = connection.execute("SELECT rows, digest FROM staging.digest(%s::regclass, %s)", [table, run_id]).fetchone()
    if found is None:
        raise LookupError("staging.digest answered nothing")
    return int(found[0]), str(found[1])


def code_version() -> str:
    """Tell the commit this program is of: GIT_COMMIT_HASH of the image, else HEAD of the checkout, else `unknown`.

    Where files of the package were changed since, HEAD has `-dirty` behind it.
    """
    named = os.environ.get("GIT_COMMIT_HASH")
    if named:
        return named
    try:
        return _git("rev-parse", "HEAD") + ("-dirty" if _git("status", "--porcelain", "--", "..") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*words: str) -> str:
    asked = subprocess.run(  # noqa: S603 - our own words
        ["git", *words],  # noqa: S607 - whichever git the machine has
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return asked.stdout.strip()


def _add(connection: Connection, table: str, keys: Sequence[str], row: Run | RunObject | Verdict) -> bool:
    statement = SQL("INSERT INTO staging.{} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING").format(
        Identifier(table), _columns(type(row)), SQL(", ").join(Placeholder() * len(fields(row))), _names(keys)
    )
    return connection.execute(statement, astuple(row)).rowcount == 1


def _read(connection: Connection, table: str, kind: type[Row], run_id: str) -> list[Row]:
    statement = SQL("SELECT {} FROM staging.{} WHERE run_id = %s").format(_columns(kind), Identifier(table))
    with connection.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(statement, [run_id]).fetchall()


def _columns(kind: type[Run | RunObject | Verdict]) -> Composed:
    return _names([each.name for each in fields(kind)])


def _names(names: Sequence[str]) -> Composed:
    return SQL(", ").join(map(Identifier, names))
