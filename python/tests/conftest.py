"""What the tests of a server share."""

import os
from pathlib import Path

import places
import pytest

from bucketworks import BucketValidator, MLOpsBucketProvisioner, ProvisioningResult


@pytest.fixture(scope="session", autouse=True)
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> None:
    """In no checkout: a command refuses to work in another one than its own."""
    os.chdir(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="session")
def place() -> places.Place:
    return places.place()


@pytest.fixture(scope="session")
def provisioned(_elsewhere: None, place: places.Place) -> ProvisioningResult:
    """The first deployment: nothing was started before."""
    return MLOpsBucketProvisioner(place.spec, "dev", bucketworks=place.project).provision_all_buckets()


@pytest.fixture
def validator(place: places.Place, provisioned: ProvisioningResult) -> BucketValidator:
    assert provisioned.succeeded, provisioned.lines
    return BucketValidator(place.spec, "dev", bucketworks=place.project)


@pytest.fixture
def fake(tmp_path: Path) -> "Fake":
    """A program in place of the command: for what a real one does rarely."""
    return Fake(tmp_path / "bucketworks")


class Fake:
    """An executable of one shell script."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def does(self, script: str) -> Path:
        self.path.write_text(f"#!/bin/sh\n{script}\n")
        self.path.chmod(0o755)
        return self.path
