"""Metrics of a step: what node_exporter finds in its folder of text files."""

import json
from pathlib import Path

import pytest
from pipeline_shared.log import configure_log
from pipeline_shared.metrics import FOLDER, measured
from prometheus_client.parser import text_string_to_metric_families


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return tmp_path


def samples(folder: Path) -> dict[str, float]:
    """Answer what is in the folder's one file, by the metric and what was counted."""
    (file,) = folder.iterdir()
    assert file.name == "pipeline-shop-load.prom"
    found = {}
    for family in text_string_to_metric_families(file.read_text()):
        for each in family.samples:
            labels = dict(each.labels)
            assert (labels.pop("platform"), labels.pop("step")) == ("shop", "load")
            found["".join([each.name.removeprefix("pipeline_last_"), *labels.values()])] = each.value
    return found


def run(rows: int) -> None:
    with measured("shop", "load") as step:
        step.rows = {"added": rows}


def fail() -> None:
    with measured("shop", "load") as step:
        step.rows = {"added": 99}
        raise SystemExit(143)


def test_a_step_that_succeeds_tells_when_how_long_and_how_many_rows(folder: Path) -> None:
    run(12)
    found = samples(folder)
    assert found["rowsadded"] == 12
    assert found["run_timestamp_seconds"] == found["success_timestamp_seconds"] > 1_700_000_000
    assert found["run_seconds"] >= 0


def test_a_step_that_fails_leaves_its_last_success_and_those_rows(folder: Path) -> None:
    run(12)
    before = samples(folder)
    with pytest.raises(SystemExit):
        fail()
    after = samples(folder)
    assert after["run_timestamp_seconds"] > before["run_timestamp_seconds"]
    assert after["success_timestamp_seconds"] == before["success_timestamp_seconds"]
    assert after["rowsadded"] == 12


def test_a_step_that_has_never_succeeded_tells_no_success(folder: Path) -> None:
    with pytest.raises(SystemExit):
        fail()
    assert set(samples(folder)) == {"run_timestamp_seconds", "run_seconds"}


def test_a_step_that_says_it_failed_has_no_success_though_no_error_ended_it(folder: Path) -> None:
    with measured("shop", "load") as step:
        step.failed = True
    assert "success_timestamp_seconds" not in samples(folder)


def test_a_folder_that_is_not_there_is_a_warning_and_stops_no_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_log("r1", service="load", platform="shop")
    monkeypatch.setenv(FOLDER, str(folder / "gone"))
    run(1)
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["message"]) == ("warning", "metrics not written")
    assert line["file"].endswith("/gone/pipeline-shop-load.prom")
    assert "No such file or directory" in line["reason"]


def test_a_file_that_somebody_else_wrote_is_a_warning_and_hides_no_failure(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_log("r1", service="load", platform="shop")
    (folder / "pipeline-shop-load.prom").write_text("{")
    with pytest.raises(SystemExit):
        fail()
    assert json.loads(capsys.readouterr().err)["message"] == "metrics not written"


def test_without_the_setting_nothing_is_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER)
    run(1)
    assert list(folder.iterdir()) == []
