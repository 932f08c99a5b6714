"""What a row of network traffic is: columns in this order, with their types and ranges."""

import datetime as dt
import ipaddress
from typing import Any

import pandera.pyarrow as pandera
import pyarrow as pa
import pyarrow.compute as pc
from pandera.constants import CHECK_OUTPUT_KEY

PROTOCOLS = ["ICMP", "TCP", "UDP"]
LEAST_BYTES = 40  # an IPv4 and a TCP header without payload
MOST_BYTES = 2**40
MOST_SECONDS = 86_400.0

ROWS = pa.schema(
    [
        pa.field("timestamp", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("src_ip", pa.string(), nullable=False),
        pa.field("dst_ip", pa.string(), nullable=False),
        pa.field("bytes", pa.int64(), nullable=False),
        pa.field("duration", pa.float64(), nullable=False),  # seconds
        pa.field("protocol", pa.string(), nullable=False),
    ]
)

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = rf"^{_OCTET}(\.{_OCTET}){{3}}$"
_EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_CLOCKS_DIFFER = dt.timedelta(days=1)


def table_schema(now: dt.datetime) -> Any:
    """Make the schema by which Pandera judges a table.

    Args:
        now: rows from later than a day after it are refused.
    """
    latest = now + _CLOCKS_DIFFER
    times = pandera.Check.in_range(_EARLIEST, latest, error=f"is not between {_EARLIEST:%Y-%m-%d} and {latest:%F %T}")
    address = pandera.Check(_addresses, error="is no IPv4 or IPv6 address")
    size = pandera.Check.in_range(LEAST_BYTES, MOST_BYTES, error=f"is not from {LEAST_BYTES} to {MOST_BYTES} bytes")
    seconds = pandera.Check.in_range(0.0, MOST_SECONDS, error=f"is not from 0 to {MOST_SECONDS:g} seconds")
    protocol = pandera.Check.isin(PROTOCOLS, error=f"is none of {', '.join(PROTOCOLS)}")
    return pandera.DataFrameSchema(
        {
            "timestamp": pandera.Column(pa.timestamp("us", tz="UTC"), times),
            "src_ip": pandera.Column(pa.string(), address),
            "dst_ip": pandera.Column(pa.string(), address),
            "bytes": pandera.Column(pa.int64(), size),
            "duration": pandera.Column(pa.float64(), seconds),
            "protocol": pandera.Column(pa.string(), protocol),
        },
        strict=True,
        ordered=True,
    )


def _addresses(data: Any) -> Any:
    column = data.table[data.key].combine_chunks()
    return pa.table({data.key: column, CHECK_OUTPUT_KEY: _are_addresses(column)})


def _are_addresses(texts: pa.Array) -> pa.Array:
    """Tell for each text whether it is an IPv4 or IPv6 address; null where the text is."""
    plain = pc.match_substring_regex(texts, _IPV4)
    others = pc.filter(texts, pc.invert(pc.fill_null(plain, True)))
    if len(others) == 0:
        return plain
    known = pa.array([each for each in pc.unique(others).to_pylist() if _is_address(each)], pa.string())
    return pc.or_(plain, pc.is_in(texts, value_set=known))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone names an interface of one machine
