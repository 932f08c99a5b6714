"""Runs a command in a copy of this process, whose imports are done already: tests of all packages use it."""

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoints
from pathlib import Path
from typing import NoReturn

LIMIT_SECONDS = 240


@dataclass(frozen=True)
class Answer:
    """What became of a command; a negative code is the signal that ended it."""

    returncode: int
    stdout: str
    stderr: str


def forked(commands: EntryPoints, words: tuple[str, ...], before: str, folder: Path, env: Mapping[str, str]) -> Answer:
    """Run `words` in `folder` with these variables alone; `before` is a program that the copy runs first."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            _become(commands, words, before, folder, env)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for each in (out, err):
            each.seek(0)
        return Answer(code, out.read(), err.read())


def _become(
    commands: EntryPoints, words: tuple[str, ...], before: str, folder: Path, env: Mapping[str, str]
) -> NoReturn:
    code = 70
    try:
        signal.alarm(LIMIT_SECONDS)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(env)
        sys.argv = list(words)
        with open(1, "w", closefd=False) as sys.stdout, open(2, "w", closefd=False) as sys.stderr:
            try:
                exec(before, {})
                commands[words[0]].load()()
            except SystemExit as end:
                code = int(end.code or 0)
            except BaseException:
                traceback.print_exc()
    finally:
        os._exit(code)
