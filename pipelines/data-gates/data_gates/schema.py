"""The first gate: Pandera judges columns, types and what a value can be at all."""

from typing import Any

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from data_gates.finding import Finding, of_lines

MOST_CHARACTERS = 10_000


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MOST_CHARACTERS


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_place(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _value(name: str, judge: Any) -> pa.Column:
    # The check judges None, too: `nullable` would find it a second time.
    return pa.Column(object, pa.Check(judge, element_wise=True, name=name, ignore_na=False), nullable=True)


def _ends_in_text(spans: pd.DataFrame) -> pd.Series:
    def fits(row: Any) -> bool:
        # Wrong types are other checks' findings.
        return not (_is_place(row.start) and _is_place(row.end)) or row.start < row.end <= row.characters

    return pd.Series([fits(row) for row in spans.itertuples()], index=spans.index, dtype=bool)


def _in_order(spans: pd.DataFrame) -> pd.Series:
    last: dict[int, int] = {}
    fits = []
    for row in spans.itertuples():
        is_judged = _is_place(row.start) and _is_place(row.end)
        fits.append(not is_judged or row.start >= last.get(row.line, 0))
        if is_judged:
            last[row.line] = row.end
    return pd.Series(fits, index=spans.index, dtype=bool)


def _schemas(kinds: tuple[str, ...]) -> tuple[pa.DataFrameSchema, pa.DataFrameSchema]:
    texts = pa.DataFrameSchema(
        {
            "text": _value(f"is a text of 1 to {MOST_CHARACTERS} characters", _is_text),
            "held_out": _value("is true or false", _is_flag),
            "line": pa.Column(object),
        },
        strict=True,
    )
    spans = pa.DataFrameSchema(
        {
            "kind": _value(f"is one of {', '.join(kinds)}", kinds.__contains__),
            "start": _value("is a whole number from 0", _is_place),
            "end": _value("is a whole number from 0", _is_place),
            **{name: pa.Column(object) for name in ("line", "characters", "surface")},
        },
        checks=[
            pa.Check(_ends_in_text, name="start is before end, and end in the text"),
            pa.Check(_in_order, name="spans are in order and don't overlap"),
        ],
        strict=True,
    )
    return texts, spans


def judge(texts: pd.DataFrame, spans: pd.DataFrame, kinds: tuple[str, ...]) -> list[Finding]:
    """Judge all columns at once.

    Returns:
        what fails; one finding that passed where nothing does.
    """
    found: list[Finding] = []
    for schema, table, name in zip(_schemas(kinds), (texts, spans), ("texts", "spans"), strict=True):
        if name == "spans" and table.empty:
            continue
        try:
            schema.validate(table, lazy=True)
        except SchemaErrors as errors:
            found += _findings(errors.failure_cases, table)
    return found or [Finding("pandera", "all", "columns and values are what the schema says", True)]


def _findings(cases: pd.DataFrame, table: pd.DataFrame) -> list[Finding]:
    found = []
    for (context, column, check), group in cases.groupby(
        ["schema_context", "column", "check"], dropna=False, sort=False
    ):
        if check in {"column_in_dataframe", "column_in_schema"}:
            for name in group["failure_case"]:
                words = "is there" if check == "column_in_dataframe" else "is known to the schema"
                found.append(Finding("pandera", str(name), words, False, None, (), "it isn't"))
            continue
        places = [each for each in group["index"] if each is not None]
        lines = [int(table["line"].iloc[int(each)]) for each in dict.fromkeys(places)]
        named = "start, end" if context == "DataFrameSchema" else str(column)
        found.append(of_lines("pandera", named, str(check), lines))
    return found
