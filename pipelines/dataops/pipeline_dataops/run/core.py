"""A run from extraction to a consumer's query: each step a process of its own, with its own login and no other.

Steps know by themselves what of a run is done already: the same run id again goes on where it ended.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from pipeline_shared.log import new_run_id
from pipeline_shared.settings import SettingsError

from conf.base import chosen
from conf.environment.base import load_environment
from pipeline_dataops.errors import VerdictError
from pipeline_dataops.run_ids import NOTHING_NEW, given_run_id

STEPS: tuple[tuple[str, list[str]], ...] = (
    ("extract", []),
    ("load", []),
    ("validate", ["--round", "1"]),
    ("transform", []),
    ("validate", ["--round", "2"]),
    ("promote", []),
    ("query", ["--limit", "5"]),
)
_PROGRAM = Path(__file__).parents[2] / "pipeline.py"
_LOGINS = ("MINIO_", "AWS_", "PG", "SOURCE_PG", "GOOGLE_APPLICATION_CREDENTIALS")
"""How variables begin that a step has from its own file alone, where there are files."""


def run(given: argparse.Namespace) -> int:
    """Take a run through all steps; answers the exit code of the step that failed, or 0.

    Without a run id, extract chooses: the run that isn't finished yet, else a new one.
    """
    table = chosen(given.table, load_environment())
    run_id = given_run_id(given.run_id)
    environments = {name: _environment(given.logins, name) for name, _ in STEPS}
    given.data.mkdir(parents=True, exist_ok=True)
    kept = given.data / f"{new_run_id()}.run-id"
    environments["extract"] |= {"RUN_ID_FILE": str(kept), "RUN_ID": "" if run_id in (None, NOTHING_NEW) else run_id}
    common = ["--table", table, "--data", str(given.data)]
    for name, options in STEPS:
        words = [name, *common, *options]
        if name == "extract":
            words += _again(given)
        else:
            words += ["--where", f"run_id={run_id}"] if name == "query" else ["--run-id", str(run_id)]
        print(f"== {' '.join([name, *options])}" + ("" if name == "extract" else f", run {run_id}"), flush=True)
        try:
            code = _ended([sys.executable, str(_PROGRAM), *words], environments[name])
            if name == "extract":
                run_id = kept.read_text().strip() if kept.exists() else None
        finally:
            kept.unlink(missing_ok=True)
        if code != 0:
            print(_what_now(given, name, code, run_id, ["pipeline.py", "run", *common]), file=sys.stderr)
            return code
        if run_id == NOTHING_NEW:
            print("run: there is nothing new, so no step follows")
            return 0
    return 0


def _again(given: argparse.Namespace) -> list[str]:
    return ["--again", f"{given.again.begin.isoformat()}/{given.again.end.isoformat()}"] if given.again else []


def _what_now(given: argparse.Namespace, name: str, code: int, run_id: str | None, words: list[str]) -> str:
    """Say how it goes on after a step that failed, by a command that can be copied."""
    words = [*words, *(["--logins", str(given.logins)] if given.logins else []), *_again(given)]
    said = f"run: {name} ended with {code}, so nothing after it was done; "
    if code == VerdictError.code:
        return f"{said}run {run_id} is at its end, another one takes its window or file again by: {shlex.join(words)}"
    if run_id is not None:
        words += ["--run-id", run_id]
    return f"{said}the same run goes on by: {shlex.join(words)}"


def _environment(folder: Path | None, step: str) -> dict[str, str]:
    """Answer the variables of a step: with a folder, logins come from its file there and from nowhere else."""
    if folder is None:
        return dict(os.environ)
    file = folder / f"{step}.env"
    try:
        words = [word for line in file.read_text().splitlines() for word in shlex.split(line, comments=True)]
    except OSError as error:
        raise SettingsError(
            f"--logins: {file}: can't be read: {error.strerror}; each of {[name for name, _ in STEPS]} has one"
        ) from None
    except ValueError as error:
        raise SettingsError(f"--logins: {file}: {error}; each line must be NAME=VALUE, quoted as for a shell") from None
    logins = dict(word.partition("=")[::2] for word in words if "=" in word)
    return {**{name: value for name, value in os.environ.items() if not name.startswith(_LOGINS)}, **logins}


def _ended(words: list[str], environment: dict[str, str]) -> int:
    """Run a step, which gets our SIGTERM and SIGINT. Answers its code, or 128 and the signal where one came."""
    asked = 0
    with subprocess.Popen(words, env=environment) as child:  # noqa: S603 - our own program

        def pass_on(number: int, _frame: FrameType | None) -> None:
            nonlocal asked
            asked = number
            child.send_signal(number)

        former = {each: signal.signal(each, pass_on) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            code = child.wait()
        finally:
            for each, handler in former.items():
                signal.signal(each, handler)
    if asked:
        return 128 + asked
    return code if code >= 0 else 128 - code
