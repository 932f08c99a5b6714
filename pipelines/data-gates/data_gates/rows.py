"""Texts and spans as tables, from a file of one JSON object a line."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from data_gates.finding import Finding, of_lines


def read(file: Path) -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    """Read a file as it is: what a value should be is for the gates to say.

    Returns:
        texts and spans, each with its `line` in the file; and a finding where lines are no texts.

    Raises:
        OSError: the file can't be read.
    """
    texts: list[dict[str, Any]] = []
    spans: list[dict[str, Any]] = []
    unread: list[int] = []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").split("\n"), 1):
        if line == "":
            continue
        try:
            plain = json.loads(line)
            own = [dict(each) for each in plain.pop("spans")]
            texts.append({**plain, "line": number})
        except (ValueError, KeyError, TypeError, AttributeError):
            unread.append(number)
            continue
        text = plain.get("text")
        spans += [{**each, "line": number, "characters": _length(text), "surface": _part(text, each)} for each in own]
    found = [of_lines("reading", "-", "is a JSON object with a list of spans", unread)] if unread else []
    return _table(texts, ["text", "held_out"]), _table(spans, ["kind", "start", "end"]), found


def _table(rows: list[dict[str, Any]], needed: list[str]) -> pd.DataFrame:
    """Keep Python's own types: a number among texts stays one, and is found."""
    made = pd.DataFrame(rows, dtype=object)
    return made if rows else pd.DataFrame(columns=[*needed, "line"], dtype=object)


def _length(text: object) -> int:
    return len(text) if isinstance(text, str) else 0


def _part(text: object, span: dict[str, Any]) -> str:
    start, end = span.get("start"), span.get("end")
    if isinstance(text, str) and isinstance(start, int) and isinstance(end, int):
        return text[start:end]
    return ""
