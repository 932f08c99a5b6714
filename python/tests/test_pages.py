"""Reports as pages, by `BucketValidator` and by its program."""

from pathlib import Path

from places import Place

from bucketworks import BucketValidator, ProvisioningResult


def test_a_report_is_exported_as_a_page(validator: BucketValidator, tmp_path: Path) -> None:
    report = validator.validate_all_buckets()
    page = validator.export_validation_report(report, tmp_path / "report.html", "html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "dev" in page


def test_validate_writes_a_page(place: Place, provisioned: ProvisioningResult, tmp_path: Path) -> None:
    output = tmp_path / "validation_report.html"
    arguments = ["--config", place.spec, "--environment", "dev", "--action", "validate", "--format", "html"]
    ended = place.program("bucket_validator.py", *arguments, "--output", str(output))
    assert ended.code == 0, ended.said
    assert output.read_text().lower().startswith("<!doctype html>")
