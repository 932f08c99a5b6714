"""Which code runs: the package's version, and the commit that an image was built from."""

import os
from importlib.metadata import version


def code_version() -> str:
    """Answer `0.1.0`, or `0.1.0+<commit>` where GIT_COMMIT_HASH says it."""
    commit = os.environ.get("GIT_COMMIT_HASH", "")
    return f"{version('cybersec-pipeline')}+{commit}" if commit else version("cybersec-pipeline")
