"""What goes wrong in the middle: exactly one row an object and one a run, whatever is killed, lost or away."""

import json
import time
from pathlib import Path

import pytest
from minio import MinioAdmin
from minio.credentials.providers import StaticProvider
from proxy import lossy
from servers import Logins, Objects, Rows, Run

# Ends the process as `kill -9` does, before or after one of its steps.
KILL = """
import os, signal
from importlib import import_module as i
owner, name = i('pipeline.{module}'), '{name}'
if '{owner}': owner = getattr(owner, '{owner}')
step = getattr(owner, name)
def killed(*given, **named):
    if '{when}' == 'after': step(*given, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(owner, name, killed)
"""
STEPS = [
    ("ingestion.data_ingestion_flow", "", "save_parquet", "before"),
    ("ingestion.data_ingestion_flow", "", "write_parquet", "after"),
    ("ingestion.data_ingestion_flow", "", "save_parquet", "after"),
    ("ingestion.data_ingestion_flow", "", "upload_to_minio", "before"),
    ("storage.upload", "Upload", "put", "after"),
    ("ingestion.data_ingestion_flow", "", "upload_to_minio", "after"),
    ("ingestion.data_ingestion_flow", "", "record_event", "before"),
    ("ingestion.data_ingestion_flow", "", "add", "after"),
    ("ingestion.data_ingestion_flow", "", "record_event", "after"),
]


def killing(module: str, owner: str, name: str, when: str) -> str:
    """Text that makes a run kill itself there."""
    return KILL.format(module=module, owner=owner, name=name, when=when)


@pytest.mark.parametrize("step", STEPS, ids=[f"{when} {name}" for _, _, name, when in STEPS])
def test_a_run_killed_at_any_step_ends_with_one_row_and_at_most_one_object(
    run: Run, objects: Objects, rows: Rows, step: tuple[str, str, str, str]
) -> None:
    earlier = objects()
    (events,) = rows("SELECT count(*)::int FROM ingestion_events")
    killed = run("ingest", before=killing(*step))
    assert killed.returncode == -9, killed.stderr
    assert run("ingest").returncode == 0
    assert rows("SELECT count(*)::int FROM ingestion_events") == [(events[0] + 2,)]
    made = objects() - earlier
    for key in made:
        assert rows(
            "SELECT count(*)::int FROM ingestion_events WHERE ruta_minio = %s", f"s3://cybersec-ml-raw/{key}"
        ) == [(1,)]
    newest = rows("SELECT estado FROM ingestion_events ORDER BY id DESC LIMIT 2")
    succeeded = newest.count(("SUCCESS",))
    assert succeeded == len(made)


def test_a_lost_answer_makes_no_second_object(run: Run, logins: Logins, objects: Objects, rows: Rows) -> None:
    wait_for_a_name_that_nobody_has()
    earlier = objects()
    with lossy(logins["ingestion"]["MINIO_ENDPOINT"]) as proxy:
        proxy.to_lose = 1
        done = run("ingest", MINIO_ENDPOINT=proxy.endpoint)
        assert proxy.lost == 1
    assert done.returncode == 0, done.stderr
    (key,) = objects() - earlier
    assert done.stdout.strip() == f"s3://cybersec-ml-raw/{key}"
    assert rows("SELECT num_registros FROM ingestion_events WHERE nombre_archivo = %s", key) == [(10,)]


def test_when_every_answer_is_lost_the_next_run_finds_the_object(
    run: Run, logins: Logins, objects: Objects, rows: Rows
) -> None:
    wait_for_a_name_that_nobody_has()
    earlier = objects()
    with lossy(logins["ingestion"]["MINIO_ENDPOINT"]) as proxy:
        proxy.to_lose = 100
        lost = run("ingest", MINIO_ENDPOINT=proxy.endpoint)
    assert lost.returncode == 1
    assert "is unknown, the next run finds out" in lost.stderr
    (key,) = objects() - earlier
    path = f"s3://cybersec-ml-raw/{key}"
    assert rows("SELECT * FROM ingestion_events WHERE ruta_minio = %s", path) == []
    assert run("ingest").returncode == 0
    assert rows("SELECT num_registros, estado FROM ingestion_events WHERE ruta_minio = %s", path) == [(10, "SUCCESS")]
    assert len(objects() - earlier) == 2


@pytest.mark.parametrize(
    ("status", "code"),
    [("400 Bad Request", "QuotaExceeded"), ("403 Forbidden", "AccessDenied"), ("404 Not Found", "No")],
)
def test_a_refusal_after_a_lost_answer_leaves_the_run_to_the_next_one(
    run: Run, logins: Logins, objects: Objects, rows: Rows, status: str, code: str
) -> None:
    wait_for_a_name_that_nobody_has()
    earlier = objects()
    body = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    with lossy(logins["ingestion"]["MINIO_ENDPOINT"]) as proxy:
        proxy.to_lose = 1
        proxy.refusal = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()
        refused = run("ingest", MINIO_ENDPOINT=proxy.endpoint)
        again = run("ingest", MINIO_ENDPOINT=proxy.endpoint, MINIO_ACCESS_KEY="nobody")
        assert proxy.lost == 1
    assert refused.returncode == 1
    assert f"{code}: no; whether the object is there is unknown, the next run finds out" in refused.stderr
    assert again.returncode == 1
    (key,) = objects() - earlier
    assert rows("SELECT estado FROM ingestion_events WHERE nombre_archivo = %s", key) == []
    assert run("ingest").returncode == 0
    assert rows("SELECT estado FROM ingestion_events WHERE nombre_archivo = %s", key) == [("SUCCESS",)]


def test_a_server_that_takes_the_body_slowly_gets_it(run: Run, logins: Logins) -> None:
    with lossy(logins["ingestion"]["MINIO_ENDPOINT"]) as proxy:
        proxy.pause = 6
        done = run("ingest", "--rows", "500000", MINIO_ENDPOINT=proxy.endpoint)
    assert done.returncode == 0, done.stderr
    assert "upload failed" not in done.stderr


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_whose_file_is_gone_is_told_and_stops_no_other(
    run: Run, rows: Rows, objects: Objects, tmp_path: Path, when: str
) -> None:
    wait_for_a_name_that_nobody_has()
    run("ingest", before=killing("ingestion.data_ingestion_flow", "", "upload_to_minio", when))
    (entry,) = (tmp_path / "data" / "pending").glob("*.json")
    name = json.loads(entry.read_text())["file"]
    (tmp_path / "data" / "ingested" / name).unlink()
    wait_for_a_name_that_nobody_has()
    assert run("ingest", PG_PORT="9").returncode == 1
    uploaded = objects()
    done = run("ingest")
    assert done.returncode == 0, done.stderr
    assert f"data/ingested/{name}: No such file" in done.stderr
    for said in ("cybersec-ml-raw", "`reconcile`", f"remove data/pending/{entry.name}"):
        assert said in done.stderr
    assert rows("SELECT estado FROM ingestion_events WHERE nombre_archivo = %s", name) == []
    assert entry.exists()
    assert (name in uploaded) == (when == "after")
    assert len(list(entry.parent.glob("*.json"))) == 1


def wait_for_a_name_that_nobody_has() -> None:
    """An earlier test's object may have this second's name: a lost answer would then say so, and nothing was made."""
    time.sleep(1.1)


def last(rows: Rows) -> tuple[object, ...]:
    """The newest row."""
    return rows("SELECT ruta_minio, num_registros, estado FROM ingestion_events ORDER BY id DESC LIMIT 1")[0]


def test_with_minio_away_the_run_is_failed_and_said(run: Run, rows: Rows, objects: Objects) -> None:
    earlier = objects()
    away = run("ingest", MINIO_ENDPOINT="127.0.0.1:9")
    assert away.returncode == 1
    assert "MinIO at 127.0.0.1:9 can't be reached" in away.stderr
    assert last(rows) == ("", 0, "FAILED")
    assert objects() == earlier


def test_with_postgresql_away_the_next_run_adds_the_row(run: Run, rows: Rows, objects: Objects) -> None:
    earlier = objects()
    away = run("ingest", PG_PORT="9")
    assert away.returncode == 1
    (key,) = objects() - earlier
    assert f"s3://cybersec-ml-raw/{key} is there; its row is not" in away.stderr
    assert run("ingest").returncode == 0
    assert rows("SELECT estado FROM ingestion_events WHERE nombre_archivo = %s", key) == [("SUCCESS",)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"MINIO_ACCESS_KEY": "nobody"}, "the server refuses it: InvalidAccessKeyId"),
        ({"MINIO_SECRET_KEY": "wrong-wrong"}, "the server refuses it: SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_key_is_failed_and_said_without_the_key(run: Run, rows: Rows, wrong: dict[str, str], said: str) -> None:
    refused = run("ingest", **wrong)
    assert refused.returncode == 1
    assert said in refused.stderr
    assert "wrong-wrong" not in refused.stderr
    assert last(rows) == ("", 0, "FAILED")


def test_a_key_of_another_layer_is_refused(run: Run, logins: Logins, rows: Rows, objects: Objects) -> None:
    earlier = objects()
    other = {name: logins["transformation"][name] for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")}
    refused = run("ingest", **other)
    assert refused.returncode == 1
    assert "AccessDenied" in refused.stderr
    assert last(rows) == ("", 0, "FAILED")
    assert objects() == earlier


def test_a_wrong_password_leaves_the_row_for_later_and_is_masked(run: Run) -> None:
    refused = run("ingest", PG_PASSWORD="not-the-password")
    assert refused.returncode == 1
    assert "password authentication failed" in refused.stderr
    assert "not-the-password" not in refused.stderr
    assert run("ingest").returncode == 0


def test_a_full_bucket_is_failed_and_said(run: Run, logins: Logins, rows: Rows, objects: Objects) -> None:
    earlier = objects()
    key = logins["root"]
    provider = StaticProvider(key["MINIO_ACCESS_KEY"], key["MINIO_SECRET_KEY"])
    admin = MinioAdmin(endpoint=logins["ingestion"]["MINIO_ENDPOINT"], credentials=provider, secure=False)
    admin.bucket_quota_set("cybersec-ml-raw", 1024)
    try:
        full = run("ingest")
    finally:
        admin.bucket_quota_clear("cybersec-ml-raw")
    assert full.returncode == 1
    assert "ingest: cybersec-ml-raw/network_events_" in full.stderr
    assert "Bucket quota exceeded" in full.stderr
    assert "Traceback" not in full.stderr
    assert last(rows) == ("", 0, "FAILED")
    assert objects() == earlier
    assert run("ingest").returncode == 0
