"""Starts JupyterLab as a service of the checkout: all that it keeps lies in one folder, and a token opens it."""

import os
import sys
from pathlib import Path

TOKEN_FILE = "token"  # noqa: S105, its name


def main() -> None:
    """Serve until SIGTERM; the first argument is `--config=FILE`, in whose folder everything is kept.

    Raises:
        SystemExit: that folder has no token. Jupyter takes an empty one for a wish to have none.
    """
    option, _, file = sys.argv[1].partition("=")
    folder = Path(file).parent
    token = read(folder / TOKEN_FILE)
    if option != "--config" or not token:
        sys.exit(f"jupyter: {folder / TOKEN_FILE} holds no token: run make services")
    # Kernels know these, too: nothing is read or written in the person's home.
    os.environ |= {
        "JUPYTER_CONFIG_DIR": str(folder),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_TOKEN": token,
    }
    # Imported here: it reads the folders when it is imported.
    from jupyterlab.labapp import LabApp  # noqa: PLC0415

    server = LabApp.initialize_server(argv=sys.argv[1:])
    # Not for kernels: what a notebook shows of its environment has no secret in it.
    del os.environ["JUPYTER_TOKEN"]
    server.start()


def read(file: Path) -> str:
    """Read a text, empty where there is no such file."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""
