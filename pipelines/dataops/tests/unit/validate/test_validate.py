"""What each expectation says of rows that fit and of rows that don't: no server is needed to know."""

import json
import math
from dataclasses import replace
from typing import Any

import ibis.expr.datatypes as types
import pyarrow as pa
import pytest
from made_columns import decimals
from pandera.ibis import Check, Column, DataFrameSchema
from pydantic import ValidationError

from judging import EXPECTATIONS, NOW, JudgedOf, hours, one
from pipeline_dataops.validate.profile import distance, profile
from pipeline_dataops.validate.result import passed
from pipeline_dataops.validate.structure import columns_and_types, values
from schema.base import AMOUNT, TIME

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("expectation", "good", "bad", "rows", "keys"),
    [
        ({"kind": "presence", "column": "a"}, {"a": [1, 2]}, {"a": [1, None]}, 1, ["1"]),
        (
            {"kind": "presence", "column": "a", "missing_at_most": 0.5},
            {"a": [1, None]},
            {"a": [None, None, 1]},
            2,
            ["0", "1"],
        ),
        ({"kind": "presence", "column": "a"}, {"a": [1.0]}, {"a": [NAN, INF, -INF]}, 3, ["0", "1", "2"]),
        ({"kind": "type", "column": "a", "type": "int64"}, {"a": [1]}, {"a": [1.0]}, 0, []),
        ({"kind": "range", "column": "a", "low": 0, "high": 2}, {"a": [0, 2, None]}, {"a": [-1, 3, 1]}, 2, ["0", "1"]),
        ({"kind": "range", "column": "a", "low": 0}, {"a": [1.0]}, {"a": [NAN, INF, 1.0]}, 2, ["0", "1"]),
        (
            {"kind": "range", "column": "a", "high": 2},
            {"a": decimals("2", None)},
            {"a": decimals("2.1", "1")},
            1,
            ["0"],
        ),
        ({"kind": "values", "column": "a", "allowed": ["x"]}, {"a": ["x", None]}, {"a": ["x", "X"]}, 1, ["1"]),
        (
            {"kind": "compare", "left": "a", "op": "<=", "right": "b"},
            {"a": [1, None], "b": [1, 0]},
            {"a": [2, 1], "b": [1, 1]},
            1,
            ["0"],
        ),
        (
            {"kind": "compare", "left": "a", "op": "==", "right": "b"},
            {"a": [1], "b": [1]},
            {"a": [2], "b": [1]},
            1,
            ["0"],
        ),
        ({"kind": "row_count", "least": 2, "most": 3}, {"a": [1, 2]}, {"a": [1]}, 0, []),
        ({"kind": "row_count", "most": 1}, {"a": [1]}, {"a": [1, 2]}, 0, []),
        ({"kind": "freshness", "column": "a", "within": "2h"}, {"a": hours(1, 50)}, {"a": hours(3)}, 0, []),
        ({"kind": "freshness", "column": "a", "within": "2h"}, {"a": hours(0)}, {"a": hours(-0.1)}, 0, []),
        ({"kind": "freshness", "column": "a", "within": "2h"}, {"a": hours(0)}, {"a": hours()}, 0, []),
    ],
)
def test_an_expectation_passes_rows_that_fit_and_names_those_that_do_not(
    judged: JudgedOf, expectation: dict[str, Any], good: dict[str, Any], bad: dict[str, Any], rows: int, keys: list[str]
) -> None:
    assert one(judged(**good), **expectation).status == "passed"
    found = one(judged(**bad), **expectation)
    assert (found.status, found.what, found.rows) == ("failed", expectation["kind"], rows)
    assert [each["id"] for each in found.sample_keys] == keys
    assert found.allowed != ""
    assert expectation.get("column", found.where) in found.where


def test_a_key_that_is_there_twice_is_shown_with_how_many_rows_are_too_many(judged: JudgedOf) -> None:
    expectation = {"kind": "unique", "columns": ["a", "b"]}
    assert one(judged(a=[1, 1], b=["x", "y"]), **expectation).status == "passed"
    found = one(judged(a=[1, 1, 1, 2], b=["x", "x", "x", "y"]), **expectation)
    assert (found.status, found.value, found.rows) == ("failed", 1, 2)
    assert found.sample_keys == [{"a": "1", "b": "x"}]


@pytest.mark.parametrize(("rows", "status"), [(5, "passed"), (20, "passed"), (4, "failed"), (21, "failed")])
def test_row_counts_are_compared_with_the_last_run_that_passed(judged: JudgedOf, rows: int, status: str) -> None:
    last = {"rows": 10, "distributions": {}, "correlations": {}}
    found = one(judged(last, a=[1] * rows), kind="row_count", least_of_last=0.5, most_of_last=2)
    assert (found.status, found.allowed, found.value) == (status, "from 5 to 20", rows)


SINE = [math.sin(each) for each in range(400)]


@pytest.mark.parametrize(("method", "at_most"), [("psi", 0.25), ("ks", 0.2)])
def test_a_distribution_is_compared_with_that_of_the_reference(judged: JudgedOf, method: str, at_most: float) -> None:
    expectation = {"kind": "distribution", "column": "a", "method": method, "at_most": at_most}
    before = judged(a=SINE)
    reference = profile(before.table, EXPECTATIONS.validate_python([expectation]), before.ask)
    assert json.loads(json.dumps(reference)) == reference
    alike = one(judged(reference, a=[math.sin(each + 0.5) for each in range(300)]), **expectation)
    assert (alike.status, alike.value < at_most) == ("passed", True)
    moved = one(judged(reference, a=[each + 1 for each in SINE]), **expectation)
    assert (moved.status, moved.value > at_most) == ("failed", True)


@pytest.mark.parametrize(("method", "at_most"), [("psi", 0.25), ("ks", 0.5)])
@pytest.mark.parametrize(("often", "moved"), [(0.0, -1000.0), (0.0, -1e-9), (200.0, 199.5)])
def test_many_equal_values_that_move_down_are_another_distribution(
    judged: JudgedOf, method: str, at_most: float, often: float, moved: float
) -> None:
    expectation = {"kind": "distribution", "column": "a", "method": method, "at_most": at_most}
    others = [float(each) for each in range(1, 401)]
    before = judged(a=[often] * 600 + others)
    reference = profile(before.table, EXPECTATIONS.validate_python([expectation]), before.ask)
    assert one(replace(before, reference=reference), **expectation).value == 0
    found = one(judged(reference, a=[moved] * 600 + others), **expectation)
    assert (found.status, found.value > at_most) == ("failed", True)


def test_a_reference_without_a_value_leaves_a_distribution_not_judged(judged: JudgedOf) -> None:
    expectation = {"kind": "distribution", "column": "a", "method": "ks", "at_most": 0.1}
    before = judged(a=pa.array([None] * 200, pa.float64()))
    reference = profile(before.table, EXPECTATIONS.validate_python([expectation]), before.ask)
    found = one(judged(reference, a=SINE), **expectation)
    assert (found.status, found.said) == ("not judged", "the reference has no values to compare with")


def test_a_correlation_is_compared_with_that_of_the_reference(judged: JudgedOf) -> None:
    expectation = {"kind": "correlation", "columns": ["a", "b"], "differs_at_most": 0.2}
    before = judged(a=SINE, b=[2 * each for each in SINE])
    reference = profile(before.table, EXPECTATIONS.validate_python([expectation]), before.ask)
    assert one(judged(reference, a=SINE, b=SINE), **expectation).status == "passed"
    assert one(judged(reference, a=SINE, b=[-each for each in SINE]), **expectation).value == pytest.approx(-1)
    assert one(judged(reference, a=SINE, b=[-each for each in SINE]), **expectation).status == "failed"
    assert one(judged(reference, a=SINE, b=[1.0] * 400), **expectation).said == "one of the columns never changes"


def test_nan_and_infinity_do_not_hide_a_correlation_or_a_distribution(judged: JudgedOf) -> None:
    expectations = EXPECTATIONS.validate_python(
        [
            {"kind": "correlation", "columns": ["a", "b"], "differs_at_most": 0.2},
            {"kind": "distribution", "column": "a", "method": "psi", "at_most": 1},
        ]
    )
    plain = judged(a=SINE, b=SINE)
    dirty = judged(a=[*SINE, NAN, INF], b=[*SINE, 1.0, 1.0])
    first, second = (profile(each.table, expectations, each.ask) for each in (plain, dirty))
    assert first["correlations"] == pytest.approx(second["correlations"])
    assert first["distributions"] == second["distributions"]


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (None, "no run before passed"),
        ({"rows": 9, "distributions": {"a psi": {"edges": [], "below": []}}}, "2 rows are too few to compare"),
        ({"rows": 9, "distributions": {}}, "the reference has none"),
    ],
)
def test_without_a_reference_nothing_is_judged_and_the_report_says_why(
    judged: JudgedOf, reference: dict[str, Any] | None, said: str
) -> None:
    found = one(judged(reference, a=[1.0, 2.0]), kind="distribution", column="a", method="psi", at_most=0.2)
    assert (found.status, said in found.said) == ("not judged", True)
    assert passed([found])


def test_an_expectation_of_a_column_that_is_not_there_fails(judged: JudgedOf) -> None:
    found = one(judged(a=[1]), kind="range", column="b", low=0)
    assert (found.status, found.said, passed([found])) == ("failed", "there is no column b", False)


def test_distances_are_those_of_their_definitions() -> None:
    assert distance("psi", [0.5], [0.5]) == 0
    assert distance("psi", [0.5], [0.8]) == pytest.approx(0.3 * math.log(1.6) - 0.3 * math.log(0.4))
    assert distance("ks", [0.2, 0.5], [0.3, 0.9]) == pytest.approx(0.4)


@pytest.mark.parametrize(("severity", "stops"), [("log", False), ("alert", False), ("stop", True)])
def test_what_stops_a_run_is_said_by_the_severity(judged: JudgedOf, severity: str, stops: bool) -> None:
    found = one(judged(a=[1]), kind="row_count", least=2, severity=severity)
    assert (found.severity, passed([found])) == (severity, not stops)


SCHEMA = DataFrameSchema(
    {
        "id": Column(types.int64, unique=True),
        "at": Column(TIME),
        "a": Column(AMOUNT, Check.gt(0), nullable=True),
        "f": Column(types.float64),
    },
    strict=True,
    ordered=True,
)
GOOD = {"at": hours(1, 2), "a": decimals("1", None), "f": [1.0, 2.0]}


def test_rows_of_the_schema_pass_it_also_when_there_are_none(judged: JudgedOf) -> None:
    for rows in (
        judged(**GOOD),
        judged(id=pa.array([], pa.int64()), at=hours(), a=decimals(), f=pa.array([], pa.float64())),
    ):
        results = columns_and_types(SCHEMA, rows) + values(SCHEMA, rows)
        assert {each.status for each in results} == {"passed"}


@pytest.mark.parametrize(
    ("columns", "where", "said"),
    [
        ({**GOOD, "x": [1, 2]}, "x", "is a column too many"),
        ({"at": GOOD["at"], "a": GOOD["a"]}, "f", "is missing"),
        ({"at": GOOD["at"], "a": GOOD["a"], "g": GOOD["f"]}, "g", "is a column too many"),
        ({"a": GOOD["a"], "at": GOOD["at"], "f": GOOD["f"]}, "a", "is out of order"),
        ({**GOOD, "f": [1, 2]}, "f", "int64"),
        ({**GOOD, "at": GOOD["at"].cast(pa.timestamp("us"))}, "at", "timestamp(6)"),
    ],
)
def test_a_column_too_many_too_few_renamed_moved_or_of_another_type_is_named(
    judged: JudgedOf, columns: dict[str, Any], where: str, said: str
) -> None:
    results = columns_and_types(SCHEMA, judged(**columns))
    assert {each.status for each in results} == {"failed"}
    assert {each.where: each.value for each in results}[where] == said


@pytest.mark.parametrize(
    ("column", "broken", "rows"),
    [
        ("a", decimals("0", "1"), 1),
        ("f", pa.array([None, NAN], pa.float64()), 2),
        ("at", pa.array([None, NOW], pa.timestamp("us", tz="UTC")), 1),
        ("id", [4, 4], 1),
    ],
)
def test_values_that_the_schema_forbids_are_counted_and_shown(
    judged: JudgedOf, column: str, broken: Any, rows: int
) -> None:
    failed = [each for each in values(SCHEMA, judged(**{**GOOD, column: broken})) if each.status == "failed"]
    assert [(each.where, each.rows) for each in failed] == [(column, rows)]
    assert failed[0].sample_keys


@pytest.mark.parametrize(
    ("expectation", "said"),
    [
        ({"kind": "presense", "column": "a"}, "does not match any of the expected tags"),
        ({"kind": "range", "column": "a"}, "takes low, high or both"),
        ({"kind": "row_count"}, "takes least, most"),
        ({"kind": "unique", "columns": []}, "at least 1 item"),
        ({"kind": "freshness", "column": "a", "within": "2 hours"}, "pattern"),
        ({"kind": "presence", "column": "a", "severity": "fatal"}, "'log', 'alert' or 'stop'"),
        ({"kind": "presence", "column": "a", "at_most": 1}, "Extra inputs"),
    ],
)
def test_an_expectation_that_means_nothing_is_refused_before_anything_runs(expectation: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        EXPECTATIONS.validate_python([expectation])
