"""RAW to SILVER on a real server, with the transformation's own key: each row once, whatever is killed or away."""

import datetime as dt
import io
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from forked_command import Answer
from minio import Minio
from pipeline.ingestion.schema import ROWS
from pipeline.storage.layers import RAW, SILVER
from servers import Run
from test_faults import killing

HEAD = "timestamp,src_ip,dst_ip,bytes,duration,protocol\n"
pytestmark = pytest.mark.usefixtures("empty")


@pytest.fixture
def ingested(run: Run, tmp_path: Path) -> Callable[..., str]:
    """Ingest some moments as rows; answers the object's key."""

    def ingest(*moments: str, address: str = "10.0.0.1") -> str:
        lines = [f"{each},{address},203.0.113.7,1500,0.25,TCP\n" for each in moments]
        (tmp_path / "events.csv").write_text(HEAD + "".join(lines))
        done = run("ingest", "--input", "events.csv")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().rpartition("/")[2]

    return ingest


def transform(run: Run, *words: str, before: str = "", **env: str) -> Answer:
    """Run it with its own key, and no setting of a database."""
    return run("transform", *words, login="transformation", before=before, PG_PASSWORD="", **env)


def silver(root: Minio) -> dict[str, pa.Table]:
    """The tables of SILVER, by key."""
    keys = [str(each.object_name) for each in root.list_objects(SILVER, recursive=True)]
    return {key: pq.read_table(io.BytesIO(root.get_object(SILVER, key).read())) for key in keys}


def versions(root: Minio) -> list[str]:
    """All versions of objects in SILVER that are there now."""
    there = {str(each.object_name) for each in root.list_objects(SILVER, recursive=True)}
    listed = root.list_objects(SILVER, recursive=True, include_version=True)
    found = [str(each.object_name) for each in listed if not each.is_delete_marker]
    return [each for each in found if each in there]


def put(root: Minio, key: str, content: bytes) -> None:
    """Put an object into RAW as nobody of the platform may."""
    root.put_object(RAW, key, io.BytesIO(content), len(content))


def parquet(table: pa.Table) -> bytes:
    """A table as a file."""
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_rows_become_an_object_for_each_day_in_utc_also_while_clocks_are_set(
    run: Run, root: Minio, ingested: Callable[..., str]
) -> None:
    # 01:30+01:00 and 03:30+02:00 lie an hour apart: clocks were set forward between them; so do both 02:30 in October.
    moments = ["2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00+01:00", "2026-03-29T00:30:00+01:00"]
    autumn = ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    key = ingested(*moments, *autumn)
    done = transform(run)
    assert done.returncode == 0, done.stderr
    found = silver(root)
    days = {each.partition("/")[0]: table.column("timestamp").to_pylist() for each, table in found.items()}
    assert days == {
        "date=20260328": [dt.datetime(2026, 3, 28, 23, 30, tzinfo=dt.UTC)],
        "date=20260329": [dt.datetime(2026, 3, 29, hour, 30, tzinfo=dt.UTC) for hour in (0, 1)],
        "date=20261025": [dt.datetime(2026, 10, 25, hour, 30, tzinfo=dt.UTC) for hour in (0, 1)],
    }
    assert [each.rpartition("/")[2] for each in sorted(found)] == [f"events-{part}-of-3.parquet" for part in (1, 2, 3)]
    for path in found:
        assert f"s3://{SILVER}/{path}: " in done.stdout
    (version,) = {str(each.version_id) for each in root.list_objects(RAW, prefix=key, include_version=True)}
    for table in found.values():
        assert table.schema == ROWS
        said = {name.decode(): value.decode() for name, value in table.schema.metadata.items()}
        assert (said["raw_object"], said["raw_version_id"]) == (f"s3://{RAW}/{key}", version)
        assert said["ingestion_run_id"][:4] == said["transformation_run_id"][:4]


def test_a_second_run_writes_nothing_again(run: Run, root: Minio, ingested: Callable[..., str]) -> None:
    ingested("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    assert transform(run).returncode == 0
    ingested("2026-01-02T12:00:00Z")
    again = transform(run)
    assert "1 objects of RAW were in SILVER before" in again.stdout
    assert transform(run).stdout.splitlines() == ["2 objects of RAW were in SILVER before", "nothing new in RAW"]
    assert len(versions(root)) == len(silver(root)) == 3


def test_a_row_that_is_there_already_is_left_out_also_from_another_file_and_in_another_spelling(
    run: Run, root: Minio, ingested: Callable[..., str]
) -> None:
    ingested(*["2026-01-01T00:00:00Z"] * 3, address="2001:db8::1")
    ingested("2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", address="2001:0DB8:0:0:0:0:0:1")
    second = transform(run, "--format", "json")
    told = json.loads(second.stdout)["partitions"]
    assert [(each["rows"], each["duplicates"]) for each in told] == [(1, 2), (0, 2)]
    rows = pa.concat_tables(each.replace_schema_metadata(None) for each in silver(root).values())
    assert rows.column("src_ip").to_pylist() == ["2001:db8::1"]
    assert "nothing new" in transform(run).stdout


GOOD = pa.table(
    {
        "timestamp": pa.array([dt.datetime(2026, 1, 1, tzinfo=dt.UTC)], pa.timestamp("us", tz="UTC")),
        "src_ip": ["10.0.0.1"],
        "dst_ip": ["203.0.113.7"],
        "bytes": [1500],
        "duration": [0.25],
        "protocol": ["TCP"],
    }
)
FOREIGN = {
    "network_events_20260101_000001.parquet": (parquet(GOOD)[:-20], "can't be read"),
    "network_events_20260101_000002.parquet": (b"\x1b[31mno Parquet", "can't be read"),
    "network_events_20260101_000003.parquet": (b"", "can't be read"),
    "network_events_20260101_000004.parquet": (parquet(GOOD.slice(0, 0).cast(ROWS)), "has no row"),
    "network_events_20260101_000005.parquet": (
        parquet(GOOD.rename_columns(["\x1b[31mtime", *ROWS.names[1:]])),
        "is a column too many",
    ),
    "network_events_20260101_000006.parquet": (
        parquet(GOOD.set_column(1, "src_ip", [["'; DROP TABLE ingestion_events; --"]])),
        "is no IPv4 or IPv6 address",
    ),
    "=HYPERLINK(\x1b[31m).parquet": (parquet(GOOD), "isn't network_events_<YYYYMMDD_HHMMSS>.parquet"),
    "network_events_20261301_000000.parquet": (parquet(GOOD), "isn't network_events_<YYYYMMDD_HHMMSS>.parquet"),
}


def test_what_the_ingestion_never_wrote_is_refused_by_name_and_everything_else_taken(run: Run, root: Minio) -> None:
    put(root, "network_events_20260101_000000.parquet", parquet(GOOD))
    for key, (content, _) in FOREIGN.items():
        put(root, key, content)
    done = transform(run)
    told = json.loads(transform(run, "--format", "json").stdout)
    assert done.returncode == 1
    for said in ("\x1b", "Traceback"):
        assert said not in done.stdout + done.stderr
    refused = [line for line in done.stdout.splitlines() if line.startswith("refused: ")]
    assert len(refused) == len(FOREIGN)
    for key, (_, reason) in FOREIGN.items():
        (line,) = [each for each in refused if key.replace("\x1b", "\\x1b") in each]
        assert reason in line
        (problems,) = [each["problems"] for each in told["refused"] if each["raw"] == f"s3://{RAW}/{key}"]
        assert reason in str(problems)
    assert [table.num_rows for table in silver(root).values()] == [1]


PUT = ("storage.upload", "Upload", "put")
WRITE = ("transformation.transformation_flow", "", "write_new_rows")


@pytest.mark.parametrize("step", [(*WRITE, "before"), (*PUT, "before"), (*PUT, "after")], ids=str)
def test_a_run_killed_at_any_step_is_ended_by_the_next_one(
    run: Run, root: Minio, ingested: Callable[..., str], step: tuple[str, str, str, str]
) -> None:
    ingested("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
    assert transform(run, before=killing(*step)).returncode == -9
    assert transform(run).returncode == 0
    assert [table.num_rows for table in silver(root).values()] == [1, 1, 1]
    assert len(versions(root)) == 3


STOP = """
import os, signal
import pipeline.transformation.transformation_flow as flow
step = flow.write_new_rows
def asked(*given):
    os.kill(os.getpid(), signal.SIGTERM)
    return step(*given)
flow.write_new_rows = asked
"""


def test_sigterm_ends_a_run_between_two_objects_and_the_next_one_goes_on(
    run: Run, root: Minio, ingested: Callable[..., str]
) -> None:
    ingested("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    stopped = transform(run, before=STOP)
    assert stopped.returncode == 1
    assert "transform: the run was asked to end; what is in SILVER stays, and the next run goes on" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert len(silver(root)) < 2
    assert transform(run).returncode == 0
    assert len(silver(root)) == 2


def test_runs_that_meet_write_each_row_once(run: Run, root: Minio, ingested: Callable[..., str]) -> None:
    for _ in range(3):
        ingested("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: transform(run), range(3)))
    assert [each.returncode for each in answers] == [0, 0, 0], [each.stderr for each in answers]
    found = silver(root)
    assert sum(table.num_rows for table in found.values()) == 2
    assert len(versions(root)) == len(found) == 6


HELD = """
import pathlib, time
import pipeline.transformation.transformation_flow as flow
step = flow._rows_of_day
def held(*given):
    found = step(*given)
    pathlib.Path('held').touch()
    while not pathlib.Path('go on').exists():
        time.sleep(0.05)
    return found
flow._rows_of_day = held
"""


def test_an_object_that_is_put_once_more_while_a_run_takes_it_is_taken_once(
    run: Run, root: Minio, ingested: Callable[..., str], tmp_path: Path
) -> None:
    key = ingested("2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(transform, run, before=HELD)
        while not (tmp_path / "held").exists() and not first.done():
            time.sleep(0.05)
        time.sleep(1.1)  # so that it is stored in another second
        put(root, key, root.get_object(RAW, key).read())
        second = transform(run)
        (tmp_path / "go on").touch()
    assert (first.result().returncode, second.returncode) == (0, 0), first.result().stderr + second.stderr
    assert "made by another run meanwhile" in first.result().stdout
    assert [table.num_rows for table in silver(root).values()] == [2]
    assert len(versions(root)) == 1
    time.sleep(1.1)
    put(root, key, root.get_object(RAW, key).read())
    assert transform(run).stdout.splitlines() == ["1 objects of RAW were in SILVER before", "nothing new in RAW"]


def test_an_object_that_silver_would_keep_no_more_is_left(run: Run, root: Minio, ingested: Callable[..., str]) -> None:
    ingested("2026-01-01T00:00:00Z")
    later = "import datetime as d, pipeline.transformation.transformation_flow as f\n" + (
        "class Clock(d.datetime):\n"
        "    @classmethod\n"
        "    def now(cls, tz=None): return d.datetime.now(tz) + d.timedelta(days=8)\n"
        "f.dt = type('dt', (), {'datetime': Clock, 'UTC': d.UTC, 'timedelta': d.timedelta})"
    )
    left = transform(run, "--kept-days", "7", before=later)
    assert left.stdout.splitlines()[0] == "1 objects of RAW are older than SILVER keeps its own"
    assert silver(root) == {}
    assert transform(run, "--kept-days", "7").returncode == 0
    assert len(silver(root)) == 1


def test_without_anything_in_raw_there_is_nothing_to_do(run: Run) -> None:
    done = transform(run)
    assert (done.returncode, done.stdout) == (0, "nothing new in RAW\n")


def test_with_minio_away_a_sentence_says_so(run: Run) -> None:
    away = transform(run, MINIO_ENDPOINT="127.0.0.1:9")
    assert away.returncode == 1
    assert "transform: the list of cybersec-ml-raw/: can't be read, MinIO can't be reached" in away.stderr
    assert "Traceback" not in away.stderr


def test_without_settings_all_are_named_and_nothing_runs(run: Run) -> None:
    refused = transform(run, MINIO_ENDPOINT="", MINIO_SECRET_KEY="")
    assert refused.returncode == 2
    assert "2 variables are missing or wrong, so nothing was run" in refused.stderr
