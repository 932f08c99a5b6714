"""Command `features`: apply, materialize, training-set, get, status. It prints one JSON object.

0 done, 1 refused, 2 wrong use or settings, 3 a server or a file isn't there. `bucketworks feature` runs it.
"""

import argparse
import datetime as dt
import importlib
import json
import sys
from pathlib import Path
from typing import Any, NoReturn

from pipeline_shared.log import printable
from pipeline_shared.settings import SettingsError
from pipeline_shared.version import version_text

from pipeline_features import definitions as plain
from pipeline_features.failed import FailedError

_COMMANDS = {"feast": "pipeline_features.commands", "hopsworks": "pipeline_hopsworks.commands"}
"""Who carries out what is asked for, by the store of the platform's file; each has an environment of its own."""


def main() -> NoReturn:
    """Do what was asked for and end the process; what a user or a server did wrong is a sentence."""
    given = _parser().parse_args()
    try:
        definitions = plain.load()
        # Both take seconds to load, and who is only told what is wrong doesn't wait for it.
        work = getattr(importlib.import_module(_COMMANDS[definitions.store]), given.command.replace("-", "_"))
        print(json.dumps(work(definitions, given), default=_shown))
        code = 0
    except SettingsError as error:
        print(f"features: {error}", file=sys.stderr)
        code = 2
    except FailedError as error:
        lines = [printable(line) for line in str(error).splitlines()]
        print("features: " + "\n".join(lines), file=sys.stderr)
        code = error.code
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(prog="features", description="the feature store of a platform")
    asked.add_argument("--version", action="version", version=version_text("features-pipeline"))
    commands = asked.add_subparsers(dest="command", required=True)

    def command(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=words)

    command("yaml", "write Feast's own configuration, without secrets")
    command("apply", "bring registry and online tables to the definitions")
    command("status", "what is applied and online")
    some = command("materialize", "bring the newest values online, and measure them")
    some.add_argument("view", nargs="*", help="all online views, where none is named")
    joined = command("training-set", "join features to labels as they were known")
    joined.add_argument("--labels", type=Path, required=True, help="Parquet or CSV")
    joined.add_argument("--out", type=Path, required=True, help="Parquet file to write")
    joined.add_argument("--features", required=True, help="view:feature or view, with commas between them")
    joined.add_argument("--keep-profile", action="store_true", help="later values are compared with these")
    read = command("get", "read features online")
    read.add_argument("--features", required=True, help="view:feature or view, with commas between them")
    read.add_argument("key", nargs="+", help="COLUMN=VALUE")
    return asked


def _shown(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)
