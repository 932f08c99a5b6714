"""From a row of production back to where it comes from: run, source, code, objects and both reports."""

import argparse
from typing import Any

from pipeline_shared.log import printable
from pipeline_shared.settings import SettingsError

from conf.base import Place, load_place
from pipeline_dataops.errors import StepError
from pipeline_dataops.query.catalog import Promotion, promotion_of
from pipeline_dataops.query.core import production_rows, reading
from pipeline_dataops.query.printing import plain, show


def lineage(given: argparse.Namespace) -> int:
    """Print the lineage of the row with this key; exit code 1 where there is none."""
    place = load_place(given.table, given.data)
    promotion = lineage_of(place, given.key)
    row = dict(zip(place.schema.processed_keys, given.key, strict=True))
    show(given.format, {"row": row, **said(promotion)}, [f"row: {printable(str(row))}", *lines(promotion)])
    return 0


def lineage_of(place: Place, key: list[str]) -> Promotion:
    """Answer the promotion that a row of production came by.

    Args:
        place: the table, and a role that may read production.
        key: values of the processed table's key columns, in their order.

    Raises:
        SettingsError: too few values or too many, or one of another type.
        StepError: there is no such row, or the database is away or refuses.
    """
    names = place.schema.processed_keys
    if len(key) != len(names):
        raise SettingsError(f"lineage takes one value for each of {list(names)}, got {key}")
    found = production_rows(place, list(zip(names, key, strict=True)), 1).plain()
    if not found:
        raise StepError(
            f"production.{place.table.processed_table} has no row with {dict(zip(names, key, strict=True))}"
        )
    with reading(place.postgres) as connection:
        promotion = promotion_of(connection, str(found[0]["run_id"]))
    if promotion is None:
        raise StepError(f"run {found[0]['run_id']} of this row is not in production.promotions; who wrote the row?")
    return promotion


def said(one: Promotion) -> dict[str, Any]:
    """Turn a promotion into plain data."""
    return {
        "runId": one.run_id,
        "table": one.table_name,
        "source": one.source,
        "codeVersion": one.code_version,
        "extractedAt": plain(one.extracted_at),
        "raw": {"object": str(one.raw), "rows": one.raw_rows},
        "promoted": {"object": str(one.object), "rows": one.rows, "at": plain(one.promoted_at)},
        "reports": [str(one.report_1), str(one.report_2)],
    }


def lines(one: Promotion) -> list[str]:
    """Say the same line by line."""
    told = [
        f"run: {one.run_id}, extracted {plain(one.extracted_at)}, promoted {plain(one.promoted_at)}",
        f"source: {one.source}",
        f"code: {one.code_version}",
        f"raw object: {one.raw}, {one.raw_rows} rows",
        f"promoted object: {one.object}, {one.rows} rows",
        f"report of round 1: {one.report_1}",
        f"report of round 2: {one.report_2}",
    ]
    return [printable(each) for each in told]
