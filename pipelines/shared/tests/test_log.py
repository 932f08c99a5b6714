"""The log of a program: its form, what is masked in it, and its file."""

import json
from pathlib import Path

import pytest
import structlog
from pipeline_shared.log import configure_log
from pipeline_shared.masking import hide, masked, masked_text

CASES = json.loads(Path(__file__).with_name("masking-cases.json").read_text())


def written(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    said: dict[str, object] = json.loads(capsys.readouterr().err)
    return said


def test_a_line_tells_time_level_message_service_platform_and_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("run-1", service="train", platform="mlops")
    structlog.get_logger().warning("too few rows", rows=3)
    said = written(capsys)
    assert str(said.pop("time")).endswith("Z")
    assert said == {
        "level": "warning",
        "message": "too few rows",
        "service": "train",
        "platform": "mlops",
        "correlation_id": "run-1",
        "rows": 3,
    }


def test_a_server_binds_an_id_of_each_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("", service="model-api", platform="mlops")
    structlog.get_logger().info("started")
    assert "correlation_id" not in written(capsys)
    with structlog.contextvars.bound_contextvars(correlation_id="request-7"):
        structlog.get_logger().info("predicted")
    assert written(capsys)["correlation_id"] == "request-7"


@pytest.mark.parametrize(
    ("text", "canary"), [each[1:] for each in CASES["hidden"]], ids=[each[0] for each in CASES["hidden"]]
)
def test_no_secret_of_a_known_form_is_written(capsys: pytest.CaptureFixture[str], text: str, canary: str) -> None:
    configure_log("run-1", service="s", platform="p")
    structlog.get_logger().error(text, said=text, deep={"list": [text]})
    line = capsys.readouterr().err
    assert canary not in line
    assert line.count("***") >= 3


@pytest.mark.parametrize("text", CASES["shown"])
def test_what_is_no_secret_is_shown_as_it_is(text: str) -> None:
    assert masked_text(text) == text


def test_values_of_secret_names_and_known_secrets_are_masked_at_any_depth() -> None:
    hide("a b c")
    given = {"db": {"Password": 5, "host": "h"}, "said": ("a b c!", None, True, 1.5), "email": "x"}
    assert masked(given) == {"db": {"Password": "***", "host": "h"}, "said": ["***!", None, True, 1.5], "email": "***"}


def test_a_text_that_was_shown_before_is_masked_once_it_is_known_to_be_a_secret() -> None:
    assert masked({"a": "lighthouse quokka"}) == {"a": "lighthouse quokka"}
    hide("lighthouse quokka")
    assert masked({"a": "lighthouse quokka"}) == {"a": "***"}


def test_an_audit_line_says_who_did_it_and_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("run-1", service="model-api", platform="mlops")
    structlog.get_logger().info("asked", audit=True, actor="ana@example.org", mail="ana@example.org")
    said = written(capsys)
    assert (said["actor"], said["mail"]) == ("ana@example.org", "***")
    structlog.get_logger().info("asked", audit=False, actor="ana@example.org")
    assert written(capsys)["actor"] == "***"
    structlog.get_logger().info("asked", audit=True, actor="Bearer canary-opaque-0123456789")
    assert written(capsys)["actor"] == "Bearer ***"


def test_a_traceback_is_one_line_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("run-1", service="s", platform="p")
    try:
        int("login with password=canary-in-error failed")
    except ValueError:
        structlog.get_logger().exception("failed")
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "canary-in-error" not in line
    assert "ValueError" in json.loads(line)["exception"]


def test_lines_go_to_a_private_file_too_which_is_moved_away_once_it_is_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    monkeypatch.setenv("LOG_FOLDER", str(folder))
    configure_log("run-1", service="train", platform="mlops")
    structlog.get_logger().info("one")
    structlog.get_logger().info("two")
    file = folder / "mlops-train.log"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() == capsys.readouterr().err
    assert [json.loads(line)["message"] for line in file.read_text().splitlines()] == ["one", "two"]
    with file.open("a") as grown:
        grown.truncate(6 * 1024 * 1024)
    configure_log("run-2", service="train", platform="mlops")
    structlog.get_logger().info("three")
    assert json.loads(file.read_text())["correlation_id"] == "run-2"
    assert (folder / "mlops-train.log.1").stat().st_size == 6 * 1024 * 1024


def test_a_folder_of_logs_that_cant_be_written_stops_no_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LOG_FOLDER", str(tmp_path / "file" / "logs"))
    configure_log("run-1", service="train", platform="mlops")
    structlog.get_logger().info("goes on")
    said, line = capsys.readouterr().err.splitlines()
    assert said.startswith(f"LOG_FOLDER: {tmp_path}/file/logs/mlops-train.log can't be written (")
    assert json.loads(line)["message"] == "goes on"
