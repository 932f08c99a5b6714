"""What becomes of rows in each step of a transformation: no server is needed to know."""

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from made_columns import START, UTC_US, decimals, minutes

from pipeline_dataops.errors import StepError

Steps = Callable[..., tuple[list[dict[str, Any]], dict[str, int]]]


def test_a_row_without_a_value_is_dropped_or_gets_the_one_of_the_yaml(steps: Steps) -> None:
    conf = {"clean": {"missing": {"a": "drop", "b": {"fill": "0.1"}}}}
    rows, counts = steps(
        conf,
        {"id": "int64", "a": "int64", "b": "decimal(38,18)", "c": "int64"},
        id=[1, 2, 3],
        a=pa.array([1, None, 3], pa.int64()),
        b=decimals("2", None, None),
        c=pa.array([None, 1, None], pa.int64()),
    )
    assert rows == [
        {"id": 1, "a": 1, "b": Decimal("2.000000000000000000"), "c": None},
        {"id": 3, "a": 3, "b": Decimal("0.100000000000000000"), "c": None},
    ]
    assert counts["in"] == 3
    assert (counts["missing"], counts["filled"]) == (1, 1)


def test_nan_and_infinity_are_missing(steps: Steps) -> None:
    rows, counts = steps(
        {"clean": {"missing": {"x": "drop"}}},
        {"id": "int64", "x": "float64"},
        id=[1, 2, 3, 4],
        x=[float("nan"), float("inf"), float("-inf"), 0.5],
    )
    assert rows == [{"id": 4, "x": 0.5}]
    assert counts["missing"] == 3


@pytest.mark.parametrize(("keep", "kept"), [("last", 3), ("first", 1)])
def test_of_rows_with_one_key_the_first_or_last_by_order_stays(steps: Steps, keep: str, kept: int) -> None:
    conf = {"clean": {"duplicates": {"keep": keep, "order": ["at"]}}}
    rows, counts = steps(conf, {"id": "int64", "v": "int64"}, id=[7, 7, 7, 8], at=minutes(1, 2, 3, 1), v=[1, 2, 3, 9])
    assert rows == [{"id": 7, "v": kept}, {"id": 8, "v": 9}]
    assert counts["duplicates"] == 2


def test_where_the_order_does_not_decide_the_other_columns_do(steps: Steps) -> None:
    conf = {"clean": {"duplicates": {"keep": "last", "order": ["at"]}}}
    for values in ([5, 4], [4, 5]):
        rows, _ = steps(conf, {"id": "int64", "v": "int64"}, id=[7, 7], at=minutes(1, 1), v=values)
        assert rows == [{"id": 7, "v": 4}]


PRICES = ["10", "11", "12", "13", "14", "1000"]


@pytest.mark.parametrize(
    ("method", "high"),
    [
        ({"method": "range", "high": 20}, "20"),
        ({"method": "iqr", "factor": 1.5}, "17.5000000002"),
        ({"method": "zscore", "factor": 2}, "913.082913696"),
    ],
)
@pytest.mark.parametrize("action", ["drop", "clip", "flag"])
def test_an_outlier_is_dropped_cut_to_the_bound_or_marked(
    steps: Steps, method: dict[str, Any], high: str, action: str
) -> None:
    conf = {"clean": {"outliers": [{"column": "p", "action": action, **method}]}}
    wanted = {"id": "int64", "p": "decimal(38,18)"} | ({"p_outlier": "boolean"} if action == "flag" else {})
    rows, counts = steps(conf, wanted, id=list(range(6)), p=decimals(*PRICES))
    assert counts[{"drop": "outliers", "clip": "clipped", "flag": "flagged"}[action]] == 1
    if action == "drop":
        assert [row["p"] for row in rows] == [Decimal(each) for each in PRICES[:5]]
    elif action == "clip":
        assert float(rows[5]["p"]) == pytest.approx(float(high), rel=1e-9)
        assert rows[4]["p"] == 14
    else:
        assert [row["p_outlier"] for row in rows] == [False] * 5 + [True]


def test_values_that_are_all_the_same_are_no_outliers(steps: Steps) -> None:
    for method in ("iqr", "zscore"):
        conf = {"clean": {"outliers": [{"column": "p", "action": "drop", "method": method, "factor": 1}]}}
        _, counts = steps(conf, {"id": "int64"}, id=[1, 2, 3], p=decimals(*["1234567.123456789012345678"] * 3))
        assert counts["outliers"] == 0


SYMBOLS = {"with": {"file": "symbols.csv", "columns": {"symbol": "string", "tick": "decimal(38,18)"}}}


@pytest.mark.parametrize(("how", "left"), [("left", [1, 2]), ("inner", [1])])
def test_rows_get_the_columns_of_their_partner_and_those_without_one_are_counted(
    steps: Steps, how: str, left: list[int]
) -> None:
    conf = {"join": [{**SYMBOLS, "how": how, "keys": {"pair": "symbol"}}]}
    partner = pa.table({"symbol": ["BTCUSDT"], "tick": decimals("0.01")})
    rows, counts = steps(conf, {"id": "int64", "tick": "decimal(38,18)"}, partner, id=[1, 2], pair=["BTCUSDT", "XXX"])
    assert [row["id"] for row in rows] == left
    assert rows[0]["tick"] == Decimal("0.01")
    assert counts["unmatched"] == 1


def test_a_partner_that_has_a_key_twice_is_refused_since_it_would_multiply_rows(steps: Steps) -> None:
    conf = {"join": [{**SYMBOLS, "how": "left", "keys": {"pair": "symbol"}}]}
    partner = pa.table({"symbol": ["A", "A"], "tick": decimals("1", "2")})
    with pytest.raises(StepError, match=r"symbols.csv has 1 keys more than once"):
        steps(conf, {"id": "int64"}, partner, id=[1], pair=["A"])


def test_groups_of_an_hour_have_first_last_min_max_sum_mean_and_count(steps: Steps) -> None:
    taken = {"n": {"take": "count"}} | {name: {"take": name, "of": "p"} for name in ("min", "max", "sum", "mean")}
    taken |= {name: {"take": name, "of": "p", "order": "at"} for name in ("first", "last")}
    conf = {"aggregate": {"time": {"column": "at", "bucket": "1h", "into": "hour"}, "columns": taken}}
    wanted = {"hour": "timestamp('UTC', 6)"} | dict.fromkeys(("first", "last", "min", "max", "sum"), "decimal(38,18)")
    rows, _ = steps(
        conf,
        wanted | {"mean": "float64", "n": "int64"},
        id=[1, 2, 3, 4],
        at=minutes(59, 0, 30, 60),
        p=decimals("3", None, "0.000000000000000001", "5"),
    )
    assert rows == [
        {
            "hour": START,
            "first": Decimal("0.000000000000000001"),
            "last": Decimal(3),
            "min": Decimal("0.000000000000000001"),
            "max": Decimal(3),
            "sum": Decimal("3.000000000000000001"),
            "mean": 1.5,
            "n": 3,
        },
        {
            "hour": START + dt.timedelta(hours=1),
            **dict.fromkeys(("first", "last", "min", "max", "sum"), 5),
            "mean": 5.0,
            "n": 1,
        },
    ]


def test_a_day_on_which_clocks_are_set_forward_has_its_24_hours(steps: Steps) -> None:
    madrid = minutes(*range(0, 1440, 20)).cast(pa.timestamp("us", tz="Europe/Madrid"))
    conf = {
        "aggregate": {"time": {"column": "at", "bucket": "1h", "into": "hour"}, "columns": {"n": {"take": "count"}}},
        "derive": {"day": {"op": "day", "of": ["hour"]}, "of_day": {"op": "hour", "of": ["hour"]}},
    }
    wanted = {"hour": "timestamp('UTC', 6)", "n": "int64", "day": "date", "of_day": "int64"}
    rows, _ = steps(conf, wanted, id=list(range(72)), at=madrid)
    assert [(row["of_day"], row["n"], row["day"]) for row in rows] == [(hour, 3, START.date()) for hour in range(24)]


def test_the_last_microsecond_of_a_bucket_belongs_to_it_also_before_1970(steps: Steps) -> None:
    times = [dt.datetime(year, 1, 1, 3, 59, 59, 999999, tzinfo=dt.UTC) for year in (1960, 2026)]
    conf = {"aggregate": {"time": {"column": "at", "bucket": "4h", "into": "of"}, "columns": {"n": {"take": "count"}}}}
    rows, _ = steps(conf, {"of": "timestamp('UTC', 6)"}, id=[1, 2], at=pa.array(times, UTC_US))
    assert [row["of"] for row in rows] == [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1960, 2026)]


def test_sums_of_whole_numbers_are_exact_beyond_what_floats_hold(steps: Steps) -> None:
    conf = {"aggregate": {"by": ["g"], "columns": {"total": {"take": "sum", "of": "n"}}}}
    rows, _ = steps(conf, {"g": "string", "total": "int64"}, id=[1, 2], g=["a", "a"], n=[2**60, 1])
    assert rows == [{"g": "a", "total": 2**60 + 1}]


def test_columns_are_derived_one_from_another(steps: Steps) -> None:
    derive = {
        "range": {"op": "subtract", "of": ["a", "b"]},
        "sum": {"op": "add", "of": ["range", "n"]},
        "product": {"op": "multiply", "of": ["n", "b"]},
        "share": {"op": "divide", "of": ["a", "b"]},
        "none": {"op": "divide", "of": ["a", "zero"]},
        "change": {"op": "change", "of": ["b", "a"]},
    }
    exact = {"range": "decimal(38,18)", "sum": "decimal(38,18)"}
    rows, _ = steps(
        {"derive": derive},
        exact | dict.fromkeys(("product", "share", "none", "change"), "float64"),
        id=[1],
        a=decimals("3.000000000000000001"),
        b=decimals("2"),
        n=[4],
        zero=[0],
    )
    assert rows == [
        {
            "range": Decimal("1.000000000000000001"),
            "sum": Decimal("5.000000000000000001"),
            "product": 8.0,
            "share": 1.5,
            "none": None,
            "change": 0.5,
        }
    ]


@pytest.mark.parametrize(
    ("wanted", "given", "becomes"),
    [
        ("int64", "42", 42),
        ("decimal(38,18)", "0.000000000000000001", Decimal("0.000000000000000001")),
        ("float64", "-1.5e3", -1500.0),
        ("boolean", "true", True),
        ("date", "2026-02-28", dt.date(2026, 2, 28)),
        ("timestamp", "2026-03-29T02:30:00+01:00", dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)),
    ],
)
def test_text_becomes_the_type_of_the_yaml(steps: Steps, wanted: str, given: str, becomes: Any) -> None:
    kind = "timestamp('UTC', 6)" if wanted == "timestamp" else wanted
    rows, _ = steps({"convert": {"x": wanted}}, {"id": "int64", "x": kind}, id=[1, 2], x=[given, None])
    assert [row["x"] for row in rows] == [becomes, None]


@pytest.mark.parametrize(
    ("wanted", "values"),
    [
        ("int64", ["1", "1.5"]),
        ("int64", [1.0, 1.5]),
        ("decimal(38,18)", ["1", "=1+1"]),
        ("decimal(10,2)", ["2.990", "1.239"]),
        ("decimal(4,2)", [99, 100]),
        ("decimal(10,2)", [Decimal("1.230"), Decimal("1.239")]),
        ("float64", [2**53, 2**53 + 1]),
        ("boolean", ["true", "yes"]),
        ("timestamp", ["2026-03-29T02:30:00Z", "2026-03-29 02:30:00"]),
    ],
)
def test_a_value_that_would_not_keep_its_meaning_is_refused_and_shown(
    steps: Steps, wanted: str, values: list[Any]
) -> None:
    said = rf"transform\.convert\.x: 1 values of type [\w(), ]+ are no .*for example '{re.escape(str(values[1]))}"
    with pytest.raises(StepError, match=said):
        steps({"convert": {"x": wanted}}, {"id": "int64"}, id=[1, 2], x=values)


def test_rows_become_columns_and_a_name_without_column_is_refused(steps: Steps) -> None:
    pivot = {"by": ["day"], "names": "symbol", "values": "n", "take": "sum", "into": ["btc", "eth"]}
    wanted = {"day": "string", "btc": "int64", "eth": "int64"}
    days = {"id": [1, 2, 3], "day": ["a", "a", "b"], "n": [1, 2, 4]}
    rows, _ = steps({"pivot": pivot}, wanted, symbol=["btc", "btc", "eth"], **days)
    assert rows == [{"day": "a", "btc": 3, "eth": None}, {"day": "b", "btc": None, "eth": 4}]
    with pytest.raises(
        StepError, match=r"pivot\.into: 1 rows have another symbol, for example 'xrp'; allowed are btc, eth"
    ):
        steps({"pivot": pivot}, wanted, symbol=["btc", "xrp", "eth"], **days)


def test_a_function_of_the_schema_file_comes_last(steps: Steps) -> None:
    rows, _ = steps(
        {"derive": {"b": {"op": "add", "of": ["a", "a"]}}},
        {"id": "int64", "c": "int64"},
        function=lambda made: made.mutate(c=made.b * 10),
        id=[1],
        a=[2],
    )
    assert rows == [{"id": 1, "c": 40}]


def test_without_rows_there_are_no_rows_and_no_counts(steps: Steps) -> None:
    conf = {
        "clean": {
            "missing": {"p": "drop"},
            "duplicates": {"order": ["at"]},
            "outliers": [{"column": "p", "method": "zscore", "factor": 3, "action": "clip"}],
        },
        "aggregate": {
            "time": {"column": "at", "bucket": "1d", "into": "day"},
            "columns": {"p": {"take": "sum", "of": "p"}},
        },
    }
    rows, counts = steps(conf, {"day": "timestamp('UTC', 6)"}, id=pa.array([], pa.int64()), at=minutes(), p=decimals())
    assert rows == []
    assert set(counts.values()) == {0}
