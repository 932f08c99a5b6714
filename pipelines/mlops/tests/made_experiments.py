"""Experiments for tests."""

import json
from typing import Any

from pipeline_mlops.serving.experiments import Experiment, read_experiments


def experiment(**said: Any) -> dict[str, Any]:
    """Answer one as the platform's file makes it."""
    variants = [
        {"name": "current", "alias": "production", "share": 50},
        {"name": "newer", "alias": "challenger", "share": 50},
    ]
    usual = {
        "name": "masks",
        "unit": "user_id",
        "salt": "one",
        "eligible": [],
        "variants": variants,
        "events": ["copied"],
    }
    return {**usual, **said}


def read(**said: Any) -> Experiment:
    """Answer one as the API has it."""
    (found,) = read_experiments(json.dumps([experiment(**said)]))
    return found
