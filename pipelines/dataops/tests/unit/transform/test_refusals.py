"""A YAML that no transformation can follow is refused with its place."""

from collections.abc import Callable
from typing import Any

import pytest
from made_columns import decimals, minutes
from pydantic import ValidationError

from conf.transform.base import TransformConf
from pipeline_dataops.errors import StepError

Steps = Callable[..., tuple[list[dict[str, Any]], dict[str, int]]]
SYMBOLS = {"with": {"file": "symbols.csv", "columns": {"symbol": "string", "tick": "decimal(38,18)"}}}


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        (
            {"clean": {"missing": {"opem": "drop"}}},
            r"clean\.missing: there is no column 'opem', only .*; did you mean open\?",
        ),
        ({"clean": {"missing": {"open": {"fill": "x"}}}}, r"clean\.missing\.open\.fill: 'x' is no value of type"),
        (
            {"derive": {"x": {"op": "add", "of": ["open", "name"]}}},
            r"derive\.x\.of: name is string, and this needs a number",
        ),
        (
            {"derive": {"x": {"op": "day", "of": ["open"]}}},
            r"derive\.x\.of: open is decimal\(38, 18\), and this needs a time",
        ),
        ({"convert": {"at": "int64"}}, r"convert\.at: timestamp\('UTC', 6\) can't become int64"),
        ({}, r"no step makes absent of the processed schema"),
    ],
)
def test_a_yaml_that_does_not_fit_the_rows_is_refused_with_its_place(
    steps: Steps, conf: dict[str, Any], said: str
) -> None:
    with pytest.raises(StepError, match=said):
        steps(conf, {"absent": "int64"}, id=[1], open=decimals("1"), name=["a"], at=minutes(0))


@pytest.mark.parametrize(
    ("conf", "said"),
    [
        ({"cleen": {}}, "Extra inputs"),
        ({"clean": {"outliers": [{"column": "p", "method": "iqr", "action": "drop"}]}}, "method iqr takes factor"),
        ({"clean": {"outliers": [{"column": "p", "method": "range", "action": "drop"}]}}, "method range takes low"),
        ({"aggregate": {"columns": {"n": {"take": "count"}}}}, "what shall become one row"),
        ({"aggregate": {"by": ["g"], "columns": {"f": {"take": "first", "of": "p"}}}}, "order is needed"),
        ({"join": [{**SYMBOLS, "how": "left", "keys": {"pair": "name"}}]}, "which with.columns doesn't have"),
        ({"join": [{"with": {"columns": {"a": "string"}}, "how": "left", "keys": {"a": "a"}}]}, "either file or table"),
        (
            {"join": [{"with": {"file": "../x.csv", "columns": {"a": "string"}}, "how": "left", "keys": {"a": "a"}}]},
            "pattern",
        ),
        ({"derive": {"x": {"op": "divide", "of": ["a"]}}}, "divide is made of 2 columns"),
    ],
)
def test_a_yaml_that_means_nothing_is_refused_before_anything_runs(conf: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        TransformConf.model_validate(conf)
