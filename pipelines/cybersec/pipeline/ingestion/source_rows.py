"""Where rows come from: made up, or read from a file. Either way in batches, so that memory stays bounded."""

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from pipeline.ingestion.schema import ROWS
from pipeline.ingestion.validation import first_line, refused

BATCH_ROWS = 100_000
_CSV_BLOCK_BYTES = 8 * 2**20
_DAY_US = 86_400_000_000


def generate_network_events(rows: int, seed: int | None, until: dt.datetime) -> Iterator[pa.Table]:
    """Make up network traffic; the same seed makes the same rows, at the same distance before `until`.

    Times lie in the day before `until`, ascending within a batch; sources in 10.0.0.0/8 and destinations in
    203.0.113.0/24 (nobody's own); bytes from 40 to about 20 million and durations from 1 ms to about ten minutes, both
    with many small values and few large ones; protocols TCP 80 %, UDP 17 %, ICMP 3 %.
    """
    chance = random.Random(seed)  # noqa: S311  no secret comes of it
    last = int(until.timestamp()) * 1_000_000
    for first in range(0, rows, BATCH_ROWS):
        yield _made_up(min(BATCH_ROWS, rows - first), chance, last)


def _made_up(count: int, chance: random.Random, last: int) -> pa.Table:
    def uniform() -> pa.Array:
        return pc.random(count, initializer=chance.getrandbits(63))

    def whole(low: int, high: int) -> pa.Array:
        return pc.cast(pc.floor(pc.add(pc.multiply(uniform(), high - low), low)), pa.int64())

    def skewed(low: float, digits: float) -> pa.Array:
        """From `low` up, over so many powers of ten."""
        return pc.multiply(pc.power(10.0, pc.multiply(uniform(), digits)), low)

    def address(*octets: pa.Scalar | pa.Array) -> pa.Array:
        return pc.binary_join_element_wise(*(pc.cast(each, pa.string()) for each in octets), ".")

    kind = uniform()
    protocol = pc.if_else(pc.less(kind, 0.8), "TCP", pc.if_else(pc.less(kind, 0.97), "UDP", "ICMP"))
    times = pc.add(whole(0, _DAY_US), last - _DAY_US)
    columns = [
        pc.cast(pc.take(times, pc.sort_indices(times)), pa.timestamp("us", tz="UTC")),
        address(pa.scalar("10"), whole(0, 256), whole(0, 256), whole(1, 255)),
        address(pa.scalar("203"), pa.scalar("0"), pa.scalar("113"), whole(1, 255)),
        pc.cast(pc.floor(skewed(40.0, 5.7)), pa.int64()),
        skewed(0.001, 5.8),
        protocol,
    ]
    return pa.Table.from_arrays(columns, schema=ROWS)


def read_network_events(file: Path) -> Iterator[pa.Table]:
    """Read a CSV or Parquet file, some rows at a time.

    Raises:
        RefusedError: it is no such file, or a part of it can't be read as the types of the schema.
    """
    try:
        if file.suffix == ".csv":
            yield from _read_csv(file)
        elif file.suffix == ".parquet":
            yield from _read_parquet(file)
        else:
            raise refused("file", file.name, "is neither .csv nor .parquet")
    except OSError as error:
        raise refused("file", file.name, f"can't be read: {error.strerror or error}") from None
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise refused("file", file.name, f"can't be read: {first_line(error)}") from None


def _read_csv(file: Path) -> Iterator[pa.Table]:
    types = pyarrow.csv.ConvertOptions(column_types={field.name: field.type for field in ROWS})
    blocks = pyarrow.csv.ReadOptions(block_size=_CSV_BLOCK_BYTES, use_threads=False)
    with pyarrow.csv.open_csv(file, read_options=blocks, convert_options=types) as reader:
        for batch in reader:
            yield pa.Table.from_batches([batch])


def _read_parquet(file: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(file, pre_buffer=False) as reader:  # else it is held in memory as a whole, in the end
        if reader.metadata.num_rows == 0:
            yield reader.schema_arrow.empty_table()
        for batch in reader.iter_batches(batch_size=BATCH_ROWS):
            yield pa.Table.from_batches([batch])
