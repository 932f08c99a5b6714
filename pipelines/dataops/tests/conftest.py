"""What tests of the pipeline have: the platform's own logins on real servers, and folders of their own."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from exchange import Exchange, exchange
from minio import Minio

from conf.base import Place, load_place

Logins = dict[str, dict[str, str]]
TABLE = "raw_binance_btcusdt_spot"


@pytest.fixture(scope="session")
def logins() -> Logins:
    """Settings by name: a step's as the platform has them, `root` and `superuser` for what only a test may."""
    given = os.environ.get("LOGINS")
    if given is None:
        pytest.fail("there are no servers: run npx vitest run test/pipelines/dataops.test.ts, which starts them")
    return dict(json.loads(given))


@pytest.fixture
def place_of(logins: Logins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Place]:
    """The place of a step by its login's name; further variables replace the login's."""

    def make(login: str, **more: str) -> Place:
        for name, value in {**logins[login], **more}.items():
            monkeypatch.setenv(name, value)
        return load_place(TABLE, tmp_path)

    return make


@pytest.fixture
def root(logins: Logins) -> Minio:
    """Do on MinIO what nobody of the platform may."""
    key = logins["root"]
    return Minio(
        endpoint=logins["loader"]["MINIO_ENDPOINT"],
        access_key=key["MINIO_ACCESS_KEY"],
        secret_key=key["MINIO_SECRET_KEY"],
        secure=False,
    )


@pytest.fixture
def superuser(logins: Logins) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Do in the warehouse what nobody of the platform may."""
    login = logins["superuser"]
    connection = psycopg.connect(
        host=login["PG_HOST"],
        port=int(login["PG_PORT"]),
        user=login["PG_USER"],
        dbname=logins["loader"]["PG_DATABASE"],
        autocommit=True,
    )
    yield connection
    connection.close()


@pytest.fixture
def api() -> Iterator[Exchange]:
    """An exchange, as an API answers."""
    with exchange() as made:
        yield made


@pytest.fixture
def no_runs(superuser: psycopg.Connection[Any]) -> None:
    """Forget all runs and rows of staging."""
    superuser.execute(
        "TRUNCATE staging.runs, staging.raw_binance_btcusdt_spot, staging.processed_binance_btcusdt_spot CASCADE"
    )
