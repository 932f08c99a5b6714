"""Whole runs: each step in a copy of this process, whose imports are done already, with its own login and no other."""

import importlib.util
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn
from unittest import mock

import psycopg
import pytest

PACKAGE = Path(__file__).parents[2]
LIMIT_SECONDS = 120
STEPS = {"extract": "loader", "load": "loader", "validate": "validator", "transform": "transformer"}
STEPS |= {"promote": "promoter", "query": "consumer"}
_OURS = ("conf", "metadata", "pipeline_dataops", "schema")


@dataclass
class Runs:
    """Runs commands of the package at `root`, with the variables `env` and files of logins in `logins`."""

    folder: Path
    logins: Path
    env: dict[str, str]
    root: Path = PACKAGE
    kill: tuple[int, str] | None = None
    """In which step of a run, counted from 0, which function is the end of it."""

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Run a command; answers exit code, output and errors. A code from 129 on is a signal's."""
        return _forked(lambda: self._main(list(words)), {**os.environ, **self.env})

    def run(self, *words: str, table: str = "raw_binance_btcusdt_spot") -> tuple[int, str, str]:
        """Take a run through all steps."""
        given = ["run", "--table", table, "--data", str(self.folder), "--logins", str(self.logins), *words]
        return self(*given)

    def _main(self, words: list[str]) -> int:
        program = _load(self.root)
        core = importlib.import_module("pipeline_dataops.run.core")
        position = iter(range(100))

        def ended(step: list[str], environment: dict[str, str]) -> int:
            here = next(position)

            def once() -> int:
                if self.kill is None or self.kill[0] != here:
                    return _told(program, step[2:])
                with mock.patch(self.kill[1], _killed):
                    return _told(program, step[2:])

            code, out, err = _forked(once, environment)
            print(out, end="", flush=True)
            print(err, end="", file=sys.stderr, flush=True)
            return code

        with mock.patch.object(core, "_ended", ended):
            return _told(program, words)


def _killed(*_given: Any, **_named: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _told(program: ModuleType, words: list[str]) -> int:
    sys.argv = ["pipeline.py", *words]
    return int(program.main())


def _load(root: Path) -> ModuleType:
    """Load the program at a folder, with the packages beside it."""
    if root != PACKAGE:
        for name in [each for each in sys.modules if each.partition(".")[0] in _OURS]:
            del sys.modules[name]
        sys.path.insert(0, str(root))
    spec = importlib.util.spec_from_file_location("dataops_program", root / "pipeline.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _forked(work: Callable[[], int], environment: dict[str, str]) -> tuple[int, str, str]:
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            _become(work, environment)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for each in (out, err):
            each.seek(0)
        return (code if code >= 0 else 128 - code), out.read(), err.read()


def _become(work: Callable[[], int], environment: dict[str, str]) -> NoReturn:
    code = 70
    try:
        signal.alarm(LIMIT_SECONDS)
        os.environ.clear()
        os.environ.update(environment)
        with open(1, "w", closefd=False) as sys.stdout, open(2, "w", closefd=False) as sys.stderr:
            try:
                code = work()
            except SystemExit as end:
                code = int(end.code or 0)
            except BaseException:
                traceback.print_exc()
    finally:
        os._exit(code)


@pytest.fixture
def runs(logins: dict[str, dict[str, str]], tmp_path: Path, api: Any, empty: None) -> Runs:  # noqa: ARG001
    """Runs of the platform's table, from an exchange of our own."""
    folder = tmp_path / "logins"
    folder.mkdir()
    for step, login in STEPS.items():
        (folder / f"{step}.env").write_text("".join(f"{name}='{value}'\n" for name, value in logins[login].items()))
    return Runs(tmp_path / "data", folder, {"SOURCE_URL": api.url, "GIT_COMMIT_HASH": "c0ffee"})


@pytest.fixture
def empty(superuser: psycopg.Connection[Any], no_runs: None) -> None:  # noqa: ARG001
    """Begin with an empty production."""
    superuser.execute("TRUNCATE production.promotions, production.processed_binance_btcusdt_spot")
