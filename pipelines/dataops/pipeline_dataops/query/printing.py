"""Rows for a terminal and as JSON: exact numbers, times in UTC, and no text that a terminal obeys."""

import datetime as dt
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline_shared.log import printable

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Rows:
    """Rows under names of columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def lines(self) -> list[str]:
        """Lay them out as a table; what is missing is empty."""
        cells = [list(map(printable, self.columns)), *([_text(value) for value in row] for row in self.rows)]
        widths = [max(len(row[index]) for row in cells) for index in range(len(self.columns))]
        return [
            " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        ]

    def plain(self) -> list[dict[str, Any]]:
        """Turn them into plain data of JSON."""
        return [{name: plain(value) for name, value in zip(self.columns, row, strict=True)} for row in self.rows]


def plain(value: Any) -> Any:
    """Turn a value into one of JSON: exact numbers and times are texts, times ISO in UTC."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value.is_finite() else str(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def show(form: str, said: dict[str, Any], lines: Sequence[str]) -> None:
    """Print `said` as JSON, or `lines`."""
    text = json.dumps({"schemaVersion": SCHEMA_VERSION, **said}, indent=2) if form == "json" else "\n".join(lines)
    print(text)


def _text(value: Any) -> str:
    return "" if value is None else printable(str(plain(value)))
