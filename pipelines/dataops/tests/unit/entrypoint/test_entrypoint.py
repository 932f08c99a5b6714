"""The container's entrypoint, by `sh` itself, beside a program that says how it was started."""

import base64
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts/docker/entrypoint.sh"
LOGIN = {"MINIO_ACCESS_KEY": "a", "MINIO_SECRET_KEY": "quoted \" and ' and $x", "PG_PASSWORD": "über" * 40}
FILE = "GOOGLE_APPLICATION_CREDENTIALS"
BASE64 = f"{FILE}_JSON_BASE64"
PROGRAM = """
import json, os, signal, sys, time
names = ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64")
env = {name: os.environ[name] for name in names if name in os.environ}
print(json.dumps({"pid": os.getpid(), "words": sys.argv[1:], "env": env}))
sys.stdout.flush()
if sys.argv[1:] == ["wait"]:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(77))
    print("ready", flush=True)
    time.sleep(60)
sys.exit(int(sys.argv[1]) if sys.argv[1:2] and sys.argv[1].isdigit() else 0)
"""
Start = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder like the image's, whose name has a blank."""
    made = tmp_path / "pipeline dataops"
    (made / "scripts/docker").mkdir(parents=True)
    shutil.copy(SCRIPT, made / "scripts/docker/entrypoint.sh")
    (made / "pipeline.py").write_text(PROGRAM)
    (made / "bin").mkdir()
    (made / "bin/python").symlink_to(sys.executable)
    return made


@pytest.fixture
def start(home: Path) -> Start:
    def run(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": f"{home / 'bin'}:/usr/bin:/bin", **env}
        script = str(home / "scripts/docker/entrypoint.sh")
        return subprocess.run([script, *words], env=given, cwd="/", capture_output=True, text=True, check=False)

    return run


def encoded(text: str, width: int = 0) -> str:
    plain = base64.b64encode(text.encode()).decode()
    return "\n".join(plain[at : at + width] for at in range(0, len(plain), width)) if width else plain


def test_it_is_a_script_of_sh_that_may_be_run() -> None:
    assert SCRIPT.read_text().startswith("#!/bin/sh\n")
    assert SCRIPT.stat().st_mode & stat.S_IXUSR


def test_a_valid_file_is_left_alone(home: Path, start: Start) -> None:
    file = home / "login.json"
    file.write_text(json.dumps(LOGIN))
    file.chmod(0o640)
    done = start(
        "extract",
        **{FILE: str(file), BASE64: encoded('{"MINIO_ACCESS_KEY": "other"}')},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(file.read_text()) == LOGIN
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert json.loads(done.stdout)["env"] == {FILE: str(file)}


TEXT = json.dumps(LOGIN, indent=2)


@pytest.mark.parametrize(
    "given",
    [encoded(TEXT), encoded(TEXT, 76), encoded(TEXT, 76) + "\n", encoded(TEXT, 76).replace("\n", "\r\n"), TEXT],
    ids=[
        "one line",
        "GNU's lines of 76",
        "with its last line break",
        "lines of Windows",
        "JSON, as `data` of a Secret",
    ],
)
@pytest.mark.parametrize("there", [None, "", '{"MINIO_ACCESS_KEY": ', "\udcff"], ids=["none", "empty", "half", "bytes"])
def test_a_file_that_is_missing_or_broken_is_made_for_its_owner_alone(
    home: Path, start: Start, given: str, there: str | None
) -> None:
    file = home / "login.json"
    if there is not None:
        file.write_bytes(there.encode(errors="surrogateescape"))
        file.chmod(0o644)
    before = set(home.iterdir())
    done = start(**{FILE: str(file), BASE64: given})
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(file.read_text()) == LOGIN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(home.iterdir()) - before <= {file}


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({BASE64: "e30="}, "GOOGLE_APPLICATION_CREDENTIALS is missing"),
        ({FILE: "login.json"}, "GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64, which holds it in base64, is missing"),
        ({FILE: "login.json", BASE64: "%%%"}, "is no base64; make it by: base64 -w0 <FILE"),
        ({FILE: "login.json", BASE64: "e30"}, "is no base64"),
        ({FILE: "login.json", BASE64: "bm90IGpzb24="}, "holds no JSON in base64"),
        ({FILE: "no/login.json", BASE64: "e30="}, "/no is not there; make it in the image, or mount a volume"),
    ],
    ids=["no path", "no file and no base64", "no base64", "base64 cut off", "no JSON", "no folder"],
)
def test_what_is_missing_or_broken_is_named_and_nothing_is_started(
    home: Path, start: Start, env: dict[str, str], said: str
) -> None:
    before = set(home.iterdir())
    placed = {name: str(home / value) if name.endswith("CREDENTIALS") else value for name, value in env.items()}
    done = start("extract", **placed)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("entrypoint: GOOGLE_APPLICATION_CREDENTIALS")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert set(home.iterdir()) == before


def test_without_both_variables_logins_come_as_variables_of_their_own(start: Start) -> None:
    done = start("load", "--table", "a b")
    assert (done.returncode, json.loads(done.stdout)["words"]) == (0, ["load", "--table", "a b"])


def test_the_exit_code_is_the_programs(start: Start) -> None:
    assert start("41").returncode == 41


def test_a_signal_reaches_the_program_which_has_taken_the_shells_place(home: Path) -> None:
    env = {"PATH": f"{home / 'bin'}:/usr/bin:/bin"}
    with subprocess.Popen(
        [str(home / "scripts/docker/entrypoint.sh"), "wait"], env=env, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["pid"] == child.pid
        assert child.stdout.readline() == b"ready\n"
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(20) == 77
