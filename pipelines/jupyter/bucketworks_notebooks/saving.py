"""How the server saves notebooks."""

from pathlib import Path
from typing import Any


def without_outputs(model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
    """Save a platform's notebook without outputs, so that running it changes no file and no secret is committed.

    Every other one is a person's own and keeps what it shows. Jupyter's server calls this before each save, with its
    model of the file, the path below its root, and what holds that root.
    """
    if model["type"] != "notebook" or not _of_platform(Path(contents_manager.root_dir), path.strip("/")):
        return
    notebook = model["content"]
    # Which Python ran it is no part of it.
    notebook["metadata"] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if cell["cell_type"] == "code":
            cell["outputs"] = []
            cell["execution_count"] = None


def _of_platform(notebooks: Path, path: str) -> bool:
    """Git has one a platform, called as the platform's file is; none lies in a folder below."""
    name = path.removesuffix(".ipynb")
    return "/" not in name and (notebooks.parent / "config" / "platforms" / f"{name}.yaml").is_file()
