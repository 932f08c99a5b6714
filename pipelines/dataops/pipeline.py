"""The DataOps pipeline: each step is a command. Exit code 0: done; 1: failed; 2: wrong use or settings;
3: data failed the validation; 143: ended by SIGTERM."""

import argparse
import datetime as dt
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pipeline_shared.log import new_run_id, printable
from pipeline_shared.metrics import Step, measured
from pipeline_shared.settings import SettingsError
from pipeline_shared.version import version_text

from conf.base import load_place
from conf.logger.base import begin_log, hide_logins
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.window import Window
from pipeline_dataops.run_ids import NOTHING_NEW, given_run_id, keep_run_id
from pipeline_dataops.stopping import listen
from pipeline_dataops.validate.columns import require_columns


@dataclass(frozen=True)
class Command:
    """A command; its module is imported when it is chosen.

    A step's function takes (place, run_id) and its OPTIONS, and answers what prints as its result. Any other function
    takes what was given on the command line and answers the exit code.
    """

    help: str
    function: str
    is_step: bool = True


MOST_ROWS = 100_000

COMMANDS = {
    "extract": Command("bring rows of the source into a raw object", "extract.core:extract"),
    "load": Command("load the run's raw object into staging", "load.core:load"),
    "validate": Command("judge raw data (--round 1) or transformed data (--round 2)", "validate.core:validate"),
    "transform": Command("make processed rows of judged raw data", "transform.core:transform"),
    "promote": Command("bring data that passed both rounds to production", "promote.core:promote"),
    "query": Command("print rows of production, as consumer", "query.core:query", is_step=False),
    "lineage": Command("print where a row of production comes from", "query.lineage:lineage", is_step=False),
    "reconcile": Command("compare objects with the database", "query.reconcile:reconcile", is_step=False),
    "migration": Command("print the SQL of a table", "migration.core:migration", is_step=False),
    "run": Command("take a run through all steps", "run.core:run", is_step=False),
}

OPTIONS = {"extract": ("again",), "validate": ("number",), "transform": ("engine_name",)}
"""Steps' own arguments, by the names that their functions have for them."""


COUNTED = {
    "extract": "extracted",
    "load": "loaded",
    "validate": "judged",
    "transform": "transformed",
    "promote": "promoted",
}
"""What a step does with the rows that its result counts, for its metrics."""


def parser() -> argparse.ArgumentParser:
    """Make the command line."""
    made = argparse.ArgumentParser(prog="pipeline.py", description=__doc__)
    made.add_argument("--version", action="version", version=version_text("dataops-pipeline"))
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.help, description=command.help)
        one.add_argument("--table", help="name of the raw table; BIGQUERY_RAW_TABLE_NAME where it is left out")
        if command.is_step or name == "run":
            one.add_argument("--run-id", help="id of the run; RUN_ID or the file RUN_ID_FILE where it is left out")
        one.add_argument("--data", type=Path, default=Path("data"), help="folder of local files (data)")
        if name in ("extract", "run"):
            one.add_argument("--again", type=interval, metavar="FROM/TO", help="a window that was extracted before")
        if name == "validate":
            one.add_argument(
                "--round", type=int, dest="number", choices=[1, 2], required=True, help="1: raw; 2: transformed data"
            )
        if name == "transform":
            one.add_argument(
                "--engine",
                dest="engine_name",
                choices=["duckdb", "spark"],
                default="duckdb",
                help="who does it (duckdb)",
            )
        if name in ("query", "lineage", "reconcile"):
            one.add_argument("--format", choices=["text", "json"], default="text")
        if name == "query":
            one.add_argument("--run-id", help="rows of this run alone; with --object, of its object")
            one.add_argument("--limit", type=limit, default=10, help="most rows (10)")
            one.add_argument("--where", action="append", default=[], metavar="COLUMN=VALUE", help="only such rows")
            one.add_argument("--object", action="store_true", help="rows of the promoted object of --run-id, or newest")
        if name == "lineage":
            one.add_argument("key", nargs="+", help="the row's key: a value for each of its columns")
        if name == "reconcile":
            one.add_argument("--kept-days", type=int, help="production keeps objects so many days (for ever)")
        if name == "run":
            one.add_argument("--logins", type=Path, help="folder with STEP.env for each step; without: own variables")
    return made


def interval(text: str) -> Window:
    """Read an interval of ISO 8601, `FROM/TO`."""
    try:
        begin, end = (dt.datetime.fromisoformat(each) for each in text.split("/"))
    except ValueError:
        begin = end = dt.datetime.min  # noqa: DTZ901 - has no zone, and is refused
    if begin.tzinfo is None or end.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"must be two times with zones, as 2025-01-01T00:00:00Z/2025-01-02T00:00:00Z, got {text!r}"
        )
    return Window(begin.astimezone(dt.UTC), end.astimezone(dt.UTC))


def limit(text: str) -> int:
    """Read a number of rows."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_ROWS or len(text) > 9:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {MOST_ROWS}, got {text!r}")
    return int(text)


def step(name: str, given: argparse.Namespace) -> None:
    """Do one step of a run and write its metrics."""
    with measured("dataops", f"{name}-{given.number}" if name == "validate" else name) as said:
        _do(name, given, said)


def _do(name: str, given: argparse.Namespace, said: Step) -> None:
    """Do one step of a run and print its result."""
    place = load_place(given.table, given.data)
    require_columns(place)
    run_id = given_run_id(given.run_id)
    if run_id is None and name != "extract":
        raise SettingsError("--run-id is missing, and neither RUN_ID nor RUN_ID_FILE is set; extract prints the id")
    if run_id == NOTHING_NEW and name != "extract":
        print(f"{name}: nothing to do, extract found nothing new")
        return
    listen()
    if run_id in (None, NOTHING_NEW):
        extraction = import_module("pipeline_dataops.extract.core")
        run_id = (None if given.again else extraction.unfinished_run(place)) or new_run_id()
    begin_log(run_id, name, place.table.table, place.environment.project)
    hide_logins(place.minio, place.postgres)
    if name == "extract":
        keep_run_id(run_id)
    options = {option: getattr(given, option) for option in OPTIONS.get(name, ())}
    done = _function(COMMANDS[name])(place, run_id, **options)
    if name == "extract" and done.stored is None:
        keep_run_id(NOTHING_NEW)
    print(done)
    said.rows = {COUNTED[name]: done.rows}


def main() -> int:
    """Run a command; answers the exit code."""
    given = parser().parse_args()
    command = COMMANDS[given.command]
    try:
        if not command.is_step:
            return int(_function(command)(given))
        step(given.command, given)
    except SettingsError as error:
        print(f"{given.command}: {printable_lines(error)}", file=sys.stderr)
        return 2
    except StepError as error:
        print(f"{given.command}: {printable_lines(error)}", file=sys.stderr)
        return error.code
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        said = f"{place}{error.strerror or error}; look at the folder --data ({given.data}) and at its disk"
        print(f"{given.command}: {printable(said)}", file=sys.stderr)
        return 1
    return 0


def printable_lines(error: Exception) -> str:
    """Text of an error for a terminal, line by line."""
    return "\n".join(printable(each) for each in str(error).split("\n"))


def _function(command: Command) -> Any:
    module, name = command.function.split(":")
    return getattr(import_module(f"pipeline_dataops.{module}"), name)


if __name__ == "__main__":
    sys.exit(main())
