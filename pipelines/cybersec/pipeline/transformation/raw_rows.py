"""One object of RAW as rows of SILVER: judged once more, in exact types, each address in one spelling."""

import datetime as dt
import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pipeline_shared.stopping import stop_if_asked

from pipeline.ingestion.files import RUN_ID_KEY
from pipeline.ingestion.schema import ROWS
from pipeline.ingestion.source_rows import read_network_events
from pipeline.ingestion.validation import refused, valid


@dataclass(frozen=True)
class TypedRows:
    """Rows of one object, in a local file."""

    file: Path
    rows_of_day: dict[dt.date, int]
    """How many rows it has of each day in UTC, oldest day first."""
    ingestion_run_id: str


def typed_rows(raw: Path, typed: Path) -> TypedRows:
    """Write the rows of a file of RAW into another file, some at a time.

    Raises:
        RefusedError: it isn't what the ingestion writes.
        StoppedError: the run was asked to end.
    """
    days: dict[dt.date, int] = {}
    with pq.ParquetWriter(typed, ROWS, compression="zstd") as writer:
        for batch in _judged(raw):
            stop_if_asked()
            writer.write_table(batch)
            for each in pc.value_counts(pc.cast(batch.column("timestamp"), pa.date32())).to_pylist():
                days[each["values"]] = days.get(each["values"], 0) + each["counts"]
    if not days:
        raise refused("rows", raw.name, "has no row")
    return TypedRows(typed, dict(sorted(days.items())), _ingestion_run(raw))


def _judged(raw: Path) -> Iterator[pa.Table]:
    now = dt.datetime.now(dt.UTC)
    first = 0
    for batch in read_network_events(raw):
        table = valid(batch, now, first)
        first += batch.num_rows
        for name in ("src_ip", "dst_ip"):
            table = table.set_column(table.column_names.index(name), ROWS.field(name), one_spelling(table.column(name)))
        yield table.replace_schema_metadata(None)


def one_spelling(addresses: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write each IPv6 address as RFC 5952 does: the same address is the same text. IPv4 has one spelling already."""
    known = pc.unique(pc.filter(addresses, pc.match_substring(addresses, ":")))
    if len(known) == 0:
        return addresses
    spelled = pa.array([str(ipaddress.ip_address(each)) for each in known.to_pylist()], pa.string())
    return pc.coalesce(pc.take(spelled, pc.index_in(addresses, value_set=known)), addresses)


def _ingestion_run(raw: Path) -> str:
    said = (pq.read_metadata(raw).metadata or {}).get(RUN_ID_KEY.encode(), b"")
    return json.dumps(said.decode(errors="replace"))[1:-1]
