"""Judges which lines of the models all their tests reach: of all modules together, and of each.

`python coverage_gate.py REPORT`, which `coverage json` made; limits stand in `pyproject.toml`. A total alone would
hide a small module that no test reaches.
"""

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any


def below(report: Mapping[str, Any], limits: Mapping[str, float]) -> Iterator[str]:
    """Say what is below its limit, the least first.

    Args:
        report: as `coverage json` has it.
        limits: `all` and `module`, in percent.

    Raises:
        KeyError: the report or a limit is another thing.
    """
    total = report["totals"]["percent_covered"]
    if total < limits["all"]:
        yield f"all modules together: {total:.1f} % (limit {limits['all']:g} %)"
    found = sorted(
        (each["summary"]["percent_covered"], name)
        for name, each in report["files"].items()
        if each["summary"]["num_statements"] > 0
    )
    for percent, name in found:
        if percent < limits["module"]:
            yield f"{name}: {percent:.1f} % (limit {limits['module']:g} %); add a test, or take away what nothing uses"


def main() -> int:
    """Judge one report."""
    report = json.loads(Path(sys.argv[1]).read_text())
    settings = tomllib.loads((Path(__file__).parent / "pyproject.toml").read_text())
    faults = list(below(report, settings["tool"]["coverage-gate"]))
    for each in faults:
        print(f"coverage: {each}", file=sys.stderr)
    if not faults:
        total, count = report["totals"]["percent_covered"], len(report["files"])
        print(f"coverage: {total:.1f} % of {count} modules, each above its limit")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
