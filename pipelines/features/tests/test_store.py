"""Apply, materialize and read online, with the platform's own key and login on real servers."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import psycopg
import pyarrow as pa
from stores import DAY, HOUR, NOW, Store, clicks, feature, view

Make = Callable[..., Store]


def rows(database: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """Answer every row of every table with the transaction that wrote it: a row written again is another one."""
    names = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'features' ORDER BY 1").fetchall()
    return {
        str(name): database.execute(f'SELECT xmin::text, t::text FROM features."{name}" t ORDER BY 2').fetchall()
        for (name,) in names
    }


def test_ml043_definitions_are_applied_once_and_a_second_apply_writes_nothing(
    make: Make, database: psycopg.Connection[Any]
) -> None:
    store = make(
        view("activity", [feature("clicks"), feature("country", "string")]),
        view("offline", [feature("age", "int64")], online=False),
    )
    assert store.done("apply")["changes"] == [
        "activity: new, 2 features",
        "offline: new, 1 features",
        "entity user: new, by user_id",
    ]
    before = rows(database)
    assert f"{store.platform}_activity" in before
    assert store.done("apply") == {"changes": [], "left": []}
    assert rows(database) == before


def test_a_feature_and_a_setting_are_added_and_what_the_file_has_no_more_is_left_alone(make: Make) -> None:
    store = make(view("activity", [feature("clicks")]), view("former", [feature("age")]))
    store.put("activity", [clicks("ada", NOW - HOUR, 3)])
    store.done("apply")
    store.done("materialize", "activity")
    store.views = [view("activity", [feature("clicks"), feature("depth")], ttlSeconds=86_400)]
    changed = store.done("apply")
    assert changed["changes"] == ["activity:depth: new", "activity: ttl 30 days, 0:00:00 -> 1 day, 0:00:00"]
    assert changed["left"] == ["former"]
    # What was online still is, and a file from before the new feature has none of it.
    store.put("activity", [clicks("ben", NOW - HOUR, 4, depth=2.5)])
    assert store.get("ada", "activity") == {"clicks": 3, "depth": None}
    store.done("materialize")
    assert store.get("ada", "activity") == {"clicks": 3, "depth": None}
    assert store.get("ben", "activity") == {"clicks": 4, "depth": 2.5}


def test_a_feature_that_would_be_gone_or_mean_something_else_is_refused_and_nothing_is_applied(
    make: Make, database: psycopg.Connection[Any]
) -> None:
    store = make(view("activity", [feature("clicks"), feature("depth")]))
    store.done("apply")
    before = rows(database)
    store.views = [view("activity", [feature("clicks", "string"), feature("new")]), view("other", [feature("age")])]
    answer = store.run("apply")
    assert answer.returncode == 1
    assert "activity:depth is gone" in answer.stderr
    assert "activity:clicks was Float64 and is String" in answer.stderr
    assert "a view NAME_v2" in answer.stderr
    assert rows(database) == before


def test_an_apply_that_was_killed_before_its_table_was_there_is_made_whole_by_the_next(make: Make) -> None:
    store = make()
    kill = """
import os, signal
from feast.infra.online_stores.postgres_online_store.postgres import PostgreSQLOnlineStore
PostgreSQLOnlineStore.update = lambda *_args, **_named: os.kill(os.getpid(), signal.SIGKILL)
"""
    assert store.run("apply", before=kill).returncode == -9
    assert store.done("apply")["changes"] == ["activity: its online table is missing"]
    assert store.done("apply")["changes"] == []


def test_ml044_what_is_read_online_is_the_newest_value_of_each_entity(make: Make) -> None:
    store = make()
    store.done("apply")
    store.put(
        "activity", [clicks("ada", NOW - 3 * HOUR, 1), clicks("ada", NOW - HOUR, 3), clicks("ben", NOW - 2 * HOUR, 7)]
    )
    assert [each["rows"] for each in store.done("materialize")["views"]] == [2]
    assert store.get("ada", "activity:clicks") == {"clicks": 3}
    # A row that arrives late is older than what is online, and stays away; a correction of the same moment doesn't.
    store.put("activity", [clicks("ada", NOW - 2 * HOUR, 2, created_at=NOW)])
    store.put("activity", [clicks("ben", NOW - 2 * HOUR, 8, created_at=NOW - HOUR)])
    store.done("materialize")
    assert store.get("ada", "activity") == {"clicks": 3}
    assert store.get("ben", "activity") == {"clicks": 8}


def test_a_row_that_arrives_after_a_run_and_is_older_than_its_last_one_is_online_after_the_next_run(make: Make) -> None:
    store = make()
    store.done("apply")
    store.put("activity", [clicks("ada", NOW - HOUR, 3)])
    store.done("materialize")
    store.put("activity", [clicks("late", NOW - 5 * DAY, 5, created_at=NOW)])
    store.done("materialize")
    assert store.get("late", "activity") == {"clicks": 5}


def test_what_is_missing_empty_or_too_old_is_told_apart(make: Make) -> None:
    store = make(view("activity", [feature("clicks")], ttlSeconds=4 * 3600))
    store.done("apply")
    store.put(
        "activity",
        [clicks("ada", NOW - HOUR, None), clicks("ben", NOW - 3 * HOUR, 4), clicks("old", NOW - 5 * HOUR, 9)],
        pa.schema(
            [
                ("user_id", pa.string()),
                ("event_timestamp", pa.timestamp("us", "UTC")),
                ("created_at", pa.timestamp("us", "UTC")),
                ("clicks", pa.float64()),
            ]
        ),
    )
    store.done("materialize")

    def state(user: str) -> str:
        found = store.done("get", "--features", "activity", f"user_id={user}")
        return str(found["features"]["activity:clicks"]["state"])

    assert [state(each) for each in ("ada", "ben", "old", "nobody")] == ["null", "present", "missing", "missing"]
    store.views = [view("activity", [feature("clicks")], ttlSeconds=3600)]
    assert state("ben") == "expired"


def test_values_of_every_type_and_of_naive_moments_come_back_as_they_are_in_the_files(make: Make) -> None:
    kinds = {"a": "bool", "b": "float32", "c": "float64", "d": "int32", "e": "int64", "f": "string", "g": "timestamp"}
    store = make(view("activity", [feature(name, kind) for name, kind in kinds.items()]))
    store.done("apply")
    values = {"a": True, "b": 0.5, "c": -1e300, "d": -5, "e": 2**62, "f": "Grüße", "g": NOW}
    naive = NOW.replace(tzinfo=None) - HOUR
    schema = pa.schema(
        [
            *(("user_id", pa.string()), ("event_timestamp", pa.timestamp("us")), ("created_at", pa.timestamp("us"))),
            *(("a", pa.bool_()), ("b", pa.float32()), ("c", pa.float64()), ("d", pa.int32()), ("e", pa.int64())),
            *(("f", pa.string()), ("g", pa.timestamp("us", "UTC"))),
        ]
    )
    store.put("activity", [{"user_id": "ada", "event_timestamp": naive, **values}], schema)
    store.done("materialize")
    found = store.done("get", "--features", "activity", "user_id=ada")["features"]
    assert {name: found[f"activity:{name}"]["value"] for name in kinds} == {
        **values,
        "e": str(2**62),
        "g": int(NOW.timestamp()),
    }
    assert dt.datetime.fromisoformat(found["activity:a"]["at"]) == NOW - HOUR


def test_status_tells_what_is_applied_and_online(make: Make) -> None:
    store = make()
    before = store.done("status")
    assert before["changes"] == ["activity: new, 1 features", "entity user: new, by user_id"]
    assert before["views"][0]["applied"] is False
    store.put("activity", [clicks("ada", NOW - HOUR, 3), clicks("ben", NOW - 2 * HOUR, 1)])
    store.done("apply")
    store.done("materialize")
    (found,) = store.done("status")["views"]
    assert (found["rows"], found["features"]) == (2, 1)
    assert dt.datetime.fromisoformat(found["newest"]) == NOW - HOUR
    assert abs(dt.datetime.fromisoformat(found["materialized"]) - dt.datetime.now(dt.UTC)) < HOUR
