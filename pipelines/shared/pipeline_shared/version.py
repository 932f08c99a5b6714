"""What a program says of its version."""

import os
from importlib.metadata import version


def version_text(package: str) -> str:
    """Version of a package, and the commit of the image that it runs in, by `GIT_COMMIT_HASH` of the Dockerfile."""
    commit = os.environ.get("GIT_COMMIT_HASH", "")
    return f"{package} {version(package)}" + (f" (commit {commit})" if commit else "")
