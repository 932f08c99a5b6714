"""Settings: the eight variables of the source, told all at once, and secrets in no line."""

import json

import pytest
import structlog
from pipeline_shared.log import configure_log, hide, printable
from pipeline_shared.settings import SettingsError, load_settings

NAMES = [
    "MINIO_ENDPOINT",
    "MINIO_ACCESS_KEY",
    "MINIO_SECRET_KEY",
    "PG_HOST",
    "PG_PORT",
    "PG_USER",
    "PG_PASSWORD",
    "PG_DATABASE",
]
GOOD = dict(
    zip(
        NAMES, ["localhost:9000", "key", "s3cret", "localhost", "5555", "postgres", "pa55word", "mlops_db"], strict=True
    )
)


@pytest.fixture(autouse=True)
def good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set all eight as the source shows them."""
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def fault() -> str:
    """The one message."""
    with pytest.raises(SettingsError) as error:
        load_settings()
    return str(error.value)


def test_the_eight_variables_of_the_source_are_read_as_it_shows_them() -> None:
    minio, postgres = load_settings()
    assert (minio.endpoint, minio.access_key, minio.secure) == ("localhost:9000", "key", False)
    assert (postgres.host, postgres.port, postgres.user, postgres.database) == (
        "localhost",
        5555,
        "postgres",
        "mlops_db",
    )
    assert "s3cret" not in repr(minio)
    assert "pa55word" not in repr(postgres)


def test_all_that_are_missing_are_named_in_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name)
    said = fault()
    assert said.startswith("settings: 8 variables are missing or wrong, so nothing was run")
    assert [line.split(":")[0].strip() for line in said.splitlines()[1:]] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_one_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    assert f"{name}: missing" in fault()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("MINIO_ENDPOINT", "localhost:9001", "is the port of the web console, which takes no S3 calls"),
        ("MINIO_ENDPOINT", "http://localhost:9000", "has a scheme; leave it out"),
        ("MINIO_ENDPOINT", "localhost:9000/minio", "is no host and port"),
        ("MINIO_ENDPOINT", "local host", "is no host and port"),
        ("MINIO_ENDPOINT", "localhost:99999", "has a port that is not from 1 to 65535"),
        ("MINIO_ENDPOINT", "[::1]:65536", "has a port that is not from 1 to 65535"),
        ("MINIO_ENDPOINT", "localhost:0", "has a port that is not from 1 to 65535"),
        ("PG_PORT", "99999", "less than or equal to 65535"),
        ("PG_PORT", "0", "greater than or equal to 1"),
        ("PG_PORT", "five", "valid integer"),
        ("MINIO_SECURE", "perhaps", "valid boolean"),
    ],
)
def test_a_wrong_one_is_told_with_its_value_and_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    told = fault()
    assert f"{name}: {value!r}" in told
    assert said in told
    assert "expected: " in told


def test_lines_of_the_log_are_json_with_the_run_and_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("run-1", service="s", platform="p")
    hide("s3cret")
    structlog.get_logger().info(
        "login", password="x", said="it was s3cret", nested={"deep": ["s3cret"]}, name="\x1b[31mred\n"
    )
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "s3cret" not in line
    assert "\x1b" not in line
    told = json.loads(line)
    assert told["correlation_id"] == "run-1"
    assert (told["password"], told["said"], told["nested"]) == ("***", "it was ***", {"deep": ["***"]})


def test_hostile_text_reaches_no_terminal_as_it_is() -> None:
    assert printable("a\x1b[31m\nb\u202e") == "a\\x1b[31m\\nb\\u202e"
    assert printable("añadió") == "añadió"
