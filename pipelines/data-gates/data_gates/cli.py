"""Command `data-gate`: 0 passed, 1 failed or not to be read, 2 wrong use."""

import argparse
import hashlib
import sys
from pathlib import Path
from typing import NoReturn

from data_gates import rows, schema
from data_gates.content import MODELS, judge
from data_gates.report import Report


def main() -> NoReturn:
    """Judge a file of texts, write the report, and say what is wrong."""
    asked = argparse.ArgumentParser(
        prog="data-gate", description="judge the texts of a model by Pandera and Great Expectations"
    )
    asked.add_argument("model", help="the name of its file in configs/")
    asked.add_argument("file", type=Path, help="a JSON object a line")
    asked.add_argument("--learnt", type=int, required=True, help="how many texts to learn from are expected")
    asked.add_argument("--held-out", type=int, required=True, help="how many texts to judge by are expected")
    asked.add_argument("--report", type=Path, required=True, help="folder of validation.md and validation.json")
    given = asked.parse_args()
    if given.model not in MODELS:
        asked.error(f"{given.model}: has no suite; MODELS in data_gates/content.py has: {', '.join(sorted(MODELS))}")
    try:
        report = judged(given.model, given.file, (given.learnt, given.held_out))
        report.write(given.report)
    except OSError as error:
        print(f"data-gate: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(1)
    if report.failed:
        lines = [each.sentence() for each in report.failed]
        count = f"{len(lines)} checks fail" if len(lines) > 1 else "1 check fails"
        print(
            "\n  ".join([f"data-gate: {given.model}: {count} on {given.file}, so nothing is trained on it", *lines]),
            file=sys.stderr,
        )
        sys.exit(1)
    print(f"{given.file}: {report.texts} texts and {report.spans} spans pass {len(report.findings)} checks")
    sys.exit(0)


def judged(model: str, file: Path, sizes: tuple[int, int]) -> Report:
    """Judge a file by both gates: the second runs also where the first finds something.

    Raises:
        OSError: it can't be read.
    """
    version = hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()
    texts, spans, findings = rows.read(file)
    findings += schema.judge(texts, spans, MODELS[model].kinds)
    findings += judge(texts, spans, MODELS[model], sizes)
    return Report(model, version, len(texts), len(spans), findings)
