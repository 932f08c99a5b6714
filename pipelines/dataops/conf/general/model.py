"""What all parts of a table's file have in common: a key that nobody knows is refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

SNAKE_CASE = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
"""Form of datasets, tables and columns: docs/paths.md."""

SnakeCase = Annotated[str, StringConstraints(pattern=f"^{SNAKE_CASE}$", max_length=63)]


class Model(BaseModel):
    """A part of a table's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
