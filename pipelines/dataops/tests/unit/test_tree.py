"""The tree that the workflow's source makes by a script, with content."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LEVELS = ("unit", "integration")
STEPS = ("extract", "load", "transform", "validate")
PARTS = ("directory", "environment", "extract", "general", "load", "logger", "transform")
FILES = (
    *(".gitignore", "Dockerfile", "Makefile", "README.md", "pipeline.py"),
    *("pyproject.toml", "requirements.txt", "requirements_dev.txt"),
    *("conf/base.py", *(f"conf/{part}/base.py" for part in PARTS)),
    "metadata/core.py",
    *(f"pipeline_dataops/{step}/core.py" for step in STEPS),
    *("schema/base.py", "schema/core.py"),
    "scripts/docker/entrypoint.sh",
    "tests/conftest.py",
    *(f"tests/{level}/{step}/test_{step}.py" for level in LEVELS for step in STEPS),
    "tests/system/test_pipeline.py",
)


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_the_tree_is_there_with_content(name: str) -> None:
    assert (ROOT / name).stat().st_size > 50


@pytest.mark.parametrize("name", ["conf", "metadata", "pipeline_dataops", "schema"])
def test_each_package_of_the_tree_is_one_of_python(name: str) -> None:
    for folder in (ROOT / name, *(each for each in (ROOT / name).iterdir() if (each / "core.py").exists())):
        assert (folder / "__init__.py").exists()


@pytest.mark.parametrize("name", ["config_maps", "manifests"])
def test_folders_of_kubernetes_hold_what_they_are_for(name: str) -> None:
    assert list((ROOT / "scripts/k8s/dataops" / name).glob("*.yaml"))


def test_env_is_an_example_and_never_committed() -> None:
    assert ".env" in (ROOT / ".gitignore").read_text().split()
    assert "PG_PASSWORD=\n" in (ROOT / ".env.example").read_text()
    # of the build's context, which is the folder above: shared/ is needed there, too
    assert (ROOT.parent / ".dockerignore").read_text().splitlines()[2] == "*"
