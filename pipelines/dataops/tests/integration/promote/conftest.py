"""What tests of promotion and query have: places of each login, and runs that are ready to be promoted."""

from functools import partial
from pathlib import Path

import pytest
from made_runs import TABLE, Logins, PlaceOf, RunOf, make_run
from minio import Minio

from conf.base import Place, load_place


@pytest.fixture
def place_of(logins: Logins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlaceOf:
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
def run_of(place_of: PlaceOf) -> RunOf:
    """Make runs without the steps before."""
    return partial(make_run, place_of)
