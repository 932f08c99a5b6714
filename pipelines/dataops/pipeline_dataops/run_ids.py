"""Ids of runs: made by extract, given to all other steps by an option, a variable or a file."""

import os
import re
from pathlib import Path

from pipeline_shared.settings import SettingsError

NOTHING_NEW = "nothing-new"
"""Stands in the file instead of an id where extract found nothing: no step follows."""


def given_run_id(option: str | None) -> str | None:
    """Answer the id that this process was given: by option, by RUN_ID, or in the file that RUN_ID_FILE names.

    Returns:
        None where there is none; NOTHING_NEW where extract left that.

    Raises:
        SettingsError: it is no id of a run, or the file can't be read.
    """
    given = option or os.environ.get("RUN_ID") or _kept()
    if given not in (None, NOTHING_NEW) and not re.fullmatch(r"\d{14}-[a-z0-9]{6}", str(given)):
        raise SettingsError(
            f"run id {given!r}: must be a time and six of a-z and 0-9, for example 20250911123456-abc123"
        )
    return given


def keep_run_id(run_id: str) -> None:
    """Write the id into the file that RUN_ID_FILE names, for the steps that follow.

    Raises:
        SettingsError: the file can't be written.
    """
    if file := os.environ.get("RUN_ID_FILE"):
        try:
            Path(file).write_text(f"{run_id}\n")
        except OSError as error:
            raise SettingsError(f"RUN_ID_FILE: {file}: can't be written: {error.strerror}") from None


def _kept() -> str | None:
    file = os.environ.get("RUN_ID_FILE")
    try:
        return (Path(file).read_text(errors="replace").strip() or None) if file else None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"RUN_ID_FILE: {file}: can't be read: {error.strerror}") from None
