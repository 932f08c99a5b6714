"""Texts and spans as tables, from a file of one JSON object a line."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from data_gates.finding import Finding, of_lines

_OWN = {"line", "characters", "surface"}
"""Columns that are made here: a file that has them would hide, or be hidden."""
_READ = f"is a JSON object of whole characters with a list of spans, without the gate's own ({', '.join(sorted(_OWN))})"


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
            # Half of a pair of UTF-16, which JSON can escape, is no character: nothing behind this could write it.
            json.dumps(plain, ensure_ascii=False).encode()
            own = [dict(each) for each in plain.pop("spans")]
        except (ValueError, KeyError, TypeError, AttributeError):
            unread.append(number)
            continue
        if any(_OWN & set(each) for each in (plain, *own)):
            unread.append(number)
            continue
        texts.append({**plain, "line": number})
        text = plain.get("text")
        spans += [{**each, "line": number, "characters": _length(text), "surface": _part(text, each)} for each in own]
    found = [of_lines("reading", "-", _READ, unread)] if unread else []
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
