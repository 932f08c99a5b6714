"""Provisioning, validating and looking around, on the project's server."""

import json
import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from minio.commonconfig import ENABLED
from minio.versioningconfig import SUSPENDED, VersioningConfig
from places import Place

from bucketworks import (
    BucketValidator,
    CouldNotLookError,
    InvalidSpecError,
    MLOpsBucketProvisioner,
    ProvisioningResult,
    WrongUseError,
)

DIAGNOSIS = """
from scripts.mlops.bucket_validator import BucketValidator
validator = BucketValidator('config/minio-buckets.yaml')
validator._setup_clients()
print('MinIO connectivity:', validator.minio_client.list_buckets())
"""


def test_all_buckets_are_made_and_configured(place: Place, provisioned: ProvisioningResult) -> None:
    assert provisioned.succeeded, provisioned.lines
    assert [(each.name, each.status) for each in provisioned.buckets] == [
        ("invoices", "healthy"),
        ("orders", "healthy"),
    ]
    assert provisioned.failed_buckets == ()
    assert place.root.get_bucket_versioning("orders").status == ENABLED


def test_a_file_that_the_stack_does_not_deploy_is_refused_before_anything_starts(place: Place, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(Path(place.spec).read_text().replace("orders", "others"))
    with pytest.raises(WrongUseError, match=r"other.yaml isn't what the stack dev deploys \(shop\)"):
        MLOpsBucketProvisioner(other, "dev", bucketworks=place.project).provision_all_buckets()


def test_right_buckets_make_a_report_with_the_full_score(validator: BucketValidator) -> None:
    report = validator.validate_all_buckets()
    assert (report.unhealthy_buckets, report.overall_health_score) == (0, 100)
    assert (report.stage, report.total_buckets, report.healthy_buckets) == ("dev", 2, 2)
    assert [platform.name for platform in report.platforms] == ["shop"]


def test_a_bucket_that_was_changed_by_hand_is_unhealthy_and_says_what_to_do(
    place: Place, validator: BucketValidator
) -> None:
    place.root.set_bucket_versioning("orders", VersioningConfig(SUSPENDED))
    try:
        report = validator.validate_all_buckets()
    finally:
        place.root.set_bucket_versioning("orders", VersioningConfig(ENABLED))
    assert report.unhealthy_buckets == 1
    assert report.overall_health_score is not None
    assert report.overall_health_score < 100
    (finding,) = next(bucket for bucket in report.buckets if bucket.name == "orders").findings
    assert finding.check == "versioning"
    assert finding.cure != ""


def test_a_report_is_exported_as_json(validator: BucketValidator, tmp_path: Path) -> None:
    report = validator.validate_all_buckets()
    written = validator.export_validation_report(report, str(tmp_path / "report.json"), "json")
    assert json.loads(written.read_text())["overall_health_score"] == 100
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


def test_another_format_and_a_folder_that_is_not_there_are_refused(validator: BucketValidator, tmp_path: Path) -> None:
    report = validator.validate_all_buckets()
    with pytest.raises(WrongUseError, match="format 'pdf' is none; allowed are 'html' and 'json'"):
        validator.export_validation_report(report, tmp_path / "report.pdf", "pdf")  # type: ignore[arg-type]
    with pytest.raises(FileNotFoundError):
        validator.export_validation_report(report, tmp_path / "nowhere" / "report.json", "json")


def test_the_stage_is_the_argument_then_the_variable_then_that_of_the_file(
    place: Place, provisioned: ProvisioningResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in place.worker.items():
        monkeypatch.setenv(name, value)
    assert BucketValidator(place.spec).validate_all_buckets().stage == "production"
    monkeypatch.setenv("ENVIRONMENT", "staging")
    assert BucketValidator(place.spec).validate_all_buckets().stage == "staging"
    assert BucketValidator(place.spec, "dev").validate_all_buckets().stage == "dev"


def test_a_file_with_faults_is_an_exception_with_each_of_them(place: Place, tmp_path: Path) -> None:
    spec = tmp_path / "minio-buckets.yaml"
    spec.write_text("bucket_groups: {raw: {buckets: [{name: Raw_Data}, {nam: a}]}}\n")
    with pytest.raises(InvalidSpecError, match=r"minio-buckets.yaml:1:\d+ bucket-name"):
        BucketValidator(spec, "dev", bucketworks=place.project).validate_all_buckets()
    with pytest.raises(WrongUseError, match=r"nowhere\.yaml"):
        BucketValidator(tmp_path / "nowhere.yaml", "dev", bucketworks=place.project).validate_all_buckets()


def test_a_server_that_is_away_is_an_exception_with_its_sentence_and_what_is_known(
    place: Place, provisioned: ProvisioningResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in place.worker.items():
        monkeypatch.setenv(name, value)
    validator = BucketValidator(place.spec, "dev", server="http://127.0.0.1:1")
    with pytest.raises(
        CouldNotLookError, match=r"none of 2 buckets could be looked at: can't reach MinIO at http://127\.0\.0\.1:1"
    ) as raised:
        validator.validate_all_buckets()
    assert "Error:" not in str(raised.value)
    report = raised.value.report
    assert report is not None
    assert (report.unhealthy_buckets, report.overall_health_score) == (2, None)
    validator._setup_clients()
    assert validator.minio_client is not None
    with pytest.raises(CouldNotLookError, match=r"127\.0\.0\.1:1"):
        validator.minio_client.list_buckets()


def test_a_wrong_key_is_an_exception_that_does_not_show_it(
    place: Place, provisioned: ProvisioningResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**place.worker, "MINIO_SECRET_KEY": "wrong-secret-of-somebody"}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CouldNotLookError) as raised:
        BucketValidator(place.spec, "dev").validate_all_buckets()
    assert "wrong-secret" not in str(raised.value)


def test_the_diagnosis_of_the_source_prints_the_buckets_of_the_server(
    place: Place, provisioned: ProvisioningResult, tmp_path: Path
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "minio-buckets.yaml").write_text(Path(place.spec).read_text())
    home = str(Path(__file__).parents[1])
    shown = place.run(sys.executable, "-c", DIAGNOSIS, env={**place.worker, "PYTHONPATH": home}, folder=tmp_path)
    assert shown.code == 0, shown.said
    assert shown.output.startswith("MinIO connectivity: [")
    assert "name='orders'" in shown.output


def test_cleanup_settles_nothing_where_no_run_was_killed_and_leaves_objects_alone(
    place: Place, validator: BucketValidator
) -> None:
    place.root.fput_object("invoices", "kept", __file__)
    result = MLOpsBucketProvisioner(place.spec, "dev", bucketworks=place.project).cleanup_failed_buckets()
    assert (result.succeeded, result.lines) == (True, ("stack dev: nothing is left over", "nothing to recover"))
    assert place.root.stat_object("invoices", "kept").size == Path(__file__).stat().st_size
    assert validator.validate_all_buckets().unhealthy_buckets == 0


def test_cleanup_removes_the_empty_bucket_of_a_killed_deployment_and_leaves_the_one_that_holds_an_object(
    place: Place, provisioned: ProvisioningResult
) -> None:
    _leave_killed_creation(place, "half-made", "half-used")
    for name in ("half-made", "half-used"):
        place.root.make_bucket(name)
    place.root.fput_object("half-used", "early", __file__)
    try:
        result = MLOpsBucketProvisioner(place.spec, "dev", bucketworks=place.project).cleanup_failed_buckets()
        assert not place.root.bucket_exists("half-made"), result.lines
        assert place.root.stat_object("half-used", "early").size == Path(__file__).stat().st_size
        assert not result.succeeded
        assert any("half-used: it holds 1 object" in line for line in result.lines)
    finally:
        place.root.remove_object("half-used", "early")
        place.root.remove_bucket("half-used")


def _leave_killed_creation(place: Place, *names: str) -> None:
    """Leave what a run leaves that was killed: creations that are pending, and the lock of a process that is dead."""
    folder = Path(place.project, ".bucketworks", "state", ".pulumi")
    file = folder / "stacks" / "bucketworks" / "dev.json"
    state = json.loads(file.read_text())
    latest = state["checkpoint"]["latest"]
    made = next(each for each in latest["resources"] if each.get("id") == "invoices")
    bare = {key: value for key, value in made.items() if key not in {"id", "outputs"}}
    latest["pending_operations"] = [
        {
            "type": "creating",
            "resource": {
                **bare,
                "urn": made["urn"].replace("::invoices", f"::{name}"),
                "inputs": {**made["inputs"], "bucket": name},
            },
        }
        for name in names
    ]
    file.write_text(json.dumps(state))
    locks = folder / "locks" / "organization" / "bucketworks" / "dev"
    locks.mkdir(parents=True, exist_ok=True)
    lock = {
        "pid": 2**22 + 1,
        "username": "x",
        "hostname": socket.gethostname(),
        "timestamp": datetime.now(UTC).isoformat(),
    }
    (locks / "killed.json").write_text(json.dumps(lock))
