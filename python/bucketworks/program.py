"""Finds the command `bucketworks`, and runs it."""

import logging
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bucketworks.errors import BrokenProgramError, CouldNotLookError, MissingProgramError, WrongUseError

log = logging.getLogger("bucketworks")

RIGHT: Final = 0
FINDINGS: Final = 1
WRONG_USE: Final = 2
COULD_NOT_LOOK: Final = 3

# How long a command may take to end after it was told to; it undoes what it began.
_SECONDS_TO_END: Final = 20
# Lines that are no messages: what a program of Node writes when it crashes, and the log of LOG_LEVEL=debug.
_NO_MESSAGE = re.compile(r"^\s+at |^node:|^Node\.js v|^\s*\^+\s*$|^\{.*\}$")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command came to."""

    code: int
    output: str
    said: str
    """Its messages: what it wrote to standard error."""


class Program:
    """The command, with the environment of this process.

    It is the one that `path` names, else BUCKETWORKS in the environment (both: the program, or its checkout), else the
    first on PATH, else the one of the checkout that this package lies in.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        """Find it.

        :raises MissingProgramError: where there is none
        """
        self.path: Final = _find(path, os.environ)

    @property
    def checkout(self) -> Path:
        """The checkout that it lies in."""
        return self.path.resolve().parent.parent

    def run(self, *arguments: str, partly: bool = False) -> Ended:
        """Run it to its end; a call that is interrupted ends it, too.

        :param partly: whether an answer counts that lacks what could not be looked at (exit code 3)
        :raises BucketworksError: where it ends otherwise than right or with findings
        """
        ended = execute([str(self.path), *arguments])
        if partly and ended.code == COULD_NOT_LOOK and ended.output.strip():
            return ended
        return _judged(self.path.name, ended)


def execute(
    command: Sequence[str], *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run a program to its end, whatever its exit code; its messages are logged as they come.

    :param environment: the whole environment; None: that of this process
    :raises MissingProgramError: where it can't be started
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and the program is the caller's choice
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE
            )
        except OSError as error:
            text = f"{command[0]} can't be started: {error.strerror or error}"
            raise MissingProgramError(text) from None
        said = _listen(process)
        output.seek(0)
        return Ended(process.returncode, output.read().decode(errors="replace"), said)


def _listen(process: subprocess.Popen[bytes]) -> str:
    lines = []
    try:
        for line in process.stderr or []:
            text = line.decode(errors="replace").rstrip()
            log.debug("%s", text)
            lines.append(text)
        process.wait()
    except BaseException:
        _end(process)
        raise
    finally:
        if process.stderr is not None:
            process.stderr.close()
    return "\n".join(line for line in lines if line.strip() and not _NO_MESSAGE.search(line))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _judged(name: str, ended: Ended) -> Ended:
    if ended.code in {RIGHT, FINDINGS}:
        return ended
    if ended.code == WRONG_USE:
        raise WrongUseError(ended.said or f"{name} refused its arguments")
    if ended.code == COULD_NOT_LOOK:
        raise CouldNotLookError(ended.said or f"{name} could not look at the server")
    how = f"signal {-ended.code}" if ended.code < 0 else f"exit code {ended.code}"
    last = f": {ended.said.splitlines()[-1]}" if ended.said else ""
    raise BrokenProgramError(f"{name} was ended by {how}{last}")


def _find(named: str | os.PathLike[str] | None, environment: Mapping[str, str]) -> Path:
    for path, what in [(named, "the argument bucketworks"), (environment.get("BUCKETWORKS"), "BUCKETWORKS")]:
        if path:
            return _executable(Path(path), what)
    found = shutil.which("bucketworks", path=environment.get("PATH"))
    if found is not None:
        return Path(found)
    beside = Path(__file__).resolve().parents[2] / "bin" / "bucketworks"
    if os.access(beside, os.X_OK):
        return beside
    text = "the command bucketworks isn't on PATH; set BUCKETWORKS to it, or to a checkout of Bucketworks"
    raise MissingProgramError(text)


def _executable(path: Path, what: str) -> Path:
    program = path / "bin" / "bucketworks" if path.is_dir() else path
    if program.is_file() and os.access(program, os.X_OK):
        return program.absolute()
    raise MissingProgramError(f"{what} names {str(path)!r}, where no program is; name bin/bucketworks of a checkout")
