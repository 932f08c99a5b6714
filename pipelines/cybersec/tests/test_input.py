"""What is refused before anything is written, and what is taken: no server is needed to know."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pipeline.ingestion.files import file_name, other_names, write_parquet
from pipeline.ingestion.schema import MOST_BYTES, ROWS
from pipeline.ingestion.source_rows import generate_network_events, read_network_events
from pipeline.ingestion.validation import RefusedError, valid

NOW = dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
HEAD = "timestamp,src_ip,dst_ip,bytes,duration,protocol"
GOOD = "2026-03-28T12:00:00Z,10.0.0.1,203.0.113.7,1500,0.25,TCP"


def table(**columns: Any) -> pa.Table:
    """Two good rows, with some columns replaced."""
    good = {
        "timestamp": pa.array([NOW, NOW], pa.timestamp("us", tz="UTC")),
        "src_ip": ["10.0.0.1", "2001:db8::1"],
        "dst_ip": ["203.0.113.7", "203.0.113.8"],
        "bytes": pa.array([40, 1500], pa.int64()),
        "duration": [0.0, 12.5],
        "protocol": ["TCP", "ICMP"],
    }
    return pa.table({**good, **columns})


def refusal(found: pa.Table) -> dict[str, str]:
    """What is said of each column."""
    with pytest.raises(RefusedError) as refused:
        valid(found, NOW)
    return {each.column: each.said for each in refused.value.problems}


def test_good_rows_come_back_in_the_exact_types() -> None:
    assert valid(table(), NOW).schema == ROWS


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("bytes", pa.array([1500, None], pa.int64()), "missing or not a number"),
        ("bytes", pa.array([39, 1500]), "is not from 40 to"),
        ("bytes", pa.array([MOST_BYTES + 1, 1500]), "is not from 40 to"),
        ("bytes", ["1500", "many"], "has type string, expected int64"),
        ("bytes", [1500.0, 1500.5], "has type double, expected int64"),
        ("duration", [float("inf"), 1.0], "is not from 0 to 86400 seconds"),
        ("duration", [-0.001, 1.0], "is not from 0 to 86400 seconds"),
        ("protocol", ["tcp", "TCP"], "is none of ICMP, TCP, UDP"),
        ("src_ip", ["10.0.0.256", "10.0.0.1"], "is no IPv4 or IPv6 address"),
        ("src_ip", ["10.0.0.1\n", "10.0.0.1"], "is no IPv4 or IPv6 address"),
        ("src_ip", ["", "10.0.0.1"], "is no IPv4 or IPv6 address"),
        ("dst_ip", ["fe80::1%eth0", "10.0.0.1"], "is no IPv4 or IPv6 address"),
        ("dst_ip", ["010.0.0.1", "10.0.0.1"], "is no IPv4 or IPv6 address"),
        ("timestamp", [dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2)], "has type timestamp[us], expected"),  # noqa: DTZ001
        ("timestamp", pa.array([0, 1], pa.timestamp("us", tz="UTC")), "is not between 2000-01-01 and"),
        ("timestamp", pa.array([NOW, NOW + dt.timedelta(days=2)], pa.timestamp("us", tz="UTC")), "is not between"),
    ],
)
def test_a_column_of_wrong_values_is_refused_and_named(column: str, values: Any, said: str) -> None:
    assert said in refusal(table(**{column: values}))[column]


UTC_US = pa.timestamp("us", tz="UTC")
NO_TEXT = pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff\xfe", b"a"]).buffers())


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("src_ip", NO_TEXT),
        ("protocol", NO_TEXT),
        ("timestamp", pa.array([0, 300_000_000_000_000_000], UTC_US)),
        ("timestamp", pa.array([0, -100_000_000_000_000_000], UTC_US)),
        ("timestamp", pa.array([10**17, 0], pa.timestamp("s", tz="UTC"))),
        ("timestamp", pa.array([0, 1], pa.timestamp("us", tz="Mars/Base"))),
    ],
)
def test_values_that_nobody_can_read_are_refused_with_their_column(column: str, values: Any) -> None:
    assert "has values that can't be read: " in refusal(table(**{column: values}))[column]


def test_a_column_that_is_there_twice_is_refused() -> None:
    twice = table().append_column("src_ip", table().column("dst_ip"))
    assert "is there 2 times" in refusal(twice)["src_ip"]
    assert "is there 3 times" in refusal(twice.append_column("src_ip", table().column("bytes")))["src_ip"]


def test_text_in_views_is_text() -> None:
    views = pa.array(["10.0.0.1", "2001:db8::1"], pa.string_view())
    assert valid(table(src_ip=views), NOW) == table().cast(ROWS)
    hostile = pa.array(["\x1b[31m", "10.0.0.1"], pa.string_view())
    assert "is no IPv4 or IPv6 address" in refusal(table(src_ip=hostile))["src_ip"]


def test_not_a_number_is_missing() -> None:
    assert "missing or not a number" in str(refusal_text(table(duration=[float("nan"), 1.0])))


def refusal_text(found: pa.Table) -> str:
    """The whole sentence."""
    with pytest.raises(RefusedError) as refused:
        valid(found, NOW)
    return str(refused.value)


@pytest.mark.parametrize(
    "text", ["=HYPERLINK(1)", "'; DROP TABLE ingestion_events; --", "\x1b[31m10.0.0.1", "10.0.0.1\x00"]
)
@pytest.mark.parametrize("column", ["src_ip", "dst_ip", "protocol"])
def test_hostile_text_in_any_column_of_text_is_refused(column: str, text: str) -> None:
    assert column in refusal(table(**{column: [text, text]}))


def test_a_column_too_many_too_few_renamed_or_out_of_order_is_refused() -> None:
    assert "is a column too many" in refusal(table(port=[1, 2]))["port"]
    assert "is missing" in refusal(table().drop_columns(["bytes"]))["bytes"]
    renamed = refusal(table().rename_columns(["time", *ROWS.names[1:]]))
    assert "is a column too many" in renamed["time"]
    assert "is missing" in renamed["timestamp"]
    assert refusal(table().select([*ROWS.names[1:], "timestamp"]))


def test_times_of_any_zone_are_the_same_moments_also_while_clocks_are_set_forward() -> None:
    zone = pa.timestamp("ns", tz="Europe/Madrid")
    moments = [dt.datetime(2026, 3, 29, hour, 30, tzinfo=dt.UTC) for hour in (0, 1)]
    found = valid(table(timestamp=pa.array(moments, zone)), NOW).column("timestamp").to_pylist()
    assert found == moments


def test_types_with_room_for_the_same_values_are_taken() -> None:
    other = table(bytes=pa.array([40, 1500], pa.uint16()), duration=pa.array([0, 12.5], pa.float32()))
    other = other.set_column(1, "src_ip", other.column("src_ip").cast(pa.large_string()))
    assert valid(other, NOW) == table().cast(ROWS)


def read(file: Path) -> pa.Table:
    """All rows of a file, judged."""
    return pa.concat_tables(valid(each, NOW) for each in read_network_events(file))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}\n{GOOD}\n2026-03-28T12:00:00Z,10.0.0.1,203.0.113.7,many,0.25,TCP\n", "can't be read: In CSV column"),
        (f"{HEAD}\n{GOOD}\n{GOOD},surplus\n", "Expected 6 columns, got 7"),
        (f"{HEAD}\n2026-03-28T12:00:00,10.0.0.1,203.0.113.7,1,0.25,TCP\n", "can't be read"),
        (f"{HEAD}\n2026-03-28T12:00:00Z,10.0.0.1,203.0.113.7,,0.25,TCP\n", "missing or not a number"),
        (f"{HEAD}\n2026-03-28T12:00:00Z,10.0.0.1,203.0.113.7,1500,inf,TCP\n", "is not from 0 to 86400 seconds"),
        (f"{HEAD},port\n{GOOD},1\n", "port: is a column too many"),
        ("", "can't be read"),
    ],
)
def test_a_csv_file_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "events.csv"
    file.write_text(text)
    with pytest.raises(RefusedError, match=r".") as refused:
        read(file)
    assert said in str(refused.value)


def test_a_csv_and_a_parquet_file_of_the_same_rows_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        f"{HEAD}\n{GOOD}\n2026-03-28T13:00:00+01:00,10.0.0.1,203.0.113.7,1500,0.25,TCP\n"
    )
    rows = read(tmp_path / "events.csv")
    assert rows.num_rows == 2
    assert len(set(rows.column("timestamp").to_pylist())) == 1
    pq.write_table(rows, tmp_path / "events.parquet")
    assert read(tmp_path / "events.parquet") == rows


def test_a_half_written_parquet_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "events.parquet"
    pq.write_table(table(), file)
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(RefusedError, match="can't be read"):
        read(file)


@pytest.mark.parametrize("name", ["events.txt", "nothing.csv", "nothing.parquet"])
def test_a_file_that_is_not_there_or_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "events.txt").write_text(HEAD)
    with pytest.raises(RefusedError, match=name):
        read(tmp_path / name)


def test_no_row_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"events\.csv: has no row"):
        write_parquet([], tmp_path / ".run.partial", "run", "events.csv")
    with pytest.raises(RefusedError, match=r"events\.csv: has no row"):
        write_parquet([table().slice(0, 0).cast(ROWS)], tmp_path / "b.parquet", "run", "events.csv")


def test_made_up_rows_are_valid_and_the_same_for_the_same_seed() -> None:
    made = [pa.concat_tables(generate_network_events(1000, seed, NOW)) for seed in (7, 7, 8)]
    assert valid(made[0], NOW).num_rows == 1000
    assert made[0] == made[1]
    assert made[0] != made[2]
    later = pa.concat_tables(generate_network_events(1000, 7, NOW + dt.timedelta(hours=1)))
    assert later.drop_columns(["timestamp"]) == made[0].drop_columns(["timestamp"])


def test_names_are_the_time_in_utc_then_numbered() -> None:
    madrid = dt.datetime(2025, 12, 20, 13, 12, 9, 999_999, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    names = other_names(file_name(madrid))
    assert next(names) == "network_events_20251220_121209.parquet"
    assert next(names) == "network_events_20251220_121209-1.parquet"
