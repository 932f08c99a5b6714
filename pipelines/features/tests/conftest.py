"""What tests of the feature store have: the platform's own key and login on real servers, and a store for each test."""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from minio import Minio
from stores import Env, Store, feature, view

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def logins() -> dict[str, Env]:
    """Settings by name: `store` and `writer` as the platform has them, and `superuser` of PostgreSQL."""
    given = os.environ.get("LOGINS")
    if given is None:
        pytest.fail("there are no servers: run npx vitest run test/pipelines/features.test.ts, which starts them")
    return dict(json.loads(given))


@pytest.fixture(scope="session")
def writer(logins: dict[str, Env]) -> Minio:
    """Who computes features and writes their files."""
    key = logins["writer"]
    return Minio(
        endpoint=key["MINIO_ENDPOINT"],
        access_key=key["MINIO_ACCESS_KEY"],
        secret_key=key["MINIO_SECRET_KEY"],
        secure=False,
    )


@pytest.fixture
def make(logins: dict[str, Env], writer: Minio, tmp_path: Path) -> Callable[..., Store]:
    """Make a store with some views, one of clicks where nothing is said; nothing is applied yet."""

    def made(*views: dict[str, Any]) -> Store:
        usual = view("activity", [feature("clicks")])
        return Store(f"t{next(_numbers)}", tmp_path, logins["store"], writer, list(views) or [usual])

    return made


@pytest.fixture
def database(logins: dict[str, Env]) -> Iterator[psycopg.Connection[Any]]:
    """Look at the database as the feature store's own role."""
    given = logins["store"]
    with psycopg.connect(
        host=given["PG_HOST"],
        port=given["PG_PORT"],
        user=given["PG_USER"],
        password=given["PG_PASSWORD"],
        dbname=given["PG_DATABASE"],
        autocommit=True,
    ) as connection:
        yield connection
