"""How the server saves notebooks."""

from typing import Any

# Notebooks of the person's own, which git ignores: they keep what they show.
OWN = "own/"


def without_outputs(model: dict[str, Any], path: str = "", **_: Any) -> None:
    """Save a notebook that git has without outputs, so that running it changes no file and no secret is committed.

    Jupyter's server calls it before each save, with its model of the file and the path below its root.
    """
    if model["type"] != "notebook" or path.lstrip("/").startswith(OWN):
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
