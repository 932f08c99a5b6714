"""Expectations that can't be judged by the schema file: refused before anything runs."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from pipeline_shared.settings import SettingsError

from conf.base import Place, known_tables, load_table
from conf.validate.base import Expectations
from pipeline_dataops.validate.columns import require_columns
from schema.core import load_schema

TABLE = "raw_binance_btcusdt_spot"


def place(expectations: Expectations, table: str = TABLE) -> Place:
    return cast(
        "Place",
        SimpleNamespace(table=SimpleNamespace(table=table, expectations=expectations), schema=load_schema(table)),
    )


@pytest.mark.parametrize("name", known_tables())
def test_each_tables_own_expectations_can_be_judged(name: str) -> None:
    require_columns(place(load_table(name).expectations, name))


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        ({"kind": "presence", "column": "quote_aset"}, "no column 'quote_aset', only .*; did you mean quote_asset"),
        ({"kind": "range", "column": "quote_asset", "low": 1}, "quote_asset is string, and this needs numbers"),
        ({"kind": "freshness", "column": "open", "within": "2h"}, "and this needs a time"),
        ({"kind": "compare", "left": "open_time", "op": "<", "right": "quote_asset"}, "only columns of one kind"),
        ({"kind": "values", "column": "quote_asset", "allowed": ["USDT", 1]}, "and 1 is no value of it"),
        ({"kind": "values", "column": "open", "allowed": ["1"]}, "and '1' is no value of it"),
        ({"kind": "correlation", "columns": ["day", "open"], "differs_at_most": 1}, "day is date, .*needs numbers"),
    ],
)
def test_an_expectation_that_cannot_be_judged_is_refused_with_its_place(expectation: Any, said: str) -> None:
    given = Expectations.model_validate({"processed": [expectation]})
    with pytest.raises(SettingsError, match=rf"expectations\.processed\.0 \({expectation['kind']}\): .*{said}"):
        require_columns(place(given))
