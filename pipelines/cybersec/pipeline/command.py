"""The form of all commands, and how they end: 0 is done, 1 failed or differences found, 2 wrong use or settings."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import NoReturn

from pipeline_shared.log import printable
from pipeline_shared.metrics import Step, measured
from pipeline_shared.settings import SettingsError
from pipeline_shared.version import version_text

from pipeline.failed import FailedError


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """Begin a command's own parser."""
    made = argparse.ArgumentParser(prog=name, description=description)
    made.add_argument("--version", action="version", version=version_text("cybersec-pipeline"))
    return made


def with_format(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Let a command answer in JSON, too."""
    made.add_argument("--format", choices=["text", "json"], default="text")
    return made


def show(form: str, plain: object, lines: list[str]) -> None:
    """Print an answer in the form that was asked for."""
    print(json.dumps(plain, indent=2) if form == "json" else "\n".join(lines))


def whole(text: str, most: int) -> int:
    """Read a number from 1 on."""
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most}, got {text!r}")
    return int(text)


def days(text: str) -> int:
    """Read a number of days."""
    return whole(text, 36_500)


def end(name: str, work: Callable[[], int]) -> NoReturn:
    """Do the command's work and end the process; what a user or a server did wrong is a sentence."""
    try:
        code = work()
    except SettingsError as error:
        print(f"{name}: {error}", file=sys.stderr)
        code = 2
    except (FailedError, OSError) as error:
        print(f"{name}: {printable(str(error))}", file=sys.stderr)
        code = 1
    sys.exit(code)


def end_step(name: str, work: Callable[[Step], int]) -> NoReturn:
    """End a command as `end` does, and write the metrics of the step that it is: code 0 is its success."""

    def counted() -> int:
        with measured("cybersec", name) as step:
            code = work(step)
            step.failed = code != 0
            return code

    end(name, counted)
