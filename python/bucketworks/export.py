"""Writes a report to a file."""

import os
from pathlib import Path
from typing import Literal

from bucketworks.errors import WrongUseError
from bucketworks.report import ValidationReport


def export(report: ValidationReport, file: Path, kind: Literal["html", "json"]) -> Path:
    """Write a report to a file, whose folder must be there.

    :raises WrongUseError: for another format, or a report that has none of it
    """
    return write_whole(file, text_of(report, kind))


def text_of(report: ValidationReport, kind: str) -> str:
    """A report as its file has it."""
    if kind not in {"html", "json"}:
        raise WrongUseError(f"format {kind!r} is none; allowed are 'html' and 'json'")
    text = report.page if kind == "html" else report.text
    if not text:
        raise WrongUseError(f"this report has no {kind}; export what validate_all_buckets returned")
    return text


def format_of(file: Path | None) -> Literal["html", "json"]:
    """The format that a file's name means."""
    return "html" if file is not None and file.suffix.lower() in {".html", ".htm"} else "json"


def write_whole(file: Path, text: str) -> Path:
    """Whole or not at all: who reads the file meanwhile reads the one before.

    A device or a pipe is written to, and a link's target is replaced.
    """
    try:
        if file.exists() and not file.is_file():
            file.write_text(text, encoding="utf-8")
        else:
            _replace(file.resolve(), text)
    except OSError as error:
        # as who asked knows it
        error.filename, error.filename2 = os.fspath(file), None
        raise
    return file


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
