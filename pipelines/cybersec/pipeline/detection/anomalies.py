"""Traffic that nobody should see: made up with a seed, since real rows have no labels, to measure what is found."""

import datetime as dt
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.ingestion.schema import ROWS


class Kind(NamedTuple):
    """One kind of anomaly: a protocol, powers of ten of bytes, seconds."""

    protocol: str
    bytes: tuple[float, float]
    seconds: tuple[float, float]


# `docs/detection.md` has the same table.
KINDS = {
    "exfiltration": Kind("TCP", (9.0, 11.0), (1.0, 60.0)),
    "flood": Kind("UDP", (8.0, 10.0), (0.001, 0.01)),
    "tunnel": Kind("ICMP", (7.0, 9.0), (600.0, 36_000.0)),
    "beacon": Kind("TCP", (1.61, 1.8), (36_000.0, 86_400.0)),
}


def anomalies(of_each: int, seed: int, at: dt.datetime) -> dict[str, pa.Table]:
    """Make up so many rows of each kind, the same ones for the same seed."""
    chance = np.random.default_rng(seed)
    return {name: _rows(kind, of_each, chance, at) for name, kind in KINDS.items()}


def _rows(kind: Kind, count: int, chance: np.random.Generator, at: dt.datetime) -> pa.Table:
    columns = [
        pa.array([at] * count, pa.timestamp("us", tz="UTC")),
        pa.array([f"10.66.0.{1 + each % 254}" for each in range(count)]),
        pa.array([f"203.0.113.{1 + each % 254}" for each in range(count)]),
        pa.array((10 ** chance.uniform(*kind.bytes, count)).astype(np.int64)),
        pa.array(chance.uniform(*kind.seconds, count)),
        pa.array([kind.protocol] * count),
    ]
    return pa.Table.from_arrays(columns, schema=ROWS)
