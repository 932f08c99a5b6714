"""What tests of the ingestion have: the platform's own logins on real servers, and folders of their own."""

import datetime as dt
import io
import json
import os
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from forked_command import Answer, forked
from minio import Minio
from pipeline.ingestion.source_rows import generate_network_events
from pipeline.storage.layers import EVAL, MODELS, RAW, SILVER
from servers import Logins, Objects, Rows, Run

LAYERS = (RAW, SILVER, MODELS, EVAL)
COMMANDS = distribution("cybersec-pipeline").entry_points


@pytest.fixture(scope="session")
def logins() -> Logins:
    """Settings by name: `ingestion` and `auditor` as the platform has them, `root` for what only a test may."""
    given = os.environ.get("LOGINS")
    if given is None:
        pytest.fail("there are no servers: run npx vitest run test/pipelines/cybersec.test.ts, which starts them")
    return dict(json.loads(given))


@pytest.fixture
def run(logins: Logins, tmp_path: Path) -> Run:
    """Run a command of the package in a folder of this test's own, as `ingestion` where nobody else is named.

    It runs in a copy of this process, whose imports are done already; `before` is a program that the copy runs first.
    """

    def start(*words: str, login: str = "ingestion", before: str = "", **env: str) -> Answer:
        return forked(COMMANDS, words, before, tmp_path, {"PATH": os.environ["PATH"], **logins[login], **env})

    return start


@pytest.fixture
def root(logins: Logins) -> Minio:
    """Look at RAW as nobody of the platform may."""
    key = logins["root"]
    return Minio(
        endpoint=logins["ingestion"]["MINIO_ENDPOINT"],
        access_key=key["MINIO_ACCESS_KEY"],
        secret_key=key["MINIO_SECRET_KEY"],
        secure=False,
    )


@pytest.fixture
def empty(root: Minio) -> None:
    """Begin with no object in any layer; former versions stay."""
    for bucket in LAYERS:
        for each in root.list_objects(bucket, recursive=True):
            root.remove_object(bucket, str(each.object_name))


@pytest.fixture
def silver(root: Minio, empty: None) -> None:  # noqa: ARG001  in this order
    """Begin with made-up traffic of two days in SILVER."""
    for day in (1, 2):
        (table,) = generate_network_events(250, day, dt.datetime(2026, 1, day, tzinfo=dt.UTC))
        in_silver(root, day, table)


def in_silver(root: Minio, day: int, table: pa.Table) -> None:
    """Put a table where the transformation puts its own."""
    sink = io.BytesIO()
    pq.write_table(table, sink)
    key = f"date=2026010{day}/run_id=20260101000000-abc123/events-1-of-1.parquet"
    root.put_object(SILVER, key, io.BytesIO(sink.getvalue()), len(sink.getvalue()))


def postgres(logins: Logins, login: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Log in to the database; each statement is a transaction."""
    given = logins[login]
    return psycopg.connect(
        host=given["PG_HOST"],
        port=int(given["PG_PORT"]),
        user=given["PG_USER"],
        password=given["PG_PASSWORD"],
        dbname=given["PG_DATABASE"],
        autocommit=True,
    )


@pytest.fixture
def rows(logins: Logins) -> Iterator[Rows]:
    """Ask the audit table, as the auditor."""
    connection = postgres(logins, "auditor")

    def ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
        return connection.execute(query.encode(), values or None).fetchall()

    yield ask
    connection.close()


@pytest.fixture
def objects(root: Minio) -> Objects:
    """Answer the keys in RAW."""
    return lambda: {str(each.object_name) for each in root.list_objects(RAW, recursive=True)}
