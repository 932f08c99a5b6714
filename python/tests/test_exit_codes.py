"""What the programs end with, by programs in place of the command."""

import os
import subprocess
import sys

import pytest
from conftest import Fake
from places import HOME

from bucketworks import BucketValidator, WrongUseError


def ended(fake: Fake, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/mlops/bucket_validator.py", "--config", "a", "--environment", "dev"]
    environment = {"PATH": os.environ["PATH"], "BUCKETWORKS": str(fake.path)}
    return subprocess.run(
        [*command, *arguments], cwd=HOME, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("minutes", ["nan", "inf", "-5"])
def test_a_duration_that_is_none_is_wrong_use_without_a_stack_trace(fake: Fake, minutes: str) -> None:
    fake.does("exit 70")
    program = ended(fake, "--action", "monitor", f"--monitor-duration={minutes}")
    assert program.returncode == 2
    assert program.stderr.startswith("the duration must be a number, 0 or more, got ")
    with pytest.raises(WrongUseError, match="the interval must be a number"):
        BucketValidator("a", "dev", bucketworks=fake.path).monitor_bucket_health(1, interval_seconds=float(minutes))


@pytest.mark.parametrize("code", [0, 1, 3])
def test_monitor_ends_as_the_command_does(fake: Fake, code: int) -> None:
    find = "for each; do case $each in --output=*) file=${each#--output=} ;; esac; done"
    fake.does(f"""{find}; echo '{{"schemaVersion": 1, "runs": []}}' >"$file"; echo a look; exit {code}""")
    assert ended(fake, "--action", "monitor").returncode == code


def test_what_a_terminal_would_obey_is_shown(fake: Fake) -> None:
    fake.does(r"printf 'a\033]0;b\007 c\302\2332J \342\200\256d\n' >&2; exit 2")
    program = ended(fake)
    assert (program.returncode, program.stderr) == (2, r"a\u{1b}]0;b\u{7} c\u{9b}2J \u{202e}d" + "\n")
