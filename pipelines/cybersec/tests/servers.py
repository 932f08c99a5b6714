"""Types of what `conftest.py` gives to tests."""

from collections.abc import Callable
from typing import Any

from forked_command import Answer

Run = Callable[..., Answer]
Rows = Callable[..., list[tuple[Any, ...]]]
Objects = Callable[[], set[str]]
Logins = dict[str, dict[str, str]]
