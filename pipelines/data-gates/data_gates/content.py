"""The second gate: Great Expectations judges what the texts of a model are like, by a suite that is code."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import pandas as pd

from data_gates.finding import MOST_LINES, Finding


@dataclass(frozen=True)
class Content:
    """What the texts of one model are to be like."""

    kinds: tuple[str, ...]
    patterns: dict[str, str] = field(default_factory=dict)
    """By kind: what each of its spans matches."""
    characters: tuple[float, float] = (40, 250)
    """Least and most of the mean."""
    with_spans: tuple[float, float] = (0.6, 0.95)
    """Least and most share of texts in which something is to be found: else a model learns to find always, or never."""
    least_distinct: float = 0.9
    """Share of the texts."""


MODELS = {
    "identity-masker": Content(
        kinds=("address", "card", "email", "iban", "person", "phone"),
        patterns={
            "card": r"^\d(?:[ -]?\d){11,18}$",
            "email": r"^[^@\s]+@[^@\s]+\.[^@\s.]+$",
            "iban": r"^[A-Z]{2}\d{2}(?: ?[A-Z0-9]){10,30}$",
            "phone": r"^(?:\D*\d){5,}\D*$",
        },
    ),
}
_BROKEN = r"[\x00-\x08\x0b-\x1f\x7f\ufffd]"
"""What a wrong encoding or a cut file leaves."""


def judge(texts: pd.DataFrame, spans: pd.DataFrame, content: Content, sizes: tuple[int, int]) -> list[Finding]:
    """Judge by all expectations.

    Args:
        texts: as `rows.read` answers them.
        spans: as well.
        content: what they are to be like.
        sizes: how many texts to learn from, and how many that are held out, the configuration asks for.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # no usage statistics
    import great_expectations as gx  # noqa: PLC0415  seconds, which a wrong use doesn't pay
    from great_expectations.data_context.types.base import ProgressBarsConfig  # noqa: PLC0415

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("data")
    found: list[Finding] = []
    for name, table, suite in (
        ("texts", _described(texts, spans), _of_texts(content, sizes)),
        ("spans", _columns(spans, ["kind", "surface"]), _of_spans(content)),
    ):
        batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("all")
        judged = batch.get_batch({"dataframe": table}).validate(
            gx.ExpectationSuite(name=name, expectations=list(suite)), result_format={"result_format": "COMPLETE"}
        )
        found += [_finding(each) for each in judged.results]
    return found


def _columns(table: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Take columns, empty ones where they are missing; rows are called by their line."""
    made = table.reindex(columns=names).infer_objects()
    made.index = pd.Index([int(each) for each in table["line"]])
    return made


def _described(texts: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    made = _columns(texts, ["text"])
    words = [each if isinstance(each, str) else "" for each in made["text"]]
    held_out = [each is True for each in _columns(texts, ["held_out"])["held_out"]]
    learnt = {word for word, held in zip(words, held_out, strict=True) if not held}
    marked = set(spans["line"])
    made["with_spans"] = [int(line in marked) for line in made.index]
    made["characters"] = [len(each) for each in words]
    made["held_out"] = [int(each) for each in held_out]
    made["also_learnt"] = [held and word in learnt for word, held in zip(words, held_out, strict=True)]
    return made


def _of_texts(content: Content, sizes: tuple[int, int]) -> Iterable[Any]:
    from great_expectations import expectations as gxe  # noqa: PLC0415

    learnt, held_out = sizes
    yield gxe.ExpectTableRowCountToEqual(value=learnt + held_out)
    yield gxe.ExpectColumnSumToBeBetween(column="held_out", min_value=held_out, max_value=held_out)
    yield gxe.ExpectColumnProportionOfUniqueValuesToBeBetween(column="text", min_value=content.least_distinct)
    yield gxe.ExpectColumnValuesToNotMatchRegex(column="text", regex=_BROKEN)
    yield gxe.ExpectColumnValuesToBeInSet(column="also_learnt", value_set=[False])
    for column, (least, most) in (("characters", content.characters), ("with_spans", content.with_spans)):
        yield gxe.ExpectColumnMeanToBeBetween(column=column, min_value=least, max_value=most)


def _of_spans(content: Content) -> Iterable[Any]:
    from great_expectations import expectations as gxe  # noqa: PLC0415
    from great_expectations.expectations.row_conditions import Column  # noqa: PLC0415

    yield gxe.ExpectColumnDistinctValuesToContainSet(column="kind", value_set=list(content.kinds))
    yield gxe.ExpectColumnValuesToNotMatchRegex(column="surface", regex=r"^\s|\s$|^$")
    for kind, pattern in content.patterns.items():
        yield gxe.ExpectColumnValuesToMatchRegex(
            column="surface", regex=pattern, row_condition=Column("kind") == kind, meta={"kind": kind}
        )


def _finding(judged: Any) -> Finding:
    config, result = judged.expectation_config, judged.result
    column = str(config.kwargs.get("column", "all"))
    expectation = config.type
    if config.meta and "kind" in config.meta:
        expectation += f", of {config.meta['kind']}"
    raised = judged.exception_info
    if raised and raised.get("raised_exception"):
        # Of values that have other types than they should: the first gate names them.
        return Finding("great_expectations", column, expectation, False, found="can't be judged, see what pandera says")
    if "unexpected_count" in result:
        lines = sorted(set(result.get("unexpected_index_list") or []))
        return Finding(
            "great_expectations",
            column,
            expectation,
            bool(judged.success),
            int(result["unexpected_count"]),
            tuple(int(each) for each in lines[:MOST_LINES]),
        )
    return Finding(
        "great_expectations", column, expectation, bool(judged.success), found=_observed(result, config.kwargs)
    )


def _observed(result: dict[str, Any], asked: dict[str, Any]) -> str:
    if "value_set" in asked:
        return f"{len(result.get('partial_missing_list') or [])} of {', '.join(asked['value_set'])} are missing"
    value = result.get("observed_value")
    shown = f"{float(value):g}" if isinstance(value, Real) else "nothing"
    limits = ("value", "min_value", "max_value")
    wanted = [f"{name.removesuffix('_value')} {asked[name]:g}" for name in limits if name in asked]
    return f"{shown}; expected: {', '.join(wanted)}"
