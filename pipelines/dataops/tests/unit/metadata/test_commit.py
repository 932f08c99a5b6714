"""The commit that is recorded with a run is the one of the files that ran."""

import subprocess
from pathlib import Path

import pytest

from metadata import core


def test_a_checkout_that_was_changed_is_told_from_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_COMMIT_HASH", raising=False)
    file = tmp_path / "dataops/metadata/core.py"
    step = tmp_path / "dataops/step.py"
    file.parent.mkdir(parents=True)
    file.write_text("")
    step.write_text("")
    monkeypatch.setattr(core, "__file__", str(file))
    _git(tmp_path, "init", "--quiet")
    _git(tmp_path, "add", ".")
    _git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message=first")
    head = _git(tmp_path, "rev-parse", "HEAD")
    (tmp_path / "notes").write_text("of another part of the checkout")
    assert core.code_version() == head
    step.write_text("changed")
    assert core.code_version() == f"{head}-dirty"
    monkeypatch.setenv("GIT_COMMIT_HASH", "c0ffee")
    assert core.code_version() == "c0ffee"


def _git(folder: Path, *words: str) -> str:
    words = ("git", "-C", str(folder), *words)
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
