"""Measures the candles' transformation on DuckDB: `python bench_transform.py 100000 1000000 10000000`, rows each time.

Each size is made and transformed by a process of its own, whose memory is read at its end.
"""

import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from conf.base import TABLES, load_table
from conf.environment.base import Environment
from pipeline_dataops.engines import engine
from pipeline_dataops.transform.result_file import write_result
from pipeline_dataops.transform.steps import Plan, transformed
from pipeline_dataops.transform.structure import dtype
from pipeline_dataops.typed_csv import typed
from schema.base import arrow_schema
from schema.core import load_schema

TABLE = "raw_binance_btcusdt_spot"
BATCH = 500_000
FIRST = int(dt.datetime(2005, 1, 1, tzinfo=dt.UTC).timestamp())
TWICE = 1000
"""So many rows are there twice, so that duplicates are looked for row by row."""


def make(rows: int, file: Path) -> None:
    """Write made-up candles."""
    schema = arrow_schema(load_schema(TABLE).raw)
    random = np.random.default_rng(1)
    with pq.ParquetWriter(file, schema) as writer:
        for begin in range(0, rows, BATCH):
            numbers = np.arange(begin, min(begin + BATCH, rows))
            if begin == 0:
                numbers[:TWICE] = numbers[TWICE : 2 * TWICE]
            time_us = (FIRST + numbers * 60) * 1_000_000
            price = (30_000 + 10_000 * np.sin(numbers / 5e5)) * 1e8
            volume = random.integers(1, 10**10, len(numbers))
            columns: dict[str, Any] = {
                "open_time": time_us,
                "close_time": time_us + 59_999_000,
                "trades": random.integers(0, 5000, len(numbers)),
                "high": price + 10**9,
                "low": price - 10**9,
                "volume": volume,
                "taker_buy_base": volume // 2,
                "quote_volume": volume / 1e8 * price,
                "taker_buy_quote": volume / 2e8 * price,
            }
            writer.write_table(
                pa.table([_column(columns.get(each.name, price), each.type) for each in schema], schema=schema)
            )


def _column(values: Any, kind: pa.DataType) -> pa.Array:
    if not pa.types.is_decimal(kind):
        return pa.array(values).cast(kind)
    whole = pa.array(values.astype("int64")).cast(pa.decimal128(19, 0))
    return pc.multiply(whole, pa.scalar(Decimal("0.00000001"), pa.decimal128(9, 8))).cast(kind)


def measure(file: Path, folder: Path) -> str:
    """Transform once; answers a row of the table in docs/dataops.md."""
    conf, schema = load_table(TABLE), load_schema(TABLE)
    (join,) = conf.transform.join
    symbols = pa.schema([(name, dtype(kind).to_pyarrow()) for name, kind in join.with_.columns.items()])
    partner = typed(TABLES / str(join.with_.file), symbols, folder / "symbols.parquet")
    wanted = arrow_schema(schema.processed)
    plan = Plan(conf.transform, list(schema.keys), ibis.schema(wanted), list(schema.processed_keys))
    begin, processor = time.monotonic(), time.process_time()
    started = engine("duckdb", folder, Environment())
    table, counts = transformed(started.read(file), [started.read(partner)], plan, started.ask)
    out = write_result(started.batches(table), wanted, {}, counts, folder / "result.parquet")
    started.close()
    seconds, used = time.monotonic() - begin, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"| {counts['in']} | {counts['duplicates']} | {out} | {seconds:.1f} | {used:.1f} | {peak} |"


def main(sizes: list[str]) -> None:
    """Measure each size in a process of its own."""
    print("| rows | duplicates | hours | seconds | processor seconds | peak MiB |")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            file = Path(name, "raw.parquet")
            words = [sys.executable, __file__]
            subprocess.run([*words, "make", size, file], check=True)
            subprocess.run([*words, "measure", file, name], check=True)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), Path(sys.argv[3]))
    elif sys.argv[1] == "measure":
        os.environ.pop("DATAOPS_DUCKDB_MEMORY", None)
        print(measure(Path(sys.argv[2]), Path(sys.argv[3])), flush=True)
    else:
        main(sys.argv[1:])
