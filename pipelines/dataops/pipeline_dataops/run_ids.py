"""Ids of runs: made by extract, given to all other steps."""

import os
import re
from pathlib import Path

from pipeline_shared.settings import SettingsError


def given_run_id(option: str | None) -> str | None:
    """Answer the id that this process was given: by option, by RUN_ID, or in the file that RUN_ID_FILE names.

    Raises:
        SettingsError: it is no id of a run.
    """
    file = os.environ.get("RUN_ID_FILE")
    given = (
        option or os.environ.get("RUN_ID") or (Path(file).read_text().strip() if file and Path(file).exists() else None)
    )
    if given is not None and not re.fullmatch(r"\d{14}-[a-z0-9]{6}", given):
        raise SettingsError(
            f"run id {given!r}: must be a time and six of a-z and 0-9, for example 20250911123456-abc123"
        )
    return given


def forget_run_id() -> None:
    """Remove that file: there is no run, and nothing for the steps that follow."""
    if file := os.environ.get("RUN_ID_FILE"):
        Path(file).unlink(missing_ok=True)


def keep_run_id(run_id: str) -> None:
    """Write the id into the file that RUN_ID_FILE names, for the steps that follow."""
    if file := os.environ.get("RUN_ID_FILE"):
        Path(file).write_text(f"{run_id}\n")
