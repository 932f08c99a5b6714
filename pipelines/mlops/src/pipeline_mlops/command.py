"""The form of all commands, and how they end: 0 is done, 1 failed, 2 wrong use or settings."""

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn

from pipeline_shared.log import printable
from pipeline_shared.settings import SettingsError
from pipeline_shared.version import version_text

from pipeline_mlops.failed import FailedError


def parser(name: str, description: str) -> argparse.ArgumentParser:
    """Begin a command's own parser."""
    made = argparse.ArgumentParser(prog=name, description=description)
    made.add_argument("--version", action="version", version=version_text("mlops-pipeline"))
    return made


def end(name: str, work: Callable[[], int]) -> NoReturn:
    """Do the command's work and end the process; what a user or a server did wrong is a sentence."""
    try:
        code = work()
    except SettingsError as error:
        print(f"{name}: {error}", file=sys.stderr)
        code = 2
    except (FailedError, OSError) as error:
        lines = [printable(line) for line in str(error).splitlines()]
        print(f"{name}: " + "\n".join(lines), file=sys.stderr)
        code = 1
    sys.exit(code)
