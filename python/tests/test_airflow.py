"""The DAG on real Airflow: `airflow dags test` against the project's server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow_home import AirflowHome
from minio.commonconfig import ENABLED
from minio.versioningconfig import SUSPENDED, VersioningConfig
from places import Place

from bucketworks import ProvisioningResult

DAG = "bucket_health_check"


@pytest.fixture(scope="module")
def home(
    place: Place, provisioned: ProvisioningResult, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AirflowHome]:
    """A worker: the platform file in its folder, the server and a key in its environment, and no checkout."""
    assert provisioned.succeeded, provisioned.lines
    folder = tmp_path_factory.mktemp("airflow")
    (folder / "config").mkdir()
    (folder / "config" / "minio-buckets.yaml").write_text(Path(place.spec).read_text())
    home = AirflowHome(place.airflow, folder, place.worker)
    migrated = home.run("db", "migrate")
    assert migrated.code == 0, migrated.output
    yield home
    home.close()


def test_while_all_buckets_are_right_the_task_succeeds_and_its_result_is_the_score(home: AirflowHome) -> None:
    ended = home.run("dags", "test", DAG)
    assert ended.code == 0, ended.output
    assert home.results(DAG) == [100]


def test_a_bucket_that_was_changed_by_hand_fails_the_task_with_the_count(place: Place, home: AirflowHome) -> None:
    place.root.set_bucket_versioning("orders", VersioningConfig(SUSPENDED))
    try:
        ended = home.run("dags", "test", DAG)
    finally:
        place.root.set_bucket_versioning("orders", VersioningConfig(ENABLED))
    assert ended.code == 1, ended.output
    assert "RuntimeError: 1 unhealthy buckets" in ended.output
    assert home.results(DAG) == [100]


def test_a_server_that_is_away_fails_the_task_with_the_sentence_of_the_command(home: AirflowHome) -> None:
    ended = home.run("dags", "test", DAG, environment={"MINIO_ENDPOINT": "127.0.0.1:1"})
    assert ended.code == 1, ended.output
    assert (
        "CouldNotLookError: none of 2 buckets could be looked at: can't reach MinIO at http://127.0.0.1:1"
        in ended.output
    )


def test_the_dag_is_the_one_of_the_source(home: AirflowHome) -> None:
    shown = home.run("dags", "details", DAG).output
    assert "Every hour" in shown, shown
    assert home.run("tasks", "list", DAG).output.splitlines()[-1] == "validate_buckets"
