"""Types of what `conftest.py` gives to tests."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What became of a command; a negative code is the signal that ended it."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Answer]
Rows = Callable[..., list[tuple[Any, ...]]]
Objects = Callable[[], set[str]]
Logins = dict[str, dict[str, str]]
