"""Statistics of one experiment: a question as JSON on stdin, its answer as JSON on stdout.

`plan` says how many units are needed, `analyse` what counts say. All statistics are GrowthBook's (`gbstats`):
intervals that hold however often one looks (Waudby-Smith et al., arXiv 2103.06476), and the test of the split.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from planning import plan
from verdict import analysis

Json = Mapping[str, Any]


def answer(question: str, asked: Json) -> Json:
    """Answer a question.

    Args:
        question: plan or analyse.
        asked: `experiment` as the resolved model has it; of analyse also `looks`, the oldest first.
    """
    experiment = asked["experiment"]
    planned = plan(experiment)
    if question == "plan":
        return {"plan": planned}
    return {"plan": planned, "analysis": analysis(experiment, planned, asked["looks"])}


def main(words: Sequence[str]) -> None:
    """Read, answer, write."""
    (question,) = words
    json.dump(answer(question, json.load(sys.stdin)), sys.stdout, allow_nan=False)


if __name__ == "__main__":
    main(sys.argv[1:])
