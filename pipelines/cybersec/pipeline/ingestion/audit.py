"""Rows of `ingestion_events`: added by the role `ingestion`, read by the role `auditor`."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
from pipeline_shared.connections import postgres
from pipeline_shared.settings import PostgresSettings
from psycopg.rows import class_row

from pipeline.failed import FailedError

State = Literal["SUCCESS", "FAILED"]
HISTORY = "SELECT * FROM ingestion_events ORDER BY id DESC LIMIT 10"  # the source's own query


@dataclass(frozen=True)
class Event:
    """What a run did, in the columns of the source."""

    timestamp_ingesta: dt.datetime
    """UTC, without a zone."""
    nombre_archivo: str
    ruta_minio: str
    """`s3://bucket/file`; empty where the run has no object."""
    num_registros: int
    estado: State


@dataclass(frozen=True)
class StoredEvent(Event):
    """A row as the table has it."""

    id: int


class AuditError(FailedError):
    """The audit table can't be reached, or refuses."""


def add(settings: PostgresSettings, event: Event) -> bool:
    """Add the row of a run, if it isn't there: a run has one, and so has an object.

    Returns:
        Whether it was added now.
    """
    values = (event.timestamp_ingesta, event.nombre_archivo, event.ruta_minio, event.num_registros, event.estado)
    try:
        with postgres(settings) as connection:
            return connection.execute(_ADD, values).rowcount == 1
    except psycopg.Error as error:
        raise AuditError(_sentence(settings, error)) from None


# The role may not read, so it can't name what conflicts: the table's own rules decide.
_ADD = """
INSERT INTO ingestion_events (timestamp_ingesta, nombre_archivo, ruta_minio, num_registros, estado)
VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""


def read(settings: PostgresSettings, query: str, *values: str) -> list[StoredEvent]:
    """Answer the rows of a query on `ingestion_events`."""
    try:
        with postgres(settings) as connection, connection.cursor(row_factory=class_row(StoredEvent)) as cursor:
            return cursor.execute(query.encode(), values or None).fetchall()
    except psycopg.Error as error:
        raise AuditError(_sentence(settings, error)) from None


def _sentence(settings: PostgresSettings, error: psycopg.Error) -> str:
    place = f"PostgreSQL at {settings.host}:{settings.port}, database {settings.database}, role {settings.user}"
    lines: list[Any] = [line for line in str(error).splitlines() if line.strip()]
    return f"{place}: {lines[0] if lines else type(error).__name__}"
