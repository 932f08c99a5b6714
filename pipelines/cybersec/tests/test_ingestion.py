"""The ingestion on real servers, with the keys and roles that the platform gives it."""

import datetime as dt
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servers import Logins, Objects, Rows, Run

NAME = re.compile(r"^network_events_\d{8}_\d{6}(-\d+)?\.parquet$")
OF_PATH = "SELECT nombre_archivo, num_registros, estado FROM ingestion_events WHERE ruta_minio = %s"


def uri(answer: Any) -> str:
    """What `ingest` printed."""
    assert answer.returncode == 0, answer.stderr
    return str(answer.stdout.strip())


def test_ten_rows_become_a_local_file_an_object_and_a_row(
    run: Run, tmp_path: Path, rows: Rows, objects: Objects
) -> None:
    before = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    path = uri(run("ingest"))
    name = path.removeprefix("s3://cybersec-ml-raw/")
    assert NAME.match(name)
    assert name in objects()
    table = pq.read_table(tmp_path / "data" / "ingested" / name)
    assert table.num_rows == 10
    assert table.column_names == ["timestamp", "src_ip", "dst_ip", "bytes", "duration", "protocol"]
    assert rows(OF_PATH, path) == [(name, 10, "SUCCESS")]
    ((when,),) = rows("SELECT timestamp_ingesta FROM ingestion_events WHERE ruta_minio = %s", path)
    assert before <= when <= dt.datetime.now(dt.UTC).replace(tzinfo=None)
    assert list((tmp_path / "data" / "pending").iterdir()) == []


def test_the_source_s_own_file_runs_it(logins: Logins, tmp_path: Path) -> None:
    script = Path(__file__).parents[1] / "pipeline" / "ingestion" / "data_ingestion_flow.py"
    answer = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=logins["ingestion"], capture_output=True, text=True, check=False
    )
    assert uri(answer).startswith("s3://cybersec-ml-raw/network_events_")


def test_local_files_are_nobody_elses_to_read_and_no_part_of_the_checkout(run: Run, tmp_path: Path) -> None:
    uri(run("ingest"))
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    pipelines = Path(__file__).parents[2]
    for folder in ("data", "cybersec/data", "dataops/data"):
        ignored = ["git", "check-ignore", "--quiet", f"{folder}/ingested/x.parquet"]
        assert subprocess.run(ignored, cwd=pipelines, check=False).returncode == 0, folder


def test_a_file_that_is_not_there_is_wrong_use_and_no_run(run: Run, tmp_path: Path, rows: Rows) -> None:
    before = rows("SELECT count(*)::int FROM ingestion_events")
    (tmp_path / "folder.csv").mkdir()
    for name in ("lost.csv", "folder.csv"):
        refused = run("ingest", "--input", name)
        assert refused.returncode == 2
        assert f"ingest: error: argument --input: there is no file '{name}'" in refused.stderr
    assert rows("SELECT count(*)::int FROM ingestion_events") == before


def test_a_file_of_a_header_alone_is_refused_by_its_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("timestamp,src_ip,dst_ip,bytes,duration,protocol\n")
    refused = run("ingest", "--input", "events.csv")
    assert refused.returncode == 1
    assert "ingest: the data is refused: events.csv: has no row; " in refused.stderr


def test_a_refused_file_is_kept_with_a_report_and_audited_as_failed(
    run: Run, tmp_path: Path, rows: Rows, objects: Objects
) -> None:
    before = objects()
    file = tmp_path / "events.csv"
    file.write_text("timestamp,src_ip,dst_ip,bytes,duration,protocol\n2026-01-01T00:00:00Z,\x1b[31m,1.1.1.1,5,1,TCP\n")
    refused = run("ingest", "--input", "events.csv")
    assert refused.returncode == 1
    assert "src_ip: is no IPv4 or IPv6 address; bytes: is not from 40" in refused.stderr
    assert "\x1b" not in refused.stderr
    assert objects() == before
    assert rows("SELECT ruta_minio, num_registros, estado FROM ingestion_events ORDER BY id DESC LIMIT 1") == [
        ("", 0, "FAILED")
    ]
    (report,) = (tmp_path / "data" / "rejected").glob("*.json")
    said = json.loads(report.read_text())
    assert {(each["column"], each["rows"]) for each in said["problems"]} == {("src_ip", 1), ("bytes", 1)}
    assert pq.read_table(report.with_name(said["kept"])).num_rows == 1
    assert list((tmp_path / "data" / "ingested").iterdir()) == []


HEAD = b"timestamp,src_ip,dst_ip,bytes,duration,protocol"
GOOD = b"2026-01-01T00:00:00Z,10.0.0.1,1.1.1.1,500,1,TCP"


def in_parquet(values: pa.Array, name: str = "timestamp") -> bytes:
    """A Parquet file of one column."""
    sink = io.BytesIO()
    pq.write_table(pa.table({name: values}), sink)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("twice.csv", HEAD + b",src_ip\n" + GOOD + b",\x1b[31m\n"),
        ("text.csv", HEAD + b"\n" + GOOD.replace(b"TCP", b"\xff") + b"\n"),
        ("names.csv", HEAD.replace(b"src_ip", b"\xff\x1b[31m") + b"\n" + GOOD + b"\n"),
        ("surplus.csv", HEAD + b",\xff\n" + GOOD + b",1\n"),
        ("year.csv", HEAD + b"\n" + GOOD.replace(b"2026", b"0000") + b"\n"),
        ("year.parquet", in_parquet(pa.array([300_000_000_000_000_000], pa.timestamp("us", tz="UTC")))),
        ("views.parquet", in_parquet(pa.array(["\x1b[31m"], pa.string_view()), "protocol")),
        ("text.parquet", in_parquet(pa.array(["abc"]), "protocol").replace(b"abc", b"\x1b\xff\xfe")),
        ("names.parquet", in_parquet(pa.array(["abc"]), "nnn").replace(b"nnn", b"\x1b\xff\xfe")),
    ],
    ids=[
        "twice",
        "text",
        "names",
        "surplus",
        "year",
        "year in Parquet",
        "views",
        "text in Parquet",
        "names in Parquet",
    ],
)
def test_a_file_that_nobody_can_judge_is_kept_with_a_report_and_audited(
    run: Run, tmp_path: Path, rows: Rows, objects: Objects, name: str, content: bytes
) -> None:
    before = objects()
    (tmp_path / name).write_bytes(content)
    refused = run("ingest", "--input", name)
    assert refused.returncode == 1, refused.stderr
    assert "Traceback" not in refused.stderr
    assert "\x1b" not in refused.stderr
    assert "the data is refused: ; " not in refused.stderr
    (report,) = (tmp_path / "data" / "rejected").glob("*.json")
    said = json.loads(report.read_text())
    assert said["problems"]
    assert report.with_name(said["kept"]).stat().st_size > 0
    assert rows("SELECT ruta_minio, estado FROM ingestion_events ORDER BY id DESC LIMIT 1") == [("", "FAILED")]
    assert objects() == before


def test_one_bad_row_far_in_refuses_the_whole_file(run: Run, tmp_path: Path, objects: Objects) -> None:
    before = objects()
    good = "2026-01-01T00:00:00Z,10.0.0.1,1.1.1.1,500,1,TCP\n"
    bad = good.replace("TCP", "tcp")
    head = "timestamp,src_ip,dst_ip,bytes,duration,protocol\n"
    (tmp_path / "events.csv").write_text(head + good * 250_000 + bad)
    assert run("ingest", "--input", "events.csv").returncode == 1
    assert objects() == before


def test_a_file_of_many_rows_becomes_one_object(run: Run, tmp_path: Path, rows: Rows) -> None:
    good = "2026-01-01T00:00:00+01:00,10.0.0.1,1.1.1.1,500,1,TCP\n"
    head = "timestamp,src_ip,dst_ip,bytes,duration,protocol\n"
    (tmp_path / "events.csv").write_text(head + good * 250_000)
    path = uri(run("ingest", "--input", "events.csv"))
    assert rows(OF_PATH, path) == [(path.rpartition("/")[2], 250_000, "SUCCESS")]


def test_the_same_seed_makes_the_same_traffic(run: Run, tmp_path: Path) -> None:
    names = [uri(run("ingest", "--rows", "50", "--seed", "4")).rpartition("/")[2] for _ in range(2)]
    made = [pq.read_table(tmp_path / "data" / "ingested" / name).drop_columns(["timestamp"]) for name in names]
    assert names[0] != names[1]
    assert made[0].equals(made[1])


def test_nothing_runs_without_settings_and_all_are_named(run: Run, tmp_path: Path) -> None:
    refused = run("ingest", PG_PASSWORD="", MINIO_ENDPOINT="localhost:9001")
    assert refused.returncode == 2
    assert "2 variables are missing or wrong, so nothing was run" in refused.stderr
    assert "PG_PASSWORD: missing" in refused.stderr
    assert "is the port of the web console" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("rows", ["0", "-1", "many", "1e3", "2147483648"])
def test_a_number_of_rows_that_is_none_is_refused(run: Run, rows: str) -> None:
    refused = run("ingest", "--rows", rows)
    assert refused.returncode == 2
    assert "must be a whole number from 1 to 2147483647" in refused.stderr
