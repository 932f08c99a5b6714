"""Commands of the ingestion. Exit code 0: done; 1: failed, or differences found; 2: wrong use or settings."""

import argparse
import json
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from pipeline_shared.log import configure_log, new_run_id, printable
from pipeline_shared.settings import SettingsError, load_settings

from pipeline import stopping
from pipeline.ingestion import reports
from pipeline.ingestion.audit import AuditError
from pipeline.ingestion.data_ingestion_flow import IngestionError, Order, data_ingestion_flow
from pipeline.ingestion.files import MOST_ROWS
from pipeline.ingestion.raw_objects import StorageError

MOST_DAYS = 36_500


def ingest() -> NoReturn:
    """Ingest once; prints the object's URI."""
    parser = _parser("ingest", "generate or read rows, validate, upload to cybersec-ml-raw, audit")
    parser.add_argument("--rows", type=_rows, default=10, help="how many rows to make up (10)")
    parser.add_argument("--seed", type=int, help="make up the same rows again")
    parser.add_argument("--input", type=Path, help="ingest this .csv or .parquet instead")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of local files (data)")
    given = parser.parse_args()

    def work() -> int:
        minio, postgres = load_settings()
        stopping.listen()
        run_id = new_run_id()
        configure_log(run_id)
        order = Order(run_id, given.data, given.rows, given.seed, given.input)
        print(data_ingestion_flow(order, minio, postgres))
        return 0

    _end("ingest", work)


def history() -> NoReturn:
    """Print the newest ten runs."""
    given = _with_format(_parser("history", "the newest ten runs, by the role auditor")).parse_args()

    def work() -> int:
        events = reports.history(load_settings()[1])
        _print(given.format, {"runs": reports.as_json(events)}, reports.event_lines(events))
        return 0

    _end("history", work)


def lineage() -> NoReturn:
    """Print where an object comes from."""
    parser = _with_format(_parser("lineage", "which run made an object, when, how many rows, where"))
    parser.add_argument("object", help="s3://cybersec-ml-raw/FILE, or FILE")
    given = parser.parse_args()

    def work() -> int:
        found, events = reports.lineage(*load_settings(), given.object)
        said = {"object": reports.as_json(found), "audit": reports.as_json(events)}
        _print(given.format, said, reports.lineage_lines(found, events))
        return 0 if found and events else 1

    _end("lineage", work)


def reconcile() -> NoReturn:
    """Compare RAW with the audit."""
    parser = _with_format(_parser("reconcile", "objects without row, rows without object, counts that differ"))
    parser.add_argument(
        "--kept-days", type=_days, help="RAW keeps objects so many days: older rows need none (for ever)"
    )
    given = parser.parse_args()

    def work() -> int:
        found, expired = reports.reconcile(*load_settings(), given.kept_days)
        said = {"differences": reports.as_json(found), "expired": expired}
        _print(given.format, said, reports.difference_lines(found, expired))
        return 1 if found else 0

    _end("reconcile", work)


def record() -> NoReturn:
    """Add the rows that `reconcile` found missing."""
    parser = _parser("record", "add the rows that `reconcile --format json` found missing, by the role ingestion")
    parser.add_argument("report", type=argparse.FileType(), help="what it printed; - is standard input")
    given = parser.parse_args()

    def work() -> int:
        found = [reports.Difference(**each) for each in json.load(given.report)["differences"]]
        print(f"{reports.record(load_settings()[1], found)} rows added")
        return 0

    _end("record", work)


def _parser(name: str, description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=name, description=description)
    parser.add_argument("--version", action="version", version=version("cybersec-pipeline"))
    return parser


def _with_format(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--format", choices=["text", "json"], default="text")
    return parser


def _rows(text: str) -> int:
    return _whole(text, MOST_ROWS)


def _days(text: str) -> int:
    return _whole(text, MOST_DAYS)


def _whole(text: str, most: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)) or not 1 <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most}, got {text!r}")
    return int(text)


def _print(form: str, plain: object, lines: list[str]) -> None:
    print(json.dumps(plain, indent=2) if form == "json" else "\n".join(lines))


def _end(name: str, work: Callable[[], int]) -> NoReturn:
    try:
        code = work()
    except SettingsError as error:
        print(f"{name}: {error}", file=sys.stderr)
        code = 2
    except (IngestionError, AuditError, StorageError, OSError) as error:
        print(f"{name}: {printable(str(error))}", file=sys.stderr)
        code = 1
    sys.exit(code)
