"""What tests of promotion and query have besides: runs that are ready to be promoted."""

import importlib.util
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest
from made_runs import TABLE, Cli, Logins, PlaceOf, RunOf, make_run


@pytest.fixture
def run_of(place_of: PlaceOf) -> RunOf:
    """Make runs without the steps before."""
    return partial(make_run, place_of)


@pytest.fixture(scope="session")
def program() -> ModuleType:
    """The commands; `pipeline` itself is a package of another platform."""
    spec = importlib.util.spec_from_file_location("dataops_program", Path(__file__).parents[3] / "pipeline.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def cli(
    program: ModuleType,
    logins: Logins,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Cli:
    """Run a command of the table with a login; answers its exit code, output and errors."""

    def run(login: str, command: str, *words: str, **more: str) -> tuple[int, str, str]:
        capsys.readouterr()
        for name, value in {**logins[login], **more}.items():
            monkeypatch.setenv(name, value)
        given = ["pipeline.py", command, "--table", TABLE, "--data", str(tmp_path), *words]
        monkeypatch.setattr(sys, "argv", given)
        try:
            code = program.main()
        except SystemExit as end:
            code = end.code
        out, err = capsys.readouterr()
        return code, out, err

    return run
