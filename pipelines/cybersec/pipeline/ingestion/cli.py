"""Commands of the ingestion."""

import argparse
from pathlib import Path
from typing import NoReturn

import pyarrow.parquet as pq
from pipeline_shared import stopping
from pipeline_shared.log import configure_log, new_run_id
from pipeline_shared.metrics import Step
from pipeline_shared.settings import load_settings

from pipeline.command import days, end, end_step, parser, show, whole, with_format
from pipeline.ingestion import reports
from pipeline.ingestion.data_ingestion_flow import Order, data_ingestion_flow
from pipeline.ingestion.files import MOST_ROWS


def ingest() -> NoReturn:
    """Ingest once; prints the object's URI."""
    asked = parser("ingest", "generate or read rows, validate, upload to cybersec-ml-raw, audit")
    asked.add_argument("--rows", type=_rows, default=10, help="how many rows to make up (10)")
    asked.add_argument("--seed", type=int, help="make up the same rows again")
    asked.add_argument("--input", type=_file, help="ingest this .csv or .parquet instead")
    asked.add_argument("--data", type=Path, default=Path("data"), help="folder of local files (data)")
    given = asked.parse_args()

    def work(step: Step) -> int:
        minio, postgres = load_settings()
        stopping.listen()
        run_id = new_run_id()
        configure_log(run_id, service="ingest", platform="cybersec")
        order = Order(run_id, given.data, given.rows, given.seed, given.input)
        uri = data_ingestion_flow(order, minio, postgres)
        print(uri)
        step.rows = {"ingested": pq.read_metadata(order.ingested / uri.rpartition("/")[2]).num_rows}
        return 0

    end_step("ingest", work)


def history() -> NoReturn:
    """Print the newest ten runs."""
    given = with_format(parser("history", "the newest ten runs, by the role auditor")).parse_args()

    def work() -> int:
        events = reports.history(load_settings()[1])
        show(given.format, {"runs": reports.as_json(events)}, reports.event_lines(events))
        return 0

    end("history", work)


def lineage() -> NoReturn:
    """Print where an object comes from."""
    asked = with_format(parser("lineage", "which run made an object, when, how many rows, where"))
    asked.add_argument("object", help="s3://cybersec-ml-raw/FILE, or FILE")
    given = asked.parse_args()

    def work() -> int:
        found, events = reports.lineage(*load_settings(), given.object)
        said = {"object": reports.as_json(found), "audit": reports.as_json(events)}
        show(given.format, said, reports.lineage_lines(found, events))
        return 0 if found and events else 1

    end("lineage", work)


def reconcile() -> NoReturn:
    """Compare RAW with the audit."""
    asked = with_format(parser("reconcile", "objects without row, rows without object, counts that differ"))
    asked.add_argument("--kept-days", type=days, help="RAW keeps objects so many days: older rows need none (for ever)")
    given = asked.parse_args()

    def work(step: Step) -> int:
        found, expired = reports.reconcile(*load_settings(), given.kept_days)
        step.rows = {"differences": len(found)}
        said = {"differences": reports.as_json(found), "expired": expired}
        show(given.format, said, reports.difference_lines(found, expired))
        return 1 if found else 0

    end_step("reconcile", work)


def record() -> NoReturn:
    """Add the rows that `reconcile` found missing."""
    asked = parser("record", "add the rows that `reconcile --format json` found missing, by the role ingestion")
    asked.add_argument("report", type=argparse.FileType(), help="what it printed; - is standard input")
    given = asked.parse_args()

    def work() -> int:
        try:
            found = reports.differences_in(given.report.read())
        except ValueError as error:
            asked.error(f"{given.report.name}: isn't what `reconcile --format json` prints: {error}")
        print(f"{reports.record(load_settings()[1], found)} rows added")
        return 0

    end("record", work)


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def _rows(text: str) -> int:
    return whole(text, MOST_ROWS)
