"""Command `model-drift`: a report on drift of a model API, for a scheduled job."""

import argparse
import os
import re
from typing import NoReturn

from pipeline_shared.connections import minio_client
from pipeline_shared.log import configure_log, hide, new_run_id
from pipeline_shared.metrics import measured
from pipeline_shared.settings import load_minio_settings

from pipeline_mlops.command import end, parser
from pipeline_mlops.drift_report import Replica, asked, each_address, store

_PLATFORM = "mlops"
_ADDRESS = re.compile(r"https?://[^/?#@\s]+")


def model_drift() -> NoReturn:
    """Ask the replicas, and leave a report."""
    given_as = parser("model-drift", "report how far recent texts and answers are from those of the training")
    given_as.add_argument("replica", nargs="+", type=_address, help="of a model API, for example http://127.0.0.1:8000")
    given_as.add_argument(
        "--each-address", action="store_true", help="ask each address that the name has, as of a headless Service"
    )
    given_as.add_argument("--limit", type=float, default=0.25, help="above it a feature drifted (0.25)")
    given = given_as.parse_args()

    def work() -> int:
        settings = load_minio_settings()
        hide(settings.secret_key.get_secret_value())
        run = new_run_id()
        configure_log(run, service="model-drift", platform=_PLATFORM)
        with measured(_PLATFORM, "model-drift") as step:
            found = asked(
                each_address(given.replica) if given.each_address else [Replica(each) for each in given.replica]
            )
            bucket = os.environ.get("REPORTS_BUCKET") or "mlops-reports"
            report = store(minio_client(settings), bucket, run, found, given.limit)
            over = sum(each.index > given.limit for each in found)
            step.rows = {"features": len(found), "drifted": over}
        said = f"{over} of {len(found)} features drifted" if found else "too few texts so far to compare"
        print(f"{report}: {said}")
        return 0

    end("model-drift", work)


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise argparse.ArgumentTypeError(f"must be http://host:port, got {text!r}")
    return text
