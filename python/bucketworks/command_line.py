"""What both programs share: their options, their log, and how they end."""

import argparse
import logging
import os
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from bucketworks.errors import BucketworksError, InvalidSpecError, WrongUseError
from bucketworks.export import export, text_of, write_whole
from bucketworks.program import COULD_NOT_LOOK, FINDINGS, WRONG_USE
from bucketworks.report import ValidationReport

log = logging.getLogger("bucketworks")

# Control characters, those that reverse or hide what is seen, line ends of other kinds, lone surrogates.
_HIDDEN = {"Cc", "Cf", "Zl", "Zp", "Cs"}

_EXIT_CODES = "exit codes: 0 right, 1 findings, 2 wrong use, 3 could not look"


class _Plain(logging.Formatter):
    """Shows what a terminal would obey: texts of a server are in what is said."""

    def format(self, record: logging.LogRecord) -> str:
        """The lines of a record, with every hidden character as its number."""
        text = super().format(record)
        return "".join(
            f"\\u{{{ord(each):x}}}" if unicodedata.category(each) in _HIDDEN and each not in "\n\t" else each
            for each in text
        )


def parser(program: str, description: str, actions: Sequence[str]) -> argparse.ArgumentParser:
    """Options that both have; the first action is the default."""
    options = argparse.ArgumentParser(program, description=description, epilog=_EXIT_CODES)
    options.add_argument(
        "--config", type=Path, metavar="FILE", help="platform file (default: CONFIG_DIR and BUCKET_CONFIG_FILE)"
    )
    options.add_argument(
        "--environment", metavar="STAGE", help="default: ENVIRONMENT, else metadata.environment of the file"
    )
    options.add_argument("--action", choices=actions, default=actions[0], help=f"default: {actions[0]}")
    options.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    options.add_argument("--verbose", action="store_true", help="say what is asked and how long it takes")
    return options


def run_as_program(act: Callable[[], int], *, verbose: bool) -> int:
    """Log to standard error, and say what ended the action in its sentence alone.

    :returns: the exit code
    """
    said = logging.StreamHandler(sys.stderr)
    said.setFormatter(_Plain("%(message)s"))
    logging.basicConfig(level=logging.DEBUG if verbose else logging.INFO, handlers=[said])
    if verbose:
        os.environ["LOG_LEVEL"] = "debug"
    try:
        return act()
    except BucketworksError as error:
        log.error("%s", error)  # noqa: TRY400 - a person's mistake or an outage has no stack trace
        if isinstance(error, InvalidSpecError):
            return FINDINGS
        return WRONG_USE if isinstance(error, WrongUseError) else COULD_NOT_LOOK
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        log.error("%s%s", where, error.strerror or error)  # noqa: TRY400
        return COULD_NOT_LOOK
    except KeyboardInterrupt:
        return 130


def write_report(report: ValidationReport, output: Path | None, kind: Literal["html", "json"]) -> None:
    """Write a report to a file, else to standard output."""
    if output is None:
        sys.stdout.write(text_of(report, kind))
    else:
        export(report, output, kind)


def write_text(text: str, output: Path | None) -> None:
    """Write a text to a file, else to standard output."""
    if output is None:
        sys.stdout.write(text)
    else:
        write_whole(output, text)
