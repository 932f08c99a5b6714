"""The command lines of the source, as it has them."""

import json
from pathlib import Path

from minio.commonconfig import ENABLED
from minio.versioningconfig import SUSPENDED, VersioningConfig
from places import Place

from bucketworks import ProvisioningResult


def test_provision_makes_all_buckets_of_production_under_its_policies(place: Place) -> None:
    """Its server is empty, and behind TLS."""
    arguments = ["--config", place.spec, "--environment", "production"]
    before = place.program("bucket_provisioner.py", *arguments, "--action", "validate")
    assert before.code == 1, before.said
    ended = place.program("bucket_provisioner.py", *arguments, "--action", "provision", "--verbose")
    assert ended.code == 0, ended.said
    assert "Policies:" in ended.said
    assert "2 of 2 buckets are healthy, score 100" in ended.said


def test_provision_of_a_stage_that_has_no_stack_is_wrong_use(place: Place, provisioned: ProvisioningResult) -> None:
    arguments = ["--config", place.spec, "--environment", "staging", "--action", "provision"]
    ended = place.program("bucket_provisioner.py", *arguments)
    assert ended.code == 2, ended.said
    assert 'no stack "staging": Pulumi.staging.yaml isn\'t in the checkout' in ended.said


def test_validate_of_the_provisioner_writes_json(place: Place, provisioned: ProvisioningResult, tmp_path: Path) -> None:
    output = tmp_path / "validation_report.json"
    ended = place.program(
        *["bucket_provisioner.py", "--config", place.spec, "--environment", "dev", "--action", "validate"],
        *["--output", str(output)],
    )
    assert ended.code == 0, ended.said
    assert json.loads(output.read_text())["unhealthy_buckets"] == 0


def test_cleanup_says_that_there_is_nothing_to_settle(place: Place, provisioned: ProvisioningResult) -> None:
    ended = place.program(
        "bucket_provisioner.py", "--config", place.spec, "--environment", "dev", "--action", "cleanup"
    )
    assert (ended.code, ended.said) == (0, "stack dev: nothing is left over\nnothing to recover\n")


def test_validate_tells_of_findings_by_its_exit_code(place: Place, provisioned: ProvisioningResult) -> None:
    place.root.set_bucket_versioning("orders", VersioningConfig(SUSPENDED))
    try:
        ended = place.program("bucket_validator.py", "--config", place.spec, "--environment", "dev")
    finally:
        place.root.set_bucket_versioning("orders", VersioningConfig(ENABLED))
    assert ended.code == 1, ended.said
    assert "orders versioning: expected on, is off" in ended.said
    assert "1 of 2 buckets are healthy" in ended.said


def test_validate_with_verbose_says_what_is_asked(place: Place, provisioned: ProvisioningResult) -> None:
    ended = place.program(
        "bucket_validator.py", "--config", place.spec, "--environment", "dev", "--action", "validate", "--verbose"
    )
    assert ended.code == 0, ended.said
    assert json.loads(ended.output)["overall_health_score"] == 100
    requests = [json.loads(line) for line in ended.said.splitlines() if line.startswith("{")]
    assert {"method", "path", "status", "duration_ms"} <= requests[0].keys()


def test_a_wrong_option_and_a_file_that_is_not_there_are_wrong_use_without_a_stack_trace(place: Place) -> None:
    unknown = place.program("bucket_validator.py", "--action", "destroy")
    assert (unknown.code, "invalid choice: 'destroy'" in unknown.said) == (2, True)
    missing = place.program("bucket_validator.py", "--config", "nowhere.yaml", "--environment", "dev")
    assert missing.code == 2
    assert "nowhere.yaml" in missing.said
    assert "Traceback" not in missing.said


def test_a_server_that_is_away_is_exit_code_3_in_one_sentence(place: Place, provisioned: ProvisioningResult) -> None:
    away = {**place.worker, "MINIO_ENDPOINT": "127.0.0.1:1"}
    ended = place.program("bucket_validator.py", "--config", place.spec, "--environment", "dev", env=away)
    assert ended.code == 3
    assert ended.said.startswith("none of 2 buckets could be looked at: can't reach MinIO at http://127.0.0.1:1")
    assert len(ended.said.splitlines()) == 1
