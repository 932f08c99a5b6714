"""Version: what a program runs from."""

import pytest
from pipeline_shared.version import version_text


def test_an_image_tells_its_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_COMMIT_HASH", "0123456789abcdef0123456789abcdef01234567")
    assert version_text("pipeline-shared") == "pipeline-shared 0.1.0 (commit 0123456789abcdef0123456789abcdef01234567)"


def test_a_checkout_tells_its_version_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GIT_COMMIT_HASH", raising=False)
    assert version_text("pipeline-shared") == "pipeline-shared 0.1.0"
