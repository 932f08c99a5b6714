"""Looking again and again, by `BucketValidator` and by its program."""

import json
from pathlib import Path

import pytest
from places import Place

from bucketworks import BucketValidator, ProvisioningResult, WrongUseError


def test_each_look_of_the_time_is_returned_and_the_last_ends_in_good_order(validator: BucketValidator) -> None:
    result = validator.monitor_bucket_health(duration_minutes=0.05, interval_seconds=1)
    assert result.is_healthy
    assert {(run.stage, run.overall_health_score, run.unhealthy_buckets) for run in result.runs} == {("dev", 100, 0)}
    assert [run.at for run in result.runs] == sorted({run.at for run in result.runs})


def test_an_outage_stands_in_the_result_and_is_no_exception(
    place: Place, provisioned: ProvisioningResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in place.worker.items():
        monkeypatch.setenv(name, value)
    validator = BucketValidator(place.spec, "dev", server="http://127.0.0.1:1")
    result = validator.monitor_bucket_health(duration_minutes=0.01, interval_seconds=1)
    assert not result.is_healthy
    assert "can't reach MinIO at http://127.0.0.1:1" in (result.runs[0].not_looked or "")
    with pytest.raises(WrongUseError):
        BucketValidator("nowhere.yaml", "dev").monitor_bucket_health(0.01)


def test_monitor_writes_what_it_saw(place: Place, provisioned: ProvisioningResult, tmp_path: Path) -> None:
    output = tmp_path / "monitoring_results.json"
    arguments = ["--config", place.spec, "--environment", "dev", "--action", "monitor", "--monitor-duration", "0.01"]
    ended = place.program("bucket_validator.py", *arguments, "--output", str(output), env={"VALIDATION_INTERVAL": "1"})
    assert ended.code == 0, ended.said
    assert json.loads(output.read_text())["runs"][0]["unhealthy_buckets"] == 0
