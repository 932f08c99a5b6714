"""Promotions that are cut off, raced or watched: rows and object become visible together, once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from made_runs import PlaceOf, RunOf, logged_in, seen, versions
from minio import Minio

from pipeline_dataops.promote import copy as copy_module
from pipeline_dataops.promote import core
from pipeline_dataops.promote.core import promote
from pipeline_dataops.query.catalog import Promotion, promotion_of
from pipeline_dataops.query.reconcile import differences


@contextmanager
def ends(patch: pytest.MonkeyPatch, point: str, end: Callable[[], Any]) -> Iterator[None]:
    """Call `end` at a point of the promotion, by its name."""
    copies, commits = 0, 0
    copy, commit = copy_module.copy, psycopg.Connection.commit

    def copying(*given: Any, **named: Any) -> Any:
        nonlocal copies
        if point == f"before copy {copies}":
            end()
        made = copy(*given, **named)
        copies += 1
        if point == f"after copy {copies}":
            end()
        return made

    def committing(connection: psycopg.Connection[Any]) -> None:
        nonlocal commits
        if point == "before the commit" and copies == 3 and commits == 1:
            end()
        commit(connection)
        commits += 1
        if point == "after the commit" and copies == 3 and commits == 2:
            end()

    with patch.context() as patched:
        patched.setattr(core, "copy", copying)
        patched.setattr(psycopg.Connection, "commit", committing)
        yield


POINTS = ["before copy 0", "after copy 1", "after copy 2", "after copy 3", "before the commit", "after the commit"]


@pytest.mark.parametrize(
    ("point", "number"),
    [*((each, signal.SIGKILL) for each in POINTS), (POINTS[1], signal.SIGTERM), (POINTS[4], signal.SIGTERM)],
)
def test_a_promotion_killed_anywhere_is_ended_by_the_next_one(
    run_of: RunOf, place_of: PlaceOf, root: Minio, monkeypatch: pytest.MonkeyPatch, point: str, number: int
) -> None:
    run = run_of()
    place = place_of("promoter")
    child = os.fork()
    if child == 0:
        with ends(monkeypatch, point, lambda: os.kill(os.getpid(), number)):
            try:
                promote(place, run.run_id)
            finally:
                os._exit(70)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -number
    promotion, rows = seen(place_of, run)
    assert (promotion is None, rows) == ((False, 2) if point == "after the commit" else (True, 0))
    left = {each.object for each in differences(place_of("consumer"), None) if run.run_id in each.object}
    copied = int(point.rpartition(" ")[2]) if "copy" in point else 3
    assert len(left) == (
        0 if point == "after the commit" else max(0, copied - 1)
    )  # reports; the object's key has no run
    said = promote(place_of("promoter"), run.run_id)
    assert seen(place_of, run) == (said.promotion, 2)
    assert versions(root, run.object.object_key) == [said.promotion.object_version_id]
    assert not [each for each in differences(place_of("consumer"), None) if run.object.object_key in each.object]


def test_two_promotions_at_once_make_one(run_of: RunOf, place_of: PlaceOf, root: Minio) -> None:
    run = run_of()
    place = place_of("promoter")
    said: list[Promotion] = []
    threads = [threading.Thread(target=lambda: said.append(promote(place, run.run_id).promotion)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert said == [said[0]] * 4
    assert versions(root, run.object.object_key) == [said[0].object_version_id]


def test_who_sees_the_rows_of_a_run_finds_its_object_and_both_reports(
    run_of: RunOf, place_of: PlaceOf, root: Minio
) -> None:
    runs = [run_of() for _ in range(5)]
    consumer = place_of("consumer")
    done = threading.Event()
    missing: list[str] = []
    found: set[str] = set()

    def watch() -> None:
        with logged_in(consumer) as (_, connection):
            connection.autocommit = True
            last = False
            while not last:
                last = done.is_set()
                rows = connection.execute(
                    "SELECT DISTINCT run_id FROM production.processed_binance_btcusdt_spot WHERE run_id = ANY(%s)",
                    [[each.run_id for each in runs]],
                ).fetchall()
                for (run_id,) in rows:
                    promotion = promotion_of(connection, run_id)
                    missing.extend(_missing(root, run_id, promotion))
                    found.add(run_id)

    reader = threading.Thread(target=watch)
    reader.start()
    try:
        for each in runs:
            promote(place_of("promoter"), each.run_id)
    finally:
        done.set()
        reader.join()
    assert (missing, found) == ([], {each.run_id for each in runs})


def _missing(root: Minio, run_id: str, promotion: Promotion | None) -> list[str]:
    if promotion is None:
        return [run_id]
    parts = (promotion.object, promotion.report_1, promotion.report_2)
    return [str(each) for each in parts if each.version_id not in versions(root, each.key)]
