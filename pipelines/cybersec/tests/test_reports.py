"""`history`, `lineage`, `reconcile` and `record`: what people and programs ask of the audit and of RAW."""

import datetime as dt
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import postgres
from minio import Minio
from servers import Logins, Rows, Run

BUCKET = "cybersec-ml-raw"


def test_history_prints_the_newest_ten_runs(run: Run, rows: Rows) -> None:
    path = run("ingest").stdout.strip()
    text = run("history", login="auditor")
    assert text.returncode == 0, text.stderr
    lines = text.stdout.splitlines()
    assert lines[0].split(" | ")[0].strip() == "id"
    assert path in lines[1]
    assert lines[1].endswith("SUCCESS")
    assert len(lines) <= 11
    told = json.loads(run("history", "--format", "json", login="auditor").stdout)["runs"]
    newest = rows("SELECT id, ruta_minio FROM ingestion_events ORDER BY id DESC LIMIT 10")
    assert [(each["id"], each["ruta_minio"]) for each in told] == newest


def test_the_ingestion_itself_reads_no_history(run: Run) -> None:
    refused = run("history")
    assert refused.returncode == 1
    assert "permission denied" in refused.stderr


def test_lineage_names_the_run_the_time_the_rows_and_the_place(run: Run) -> None:
    done = run("ingest", "--rows", "17")
    path = done.stdout.strip()
    run_id = json.loads(done.stderr.splitlines()[0])["correlation_id"]
    text = run("lineage", path, login="auditor")
    assert text.returncode == 0, text.stderr
    for said in (path, run_id, "rows: 17", "17 rows, SUCCESS"):
        assert said in text.stdout
    told = json.loads(run("lineage", path.rpartition("/")[2], "--format", "json", login="auditor").stdout)
    assert told["object"]["run_id"] == run_id
    assert [each["num_registros"] for each in told["audit"]] == [17]


def test_lineage_of_nothing_says_so(run: Run) -> None:
    none = run("lineage", "network_events_19990101_000000.parquet", login="auditor")
    assert none.returncode == 1
    assert none.stdout.splitlines() == ["object: none has this name", "audit: no row names it"]


def test_reconcile_finds_what_record_then_settles(run: Run, tmp_path: Path, rows: Rows) -> None:
    """A pod that dies takes its journal with it: the object has no row, and no next run knows."""
    away = run("ingest", "--data", "gone", PG_PORT="9")
    assert away.returncode == 1
    found = run("reconcile", "--format", "json", login="auditor")
    assert found.returncode == 1, found.stderr
    rowless = [each for each in json.loads(found.stdout)["differences"] if each["kind"] == "object without row"]
    (tmp_path / "report.json").write_text(json.dumps({"differences": rowless}))
    assert run("record", "report.json").stdout == f"{len(rowless)} rows added\n"
    assert run("record", "report.json").stdout == "0 rows added\n"
    path = rowless[-1]["path"]
    assert rows("SELECT num_registros, estado FROM ingestion_events WHERE ruta_minio = %s", path) == [(10, "SUCCESS")]
    assert run("ingest", "--data", "gone").returncode == 0
    assert rows("SELECT count(*)::int FROM ingestion_events WHERE ruta_minio = %s", path) == [(1,)]


def test_reconcile_tells_rows_without_object_and_counts_that_differ(run: Run, root: Minio) -> None:
    gone = run("ingest").stdout.strip()
    changed = run("ingest").stdout.strip()
    other = run("ingest", "--rows", "3").stdout.strip()
    root.remove_object(BUCKET, gone.rpartition("/")[2])
    content = root.get_object(BUCKET, other.rpartition("/")[2]).read()
    root.put_object(BUCKET, changed.rpartition("/")[2], io.BytesIO(content), len(content))
    lines = run("reconcile", login="auditor").stdout.splitlines()
    assert f"row without object: {gone}" in lines
    assert f"counts differ: {changed}: object 3, audit 10" in lines
    assert not [line for line in lines if other in line]


@pytest.mark.parametrize(
    "content",
    [
        b"PAR1" + b"\xff" * 60 + (40).to_bytes(4, "little") + b"PAR1",
        b"PAR1" + b"\x00" * 60 + (40).to_bytes(4, "little") + b"PAR1",
        b"PARE" + b"\x15\x00" * 30 + (40).to_bytes(4, "little") + b"PARE",
        b"no Parquet at all",
        b"",
    ],
    ids=["no Thrift", "zeros", "encrypted", "no Parquet", "empty"],
)
def test_an_object_with_a_broken_end_is_told_and_the_others_too(run: Run, root: Minio, content: bytes) -> None:
    gone = run("ingest").stdout.strip()
    root.remove_object(BUCKET, gone.rpartition("/")[2])
    root.put_object(BUCKET, "a-broken.parquet", io.BytesIO(content), len(content))
    found = run("reconcile", login="auditor")
    lineage = run("lineage", "a-broken.parquet", login="auditor")
    root.remove_object(BUCKET, "a-broken.parquet")
    assert f"object without row: s3://{BUCKET}/a-broken.parquet" in found.stdout.splitlines(), found.stderr
    assert f"row without object: {gone}" in found.stdout.splitlines()
    assert "rows: unknown: it is no Parquet file" in lineage.stdout


def test_rows_older_than_raw_keeps_objects_are_counted_and_no_difference(run: Run, tmp_path: Path) -> None:
    old, young = (dt.datetime.now(dt.UTC) - dt.timedelta(days=days) for days in (8, 6))
    paths = [f"s3://{BUCKET}/expired-{day:%Y%m%d}.parquet" for day in (old, young)]
    # `record` adds a row with the time at which an object was stored.
    made = [
        {"kind": "object without row", "path": path, "rows_of_object": 1, "ingested_at": day.isoformat()}
        for path, day in zip(paths, (old, young), strict=True)
    ]
    (tmp_path / "report.json").write_text(json.dumps({"differences": made}))
    assert run("record", "report.json").stdout == "2 rows added\n"
    for_ever, a_week = (run("reconcile", *days, login="auditor").stdout for days in ([], ["--kept-days", "7"]))
    for path in paths:
        assert f"row without object: {path}\n" in for_ever
    assert "expired" not in for_ever.replace("/expired-", "")
    assert paths[0] not in a_week
    assert f"row without object: {paths[1]}\n" in a_week
    assert "expired: 1 rows are older than RAW keeps objects" in a_week
    told = json.loads(run("reconcile", "--kept-days", "7", "--format", "json", login="auditor").stdout)
    assert told["expired"] == 1
    assert run("reconcile", "--kept-days", "0", login="auditor").returncode == 2


@pytest.mark.parametrize("command", ["history", "reconcile"])
def test_a_report_without_a_server_is_a_sentence(run: Run, command: str) -> None:
    away = run(command, login="auditor", PG_PORT="9")
    assert away.returncode == 1
    assert away.stderr.startswith(f"{command}: PostgreSQL at 127.0.0.1:9, database mlops_db, role cybersec_auditor: ")
    assert "Traceback" not in away.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "Expecting value"),
        ("{}", "it has no `differences`"),
        ('{"differences": [{"path": "x"}]}', "its `differences` are no list of those"),
        ('{"differences": [{"kind": "object without row", "path": 1}]}', "its difference 1 has a path or a count"),
        ('{"differences": [{"kind": "object without row", "path": "x", "ingested_at": "soon"}]}', "Invalid iso"),
    ],
)
def test_what_reconcile_never_printed_is_no_report_to_record(run: Run, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "report.json").write_text(text)
    refused = run("record", "report.json")
    assert refused.returncode == 2
    assert f"record: error: report.json: isn't what `reconcile --format json` prints: {said}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_reconcile_tells_names_without_the_pattern_and_times_that_differ(run: Run, root: Minio, logins: Logins) -> None:
    path = run("ingest").stdout.strip()
    content = root.get_object(BUCKET, path.rpartition("/")[2]).read()
    for key in ("events.parquet", "network_events_20261301_000000.parquet", "network_events_20260101_000000.parquet"):
        root.put_object(BUCKET, key, io.BytesIO(content), len(content))
    with postgres(logins, "ingestion") as connection:
        connection.execute(
            "INSERT INTO ingestion_events (timestamp_ingesta, nombre_archivo, ruta_minio, num_registros, estado)"
            " VALUES ('2026-01-01 01:00:00', 'x', %s, 10, 'SUCCESS')",
            (f"s3://{BUCKET}/network_events_20260101_000000.parquet",),
        )
    lines = run("reconcile", login="auditor").stdout.splitlines()
    for key in ("events.parquet", "network_events_20261301_000000.parquet"):
        assert (
            f"other name: s3://{BUCKET}/{key}: isn't network_events_<YYYYMMDD_HHMMSS>.parquet, with -1, -2 and so on"
            in lines
        )
    other = f"s3://{BUCKET}/network_events_20260101_000000.parquet"
    assert f"times differ: {other}: name 2026-01-01 00:00:00, audit 2026-01-01 01:00:00 UTC" in lines
    assert not [line for line in lines if path in line]
    for key in ("events.parquet", "network_events_20261301_000000.parquet"):
        root.remove_object(BUCKET, key)


def test_an_auditor_downloads_an_object_with_the_rows_that_were_ingested(
    run: Run, logins: Logins, tmp_path: Path
) -> None:
    name = run("ingest", "--rows", "25").stdout.strip().rpartition("/")[2]
    login = logins["auditor"]
    client = Minio(
        endpoint=login["MINIO_ENDPOINT"],
        access_key=login["MINIO_ACCESS_KEY"],
        secret_key=login["MINIO_SECRET_KEY"],
        secure=False,
    )
    client.fget_object(BUCKET, name, str(tmp_path / "downloaded.parquet"))
    downloaded = pq.read_table(tmp_path / "downloaded.parquet")
    assert downloaded.num_rows == 25
    assert downloaded.equals(pq.read_table(tmp_path / "data" / "ingested" / name))


HOSTILE = [
    "=HYPERLINK(1)\x1b[31m",
    "'; DROP TABLE ingestion_events; --",
    "\x1b]0;title\x07\r\nforged line",
    "\u202egnp.exe",
]


def test_hostile_text_in_every_column_of_text_reaches_no_terminal_and_no_query(
    run: Run, root: Minio, logins: Logins, rows: Rows
) -> None:
    for number, text in enumerate(HOSTILE):
        path = f"s3://{BUCKET}/{text}"
        with postgres(logins, "ingestion") as connection:
            connection.execute(
                "INSERT INTO ingestion_events (timestamp_ingesta, nombre_archivo, ruta_minio, num_registros, estado)"
                " VALUES (%s, %s, %s, 1, 'SUCCESS')",
                (dt.datetime(2026, 1, 2, 3, 4, number), text, path),  # noqa: DTZ001  a column without a zone
            )
    sink = io.BytesIO()
    pq.write_table(pa.table({HOSTILE[0]: [HOSTILE[1]]}).replace_schema_metadata({"run_id": HOSTILE[2]}), sink)
    root.put_object(BUCKET, HOSTILE[1], io.BytesIO(sink.getvalue()), len(sink.getvalue()))
    for words in (("history",), ("reconcile",), *(("lineage", text) for text in HOSTILE)):
        for form in ("text", "json"):
            answer = run(*words, "--format", form, login="auditor")
            assert answer.returncode in (0, 1), answer.stderr
            assert not set("\x1b\x07\r\u202e") & set(answer.stdout + answer.stderr)
            assert "\nforged line" not in answer.stdout
            if form == "json":
                assert json.loads(answer.stdout)
    root.remove_object(BUCKET, HOSTILE[1])
    assert rows("SELECT count(*)::int FROM ingestion_events WHERE nombre_archivo = %s", HOSTILE[1]) == [(1,)]
