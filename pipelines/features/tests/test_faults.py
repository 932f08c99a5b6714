"""Whatever is wrong is one sentence, and nothing is changed by it."""

import threading
from collections.abc import Callable

import psycopg
import pyarrow as pa
import pytest
from forked_command import Answer
from stores import BUCKET, HOUR, NOW, Store, clicks, feature, view

Make = Callable[..., Store]
NOWHERE = "127.0.0.1:9"


@pytest.fixture
def ready(make: Make) -> Store:
    """A store with one value online."""
    store = make()
    store.done("apply")
    store.put("activity", [clicks("ada", NOW - HOUR, 3)])
    store.done("materialize")
    return store


def sentence(answer: Answer, code: int) -> str:
    """Answer the one thing that was said."""
    assert answer.returncode == code, answer.stderr
    assert answer.stdout == ""
    said = [line for line in answer.stderr.splitlines() if not line.startswith("{")]
    assert said
    assert said[0].startswith("features: ")
    assert "Traceback" not in answer.stderr
    return answer.stderr


def test_a_wrong_key_is_told_and_what_is_online_stays(ready: Store) -> None:
    for env in ({"MINIO_SECRET_KEY": "not-the-key-of-it"}, {"MINIO_ACCESS_KEY": "nobody-of-this-name"}):
        said = sentence(ready.run("materialize", **env), 3)
        assert f"s3://{BUCKET}/" in said
        assert "the server refuses" in said
        assert "not-the-key" not in said
    assert ready.get("ada", "activity") == {"clicks": 3}


def test_a_bucket_server_that_is_away_is_told(ready: Store) -> None:
    assert "the server doesn't answer" in sentence(ready.run("materialize", MINIO_ENDPOINT=NOWHERE), 3)
    # What is online needs no bucket.
    assert ready.done("get", "--features", "activity", "user_id=ada", MINIO_ENDPOINT=NOWHERE)


def test_a_database_that_is_away_or_refuses_is_told(ready: Store) -> None:
    for words in (("apply",), ("status",), ("materialize",), ("get", "--features", "activity", "user_id=ada")):
        assert "PostgreSQL: database experiments_db can't be reached" in sentence(ready.run(*words, PG_PORT="9"), 3)
    said = sentence(ready.run("status", PG_PASSWORD="not-the-password"), 3)
    assert "refuses the login" in said
    assert "not-the-password" not in said


def test_features_views_and_keys_that_are_not_there_are_told_with_the_nearest_name(ready: Store) -> None:
    def got(*words: str) -> str:
        return sentence(ready.run("get", "--features", *words), 2)

    assert "view activity has no 'clics'; did you mean clicks?" in got("activity:clics", "user_id=ada")
    assert "has none of this name; did you mean activity?" in got("activty", "user_id=ada")
    assert "key 'user': must be user_id=VALUE" in got("activity", "user=ada")
    assert "key 'user_id': must be user_id=VALUE" in got("activity", "user_id")
    assert "has none of this name" in sentence(ready.run("materialize", "nothing"), 2)


def test_settings_and_definitions_that_are_missing_are_told(ready: Store) -> None:
    assert "MINIO_ACCESS_KEY: missing" in sentence(ready.run("materialize", MINIO_ACCESS_KEY=""), 2)
    assert "FEATURES: missing" in sentence(ready.run("status", FEATURES=""), 2)
    assert "FEATURES: isn't what bucketworks writes: platform" in sentence(ready.run("status", FEATURES="{}"), 2)
    assert "PGSSLROOTCERT: missing" in sentence(ready.run("status", PGSSLMODE="verify-full"), 2)


def test_what_was_not_applied_is_neither_materialized_nor_read(make: Make) -> None:
    store = make()
    assert "isn't applied yet; run bucketworks feature apply first" in sentence(store.run("materialize"), 3)
    assert "bucketworks feature apply" in sentence(store.run("get", "--features", "activity", "user_id=ada"), 3)


def test_files_that_are_missing_or_do_not_fit_are_told(make: Make) -> None:
    store = make(view("activity", [feature("clicks"), feature("depth")]))
    store.done("apply")
    assert "holds no Parquet file" in sentence(store.run("materialize", "activity"), 3)
    # Where none is named, nothing that nobody has computed yet is missed.
    assert [each["rows"] for each in store.done("materialize")["views"]] == [0]
    store.put("activity", [clicks("ada", NOW - HOUR, 3)])
    assert "its files have no column depth; they have clicks, created_at" in sentence(store.run("materialize"), 3)
    store.put("activity", [clicks("ben", NOW - HOUR, None, clicks="many", depth=1.0)])
    assert "a file doesn't fit its definition" in sentence(store.run("materialize"), 3)


def test_a_run_that_is_killed_while_it_writes_is_made_whole_by_the_next_and_reads_go_on_meanwhile(make: Make) -> None:
    store = make(view("activity", [feature("clicks")]), view("other", [feature("depth")]))
    store.done("apply")
    store.put("activity", [clicks(f"u{number}", NOW - 2 * HOUR, number) for number in range(50)])
    store.put("other", [{"user_id": "u7", "event_timestamp": NOW - 2 * HOUR, "depth": 0.5}])
    store.done("materialize")
    store.put("activity", [clicks(f"u{number}", NOW - HOUR, number + 100) for number in range(50)])
    store.put("other", [{"user_id": "u7", "event_timestamp": NOW - HOUR, "depth": 1.5}])
    # The first view is written, the second one isn't committed.
    kill = """
import os, signal
from feast.infra.online_stores.postgres_online_store.postgres import PostgreSQLOnlineStore
written = PostgreSQLOnlineStore.online_write_batch
def write(self, config, table, *rest, **named):
    if table.name == "other":
        os.kill(os.getpid(), signal.SIGKILL)
    return written(self, config, table, *rest, **named)
PostgreSQLOnlineStore.online_write_batch = write
"""
    assert store.run("materialize", before=kill).returncode == -9
    assert store.get("u7", "activity,other") == {"clicks": 107, "depth": 0.5}
    store.done("materialize")
    assert store.get("u7", "activity,other") == {"clicks": 107, "depth": 1.5}
    assert store.done("status")["views"][1]["rows"] == 1


def test_a_second_run_at_the_same_time_is_refused(ready: Store) -> None:
    held, go = threading.Event(), threading.Event()
    key = f"bucketworks features {ready.platform}"
    given = ready.env

    def hold() -> None:
        with psycopg.connect(
            host=given["PG_HOST"],
            port=given["PG_PORT"],
            user=given["PG_USER"],
            password=given["PG_PASSWORD"],
            dbname=given["PG_DATABASE"],
        ) as connection:
            connection.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
            held.set()
            go.wait(60)

    other = threading.Thread(target=hold)
    other.start()
    held.wait(10)
    try:
        for words in (("materialize",), ("apply",)):
            assert "another run of apply or materialize is at work" in sentence(ready.run(*words), 3)
    finally:
        go.set()
        other.join()
    ready.done("materialize")


def test_the_key_of_the_store_writes_no_features(ready: Store) -> None:
    program = """
import io, os
from minio import Minio
given = {name: os.environ["MINIO_" + name.upper()] for name in ("endpoint", "access_key", "secret_key")}
client = Minio(**given, secure=False)
for key, may in (("tests/x.parquet", False), ("_profiles/view=x/profile.json", True)):
    try:
        client.put_object("mlops-features", key, io.BytesIO(b"x"), 1)
        assert may, key
    except Exception as error:
        assert getattr(error, "code", "") == "AccessDenied" and not may, error
"""
    assert ready.run("--help", before=program).returncode == 0


def test_files_with_another_type_of_key_are_told(make: Make) -> None:
    store = make()
    store.done("apply")
    schema = pa.schema(
        [
            ("user_id", pa.int64()),
            ("event_timestamp", pa.timestamp("us", "UTC")),
            ("created_at", pa.timestamp("us", "UTC")),
            ("clicks", pa.float64()),
        ]
    )
    store.put("activity", [{"user_id": 7, "event_timestamp": NOW - HOUR, "clicks": 1.0}], schema)
    assert "user_id is int64 in the files, and string in the definition" in sentence(store.run("materialize"), 3)
