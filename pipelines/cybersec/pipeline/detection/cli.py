"""Commands of the detector: train and evaluate."""

import argparse
import re
from typing import NoReturn

from pipeline_shared import stopping
from pipeline_shared.log import configure_log, new_run_id
from pipeline_shared.metrics import Step
from pipeline_shared.settings import load_minio_settings

from pipeline.command import days, end_step, parser

SEED = 42
_MOST_SEED = 2**32 - 1


def train() -> NoReturn:
    """Train on SILVER; prints where the model is."""
    asked = parser(
        "train", "train an anomaly detector on cybersec-ml-silver, as the next version in cybersec-ml-models"
    )
    asked.add_argument("--days", type=days, default=30, help="so many days that SILVER has, newest first (30)")
    asked.add_argument("--seed", type=_seed, default=SEED, help=f"the same rows and seed make the same model ({SEED})")
    given = asked.parse_args()

    def work(step: Step) -> int:
        minio = load_minio_settings()
        from pipeline.detection.tracking import track  # noqa: PLC0415  scikit-learn takes seconds
        from pipeline.detection.training_flow import training_flow  # noqa: PLC0415

        stopping.listen()
        run_id = new_run_id()
        configure_log(run_id, service="train", platform="cybersec")
        card = training_flow(run_id, minio, given.days, given.seed)
        data = card["training_data"]
        step.rows = {"trained": data["rows_used"]}
        print(
            f"{card['uri']}: trained on {data['rows_used']} rows before {data['before']}, of {data['rows']} in SILVER"
        )
        print(track(card))
        return 0

    end_step("train", work)


def evaluate() -> NoReturn:
    """Evaluate a model on rows that it wasn't trained on; prints where report and plot are."""
    asked = parser("evaluate", "judge a model of cybersec-ml-models by newer rows, into cybersec-ml-eval")
    asked.add_argument("--model", type=_version, help="v1.0.N (the newest)")
    asked.add_argument("--seed", type=_seed, default=SEED, help=f"of the anomalies that are made up ({SEED})")
    given = asked.parse_args()

    def work(step: Step) -> int:
        minio = load_minio_settings()
        from pipeline.detection.evaluation_flow import evaluation_flow  # noqa: PLC0415  scikit-learn takes seconds

        stopping.listen()
        run_id = new_run_id()
        configure_log(run_id, service="evaluate", platform="cybersec")
        done = evaluation_flow(run_id, minio, given.model, given.seed)
        found, real = done.report["detection"], done.report["real_rows"]
        step.rows = {"evaluated": real["count"], "flagged": real["flagged"]}
        precision = "none" if found["precision"] is None else f"{found['precision']:.2f}"
        print(f"{done.report_uri}: {done.report['model']['version']} on {real['count']} rows that it wasn't trained on")
        print(f"{done.plot_uri}: the scores as a picture")
        print(f"precision {precision}, recall {found['recall']:.2f}, {real['flagged']} real rows flagged")
        return 0

    end_step("evaluate", work)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > _MOST_SEED:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {_MOST_SEED}, got {text!r}")
    return int(text)


def _version(text: str) -> str:
    if not re.fullmatch(r"v1\.0\.(0|[1-9][0-9]{0,8})", text):
        raise argparse.ArgumentTypeError(f"must be a version of `train`, v1.0.3 for example, got {text!r}")
    return text
