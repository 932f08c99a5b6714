"""Transformations that every engine must do alike. `python engine_cases.py spark FOLDER` does them on Spark."""

import datetime as dt
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq

from conf.environment.base import Environment
from conf.transform.base import TransformConf
from pipeline_dataops.engines import Engine, EngineName, engine
from pipeline_dataops.transform.result_file import write_result
from pipeline_dataops.transform.steps import Plan, transformed

AMOUNT = pa.decimal128(38, 18)
UTC = pa.timestamp("us", tz="UTC")
START = dt.datetime(2026, 3, 28, 22, 0, 0, 1, tzinfo=dt.UTC)
"""In Europe clocks are set forward three hours later."""
ROWS = 600


@dataclass(frozen=True)
class Case:
    """Raw rows, partners, the YAML's transform, and what shall come out."""

    raw: pa.Table
    conf: dict[str, Any]
    wanted: dict[str, str]
    keys: list[str]
    partners: list[pa.Table] = field(default_factory=list)
    function: Callable[[ir.Table], ir.Table] | None = None


def dirty() -> pa.Table:
    """Candles with missing values, NaN, infinity, duplicates, outliers, digits to the last place and odd text."""
    numbers = range(ROWS)
    price = [Decimal(60_000) + Decimal(number * 7919 % 1000) / 7 for number in numbers]
    columns = {
        "at": pa.array([START + dt.timedelta(seconds=60 * number) for number in numbers], UTC),
        "symbol": [("BTC", "ETH", "x' \u202e\x1b[31m", None)[number % 4] for number in numbers],
        "open": pa.array([None if number % 97 == 5 else round(each, 18) for number, each in enumerate(price)], AMOUNT),
        "close": pa.array(
            [round(each + Decimal(number % 13) / 3 - 2, 18) for number, each in enumerate(price)], AMOUNT
        ),
        "volume": pa.array([Decimal(10**9 if number % 101 == 3 else number % 17) / 8 for number in numbers], AMOUNT),
        "trades": pa.array([None if number % 50 == 7 else 2**53 + number for number in numbers], pa.int64()),
        "ratio": [(float("nan"), float("inf"), 0.1, 1 / 3, -2.5)[number % 5] for number in numbers],
        "text": [f"{number}.{number % 10}" for number in numbers],
    }
    table = pa.table(columns)
    again = table.slice(100, 40)
    return pa.concat_tables([table, again, again.set_column(5, "trades", pa.array(range(40), pa.int64()))])


def doubled(table: ir.Table) -> ir.Table:
    """What a schema file may add."""
    return table.mutate(twice=table.n * 2)


TAKEN = {
    "first": {"take": "first", "of": "open", "order": "at"},
    "last": {"take": "last", "of": "close", "order": "at"},
    "low": {"take": "min", "of": "open"},
    "high": {"take": "max", "of": "close"},
    "volume": {"take": "sum", "of": "volume"},
    "trades": {"take": "max", "of": "trades"},
    "mean": {"take": "mean", "of": "close"},
    "ratio": {"take": "sum", "of": "ratio"},
    "text": {"take": "sum", "of": "text"},
    "flagged": {"take": "count"},
    "n": {"take": "count"},
}
CASES = {
    "all steps": Case(
        dirty(),
        {
            "constants": {"market": "spot"},
            "convert": {"text": "decimal(38,18)"},
            "clean": {
                "missing": {"open": "drop", "trades": {"fill": 0}, "ratio": {"fill": 0.25}},
                "duplicates": {"keys": ["at"], "order": ["trades"]},
                "outliers": [
                    {"column": "volume", "method": "iqr", "factor": 3, "action": "drop"},
                    {"column": "close", "method": "zscore", "factor": 1.5, "action": "clip"},
                    {"column": "open", "method": "range", "high": 60_100, "action": "flag"},
                ],
            },
            "join": [
                {
                    "with": {"file": "symbols.csv", "columns": {"symbol": "string", "tick": "decimal(38,18)"}},
                    "how": "left",
                    "keys": {"symbol": "symbol"},
                },
                {
                    "with": {"file": "markets.csv", "columns": {"name": "string", "open_day": "date"}},
                    "how": "inner",
                    "keys": {"market": "name"},
                },
            ],
            "aggregate": {
                "time": {"column": "at", "bucket": "1h", "into": "hour"},
                "by": ["symbol", "tick", "open_day", "open_outlier"],
                "columns": TAKEN,
            },
            "derive": {
                "range": {"op": "subtract", "of": ["high", "low"]},
                "both": {"op": "add", "of": ["range", "n"]},
                "product": {"op": "multiply", "of": ["mean", "volume"]},
                "vwap": {"op": "divide", "of": ["mean", "volume"]},
                "change": {"op": "change", "of": ["first", "last"]},
                "day": {"op": "day", "of": ["hour"]},
                "of_day": {"op": "hour", "of": ["hour"]},
            },
            "function": "doubled",
        },
        {
            "hour": "timestamp('UTC', 6)",
            "symbol": "string",
            "open_outlier": "boolean",
            **dict.fromkeys(
                ["tick", "first", "last", "low", "high", "volume", "text", "range", "both"], "decimal(38,18)"
            ),
            **dict.fromkeys(("mean", "ratio", "product", "vwap", "change"), "float64"),
            **dict.fromkeys(("trades", "n", "twice", "of_day"), "int64"),
            **dict.fromkeys(("day", "open_day"), "date"),
        },
        ["hour", "symbol", "open_outlier"],
        [
            pa.table({"symbol": ["BTC", "ETH"], "tick": pa.array([Decimal("0.01"), None], AMOUNT)}),
            pa.table({"name": ["spot"], "open_day": [dt.date(2020, 2, 29)]}),
        ],
        doubled,
    ),
    "rows become columns": Case(
        dirty(),
        {
            "constants": {"both": "all"},
            "derive": {"day": {"op": "day", "of": ["at"]}},
            "pivot": {"by": ["day"], "names": "both", "values": "volume", "take": "sum", "into": ["all"]},
        },
        {"day": "date", "all": "decimal(38,18)"},
        ["day"],
    ),
}


def carry_out(started: Engine, case: Case, folder: Path, result: Path) -> dict[str, int]:
    """Do a case; writes its rows as a step does, and answers its counts."""
    folder.mkdir(parents=True)
    started.folder = folder
    pq.write_table(case.raw, folder / "raw.parquet")
    for number, partner in enumerate(case.partners):
        pq.write_table(partner, folder / f"{number}.parquet")
    schema = ibis.schema(case.wanted)
    plan = Plan(TransformConf.model_validate(case.conf), ["at"], schema, case.keys, case.function)
    partners = [started.read(folder / f"{number}.parquet") for number in range(len(case.partners))]
    table, counts = transformed(started.read(folder / "raw.parquet"), partners, plan, started.ask)
    write_result(started.batches(table), schema.to_pyarrow(), {}, counts, result)
    return counts


def main(name: EngineName, folder: Path) -> None:
    """Do all cases on an engine; results are FOLDER/ENGINE-NUMBER.parquet, counts FOLDER/ENGINE.json."""
    started = engine(name, folder, Environment())
    try:
        counts = [
            carry_out(started, case, folder / name / str(number), folder / f"{name}-{number}.parquet")
            for number, case in enumerate(CASES.values())
        ]
    finally:
        started.close()
    (folder / f"{name}.json").write_text(json.dumps(counts))


if __name__ == "__main__":
    main(cast(EngineName, sys.argv[1]), Path(sys.argv[2]))
