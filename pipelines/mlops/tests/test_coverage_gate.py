"""The gate of coverage on a real report: a module that no test reaches is named, however small it is."""

import subprocess
import sys
from pathlib import Path

import pytest

GATE = Path(__file__).parents[2] / "coverage_gate.py"
LARGE = "def many(x):\n" + "".join(f"    x += {each}\n" for each in range(200)) + "    return x\n"


@pytest.mark.parametrize(
    ("uses", "code", "said"),
    [
        ("import large, small; large.many(1); small.few(1)", 0, "coverage: 100.0 % of 2 modules"),
        ("import large; large.many(1)", 1, "coverage: small.py: 0.0 % (limit 70 %); add a test"),
        ("import large, small; small.few(1)", 1, "coverage: all modules together: 2.0 % (limit 90 %)"),
    ],
    ids=["all", "a small module", "most"],
)
def test_a_module_that_no_test_reaches_fails_the_gate(tmp_path: Path, uses: str, code: int, said: str) -> None:
    (tmp_path / "large.py").write_text(LARGE)
    (tmp_path / "small.py").write_text("def few(x):\n    y = x\n    return y\n")
    (tmp_path / "tests.py").write_text(uses)
    for words in (
        ["-m", "coverage", "run", "--source", ".", "--omit", "tests.py", "tests.py"],
        ["-m", "coverage", "json", "--quiet", "-o", "report.json"],
    ):
        subprocess.run([sys.executable, *words], cwd=tmp_path, env={"PATH": ""}, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, str(GATE), "report.json"], cwd=tmp_path, env={}, check=False, capture_output=True, text=True
    )
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
