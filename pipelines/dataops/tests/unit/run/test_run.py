"""How a run starts its steps: each with its own login, each with the signals that the run gets."""

import argparse
import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from pipeline_shared.settings import SettingsError

from pipeline_dataops.extract.window import Window
from pipeline_dataops.run.core import _ended, _environment, _what_now


def test_a_step_has_the_login_of_its_own_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINIO_SECRET_KEY", "everybody's")
    monkeypatch.setenv("PGPASSWORD", "everybody's")
    monkeypatch.setenv("SOURCE_URL", "http://127.0.0.1:1")
    (tmp_path / "promote.env").write_text("# of the promoter\nMINIO_ACCESS_KEY=promoter\nPG_PASSWORD='a b#c$d'\n")
    found = _environment(tmp_path, "promote")
    assert "everybody's" not in found.values()
    assert (found["MINIO_ACCESS_KEY"], found["PG_PASSWORD"]) == ("promoter", "a b#c$d")
    assert (found["SOURCE_URL"], found["PATH"]) == ("http://127.0.0.1:1", os.environ["PATH"])
    assert _environment(None, "promote")["MINIO_SECRET_KEY"] == "everybody's"


@pytest.mark.parametrize(
    ("text", "expected"),
    [(None, "load.env: can't be read: No such file"), ("PG_PASSWORD='open\n", "load.env: No closing quotation")],
)
def test_a_file_of_logins_that_is_missing_or_broken_is_named(tmp_path: Path, text: str | None, expected: str) -> None:
    if text is not None:
        (tmp_path / "load.env").write_text(text)
    with pytest.raises(SettingsError, match=expected):
        _environment(tmp_path, "load")


def test_the_command_that_goes_on_is_whole_and_takes_no_run_up_whose_verdict_failed() -> None:
    window = Window(dt.datetime(2025, 1, 1, tzinfo=dt.UTC), dt.datetime(2025, 1, 2, tzinfo=dt.UTC))
    given = argparse.Namespace(logins=Path("my logins"), again=window)
    words = ["pipeline.py", "run", "--table", "raw_x", "--data", "d"]
    options = "--logins 'my logins' --again 2025-01-01T00:00:00+00:00/2025-01-02T00:00:00+00:00"
    said = _what_now(given, "load", 1, "20250101000000-aaaaaa", words)
    command = f"pipeline.py run --table raw_x --data d {options}"
    assert said.endswith(f"the same run goes on by: {command} --run-id 20250101000000-aaaaaa")
    said = _what_now(given, "validate", 3, "20250101000000-aaaaaa", words)
    assert said.endswith(f"another one takes its window or file again by: {command}")


def test_a_data_folder_that_can_not_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    given = ["run", "--table", "raw_binance_btcusdt_spot", "--data", str(tmp_path / "file/data")]
    program = Path(__file__).parents[3] / "pipeline.py"
    ended = subprocess.run([sys.executable, str(program), *given], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines() == [
        f"run: {tmp_path}/file/data: Not a directory; look at the folder --data ({tmp_path}/file/data) and at its disk"
    ]


@pytest.mark.parametrize(
    ("program", "code"), [("pass", 0), ("raise SystemExit(2)", 2), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_a_step_ends_with_its_code_or_that_of_its_signal(program: str, code: int) -> None:
    assert _ended([sys.executable, "-c", program], dict(os.environ)) == code


def test_sigterm_of_a_run_is_the_steps_and_ends_the_run_whatever_the_step_says(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    program = (
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
        f"pathlib.Path({str(begun)!r}).touch()\n"
        "time.sleep(60)\n"
    )

    def ask() -> None:
        while not begun.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=ask, daemon=True).start()
    before = signal.getsignal(signal.SIGTERM)
    began = time.monotonic()
    assert _ended([sys.executable, "-c", program], dict(os.environ)) == 143
    assert time.monotonic() - began < 50
    assert signal.getsignal(signal.SIGTERM) == before
