"""Finding the command, and what becomes of its exit codes: by programs in its place."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import Fake
from places import HOME

from bucketworks import (
    BrokenProgramError,
    BucketValidator,
    BucketworksError,
    CouldNotLookError,
    InvalidSpecError,
    MissingProgramError,
    MLOpsBucketProvisioner,
    WrongUseError,
)
from bucketworks.program import Program


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["BUCKETWORKS", "BUCKETWORKS_STAGE", "BUCKETWORKS_SERVER", "ENVIRONMENT", "MINIO_ACCESS_KEY"]:
        monkeypatch.delenv(name, raising=False)


def test_the_command_is_the_argument_then_the_variable_then_the_path_then_the_checkout_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / name for name in ("argument", "variable", "path")]
    argument, variable, path = (Fake(folder / "bin" / "bucketworks") for folder in folders)
    for each in (argument, variable, path):
        each.path.parent.mkdir(parents=True)
        each.does("exit 0")
    monkeypatch.setenv("PATH", f"{path.path.parent}:/usr/bin:/bin")
    monkeypatch.setenv("BUCKETWORKS", str(tmp_path / "variable"))
    assert Program(argument.path).path == argument.path
    assert Program(tmp_path / "argument").path == argument.path
    assert Program().path == variable.path
    monkeypatch.delenv("BUCKETWORKS")
    assert Program().path == path.path
    monkeypatch.setenv("PATH", "/nowhere")
    assert Program().path == HOME.parent / "bin" / "bucketworks"


def test_a_command_that_is_not_there_is_named_with_what_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingProgramError, match=r"the argument bucketworks names .*nowhere.*, where no program is"):
        BucketValidator("a.yaml", bucketworks=tmp_path / "nowhere")
    monkeypatch.setenv("BUCKETWORKS", str(tmp_path))
    with pytest.raises(MissingProgramError, match="BUCKETWORKS names"):
        BucketValidator("a.yaml")


@pytest.mark.parametrize(
    ("code", "kind"),
    [(1, InvalidSpecError), (2, WrongUseError), (3, CouldNotLookError), (70, BrokenProgramError)],
)
def test_an_exit_code_without_an_answer_becomes_an_exception_with_the_sentence_of_the_command(
    fake: Fake, code: int, kind: type[BucketworksError]
) -> None:
    validator = BucketValidator(
        "a.yaml", "dev", bucketworks=fake.does(f"echo 'it says why; and the cure' >&2; exit {code}")
    )
    with pytest.raises(kind, match="it says why; and the cure"):
        validator.validate_all_buckets()


def test_a_crash_of_node_shows_no_stack_trace(fake: Fake) -> None:
    stack = (
        "node:internal/modules:1\\n    at run (file.ts:1:2)\\nError: broken\\n    at main (a.ts:2)\\n\\nNode.js v24.0.0"
    )
    validator = BucketValidator("a.yaml", "dev", bucketworks=fake.does(f"printf '{stack}' >&2; kill -ABRT $$"))
    with pytest.raises(BrokenProgramError) as raised:
        validator.validate_all_buckets()
    assert str(raised.value) == "bucketworks was ended by signal 6: Error: broken"


def test_the_log_of_requests_is_logged_and_stays_out_of_the_sentence(
    fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    request = '{"level":"debug","milliseconds":3}'
    validator = BucketValidator("a.yaml", "dev", bucketworks=fake.does(f"echo '{request}' >&2; echo why >&2; exit 3"))
    with caplog.at_level("DEBUG", "bucketworks"), pytest.raises(CouldNotLookError, match=r"^why$"):
        validator.validate_all_buckets()
    assert caplog.messages == [request, "why"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("no JSON", "answered no JSON: 'no JSON"),
        ('{"schemaVersion": 2}', "JSON of version 2, 1 is what this package reads"),
        ('{"schemaVersion": 1}', "bucketworks report: generated_at is missing"),
        ('{"schemaVersion": 1, "generated_at": 5}', "bucketworks report.generated_at: 5 isn't of the form"),
        ("[]", "JSON of version None"),
    ],
)
def test_an_answer_of_another_form_is_refused_with_its_place(fake: Fake, answer: str, words: str) -> None:
    validator = BucketValidator("a.yaml", "dev", bucketworks=fake.does(f"echo '{answer}'"))
    with pytest.raises(BrokenProgramError, match=words):
        validator.validate_all_buckets()


def test_a_command_that_ends_right_and_answers_nothing_is_broken(fake: Fake) -> None:
    validator = BucketValidator("a.yaml", "dev", bucketworks=fake.does("exit 0"))
    with pytest.raises(BrokenProgramError, match="bucketworks report answered no JSON: ''"):
        validator.validate_all_buckets()
    with pytest.raises(BrokenProgramError, match="bucketworks monitor answered no JSON: ''"):
        validator.monitor_bucket_health(0)
    validator._setup_clients()
    assert validator.minio_client is not None
    with pytest.raises(BrokenProgramError, match="bucketworks buckets answered no JSON: ''"):
        validator.minio_client.list_buckets()


@pytest.mark.parametrize("answer", ["", "{}", '{"schemaVersion": 1}', '{"schemaVersion": 1, "platforms": [{}]}'])
def test_nothing_is_provisioned_by_a_command_whose_model_is_of_another_form(fake: Fake, answer: str) -> None:
    command = fake.does(f"case $1 in explain) echo '{answer}' ;; *) exit 70 ;; esac")
    with pytest.raises(BrokenProgramError, match="bucketworks explain"):
        MLOpsBucketProvisioner("a.yaml", "dev", bucketworks=command).provision_all_buckets()


def test_a_file_whose_name_looks_like_an_option_is_a_file(fake: Fake, tmp_path: Path) -> None:
    said = tmp_path / "arguments"
    command = fake.does(f'for each in "$@"; do echo "$each"; done >{said}; exit 2')
    with pytest.raises(WrongUseError):
        BucketValidator("--stage=production", "dev; rm -rf x", bucketworks=command).validate_all_buckets()
    arguments = said.read_text().splitlines()
    assert arguments[-2:] == ["--", "--stage=production"]
    assert "--stage=dev; rm -rf x" in arguments


def test_an_interrupted_call_ends_the_command_and_waits_for_its_end(fake: Fake, tmp_path: Path) -> None:
    ended = tmp_path / "ended"
    command = fake.does(
        f"trap 'sleep 0.3; echo ended >{ended}; exit 130' TERM INT; echo >{ended}.began; while :; do sleep 0.1; done"
    )
    call = f"BucketValidator('a', 'dev', bucketworks={str(command)!r}).validate_all_buckets()"
    script = f"from bucketworks import BucketValidator; {call}"
    child = subprocess.Popen([sys.executable, "-c", script], cwd=HOME, stderr=subprocess.PIPE)
    while not Path(f"{ended}.began").exists():
        time.sleep(0.05)
    os.kill(child.pid, signal.SIGINT)
    child.communicate()
    assert ended.exists()
