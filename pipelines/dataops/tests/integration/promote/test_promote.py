"""Promotion on real servers: what was judged gets to production, once, whole, and nothing else does."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from made_runs import Made, PlaceOf, RunOf, judge, logged_in
from minio import Minio

from pipeline_dataops.errors import StepError
from pipeline_dataops.promote import copy as copy_module
from pipeline_dataops.promote import core
from pipeline_dataops.promote.core import promote
from pipeline_dataops.query.catalog import Promotion, promotion_of
from pipeline_dataops.query.reconcile import differences

PRODUCTION = "dataops-production"


def seen(place_of: PlaceOf, run: Made) -> tuple[Promotion | None, int]:
    """What a consumer sees of a run: its line of the catalog, and how many of its rows."""
    with logged_in(place_of("consumer")) as (_, connection):
        rows = connection.execute(
            "SELECT count(*) FROM production.processed_binance_btcusdt_spot WHERE run_id = %s", [run.run_id]
        ).fetchone()
        return promotion_of(connection, run.run_id), rows[0]


def staged(root: Minio, run: Made) -> list[tuple[str | None, bool]]:
    """Versions of a run's object in staging."""
    found = root.list_objects(run.object.bucket, prefix=run.object.object_key, include_version=True)
    return [(each.version_id, each.is_delete_marker) for each in found]


def versions(root: Minio, key: str) -> list[str | None]:
    """Versions of an object of production."""
    return [each.version_id for each in root.list_objects(PRODUCTION, prefix=key, include_version=True)]


def content(root: Minio, key: str, version: str | None = None) -> bytes:
    """Bytes of an object of production."""
    answer = root.get_object(PRODUCTION, key, version_id=version)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


def test_a_judged_run_gets_to_production_as_it_was_judged_and_staging_stays(
    run_of: RunOf, place_of: PlaceOf, root: Minio
) -> None:
    run = run_of(rows=3)
    before = staged(root, run)
    said = promote(place_of("promoter"), run.run_id)
    promotion, rows = seen(place_of, run)
    assert (promotion, rows) == (said.promotion, 3)
    assert content(root, run.object.object_key, said.promotion.object_version_id) == run.content
    for number, key, version in (
        (1, said.promotion.report_1_key, said.promotion.report_1_version_id),
        (2, said.promotion.report_2_key, said.promotion.report_2_version_id),
    ):
        assert f'"round": {number}' in content(root, key, version).decode()
    assert (said.promotion.source, said.promotion.code_version) == ("https://api.example/klines", "c0ffee")
    assert staged(root, run) == before
    assert str(said.promotion.object) in str(said)


def test_a_second_promotion_of_a_run_changes_nothing_and_says_so(run_of: RunOf, place_of: PlaceOf, root: Minio) -> None:
    run = run_of()
    first = promote(place_of("promoter"), run.run_id)
    before = versions(root, run.object.object_key)
    second = promote(place_of("promoter"), run.run_id)
    assert (second.before, second.promotion) == (True, first.promotion)
    assert str(second).startswith("was promoted already")
    assert versions(root, run.object.object_key) == before


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [((), "no verdict of round 1"), ((1,), "no verdict of round 2"), ((2,), "no verdict of round 1")],
)
def test_a_run_without_both_verdicts_leaves_no_object_in_production(
    run_of: RunOf, place_of: PlaceOf, root: Minio, rounds: tuple[int, ...], expected: str
) -> None:
    run = run_of(rounds=rounds)
    with pytest.raises(StepError, match=expected):
        promote(place_of("promoter"), run.run_id)
    assert (versions(root, run.object.object_key), seen(place_of, run)) == ([], (None, 0))


def test_a_run_that_failed_a_round_leaves_no_object_in_production(
    run_of: RunOf, place_of: PlaceOf, root: Minio
) -> None:
    run = run_of(rounds=(1,))
    judge(place_of("validator"), run.run_id, 2, passed=False)
    with pytest.raises(StepError, match="did not pass round 2 of validation; its report is reports/"):
        promote(place_of("promoter"), run.run_id)
    assert (versions(root, run.object.object_key), seen(place_of, run)) == ([], (None, 0))


def test_rows_that_changed_since_they_were_judged_stay_out_and_so_does_their_object(
    run_of: RunOf, place_of: PlaceOf, root: Minio
) -> None:
    run = run_of()
    with logged_in(place_of("loader")) as (_, connection):
        connection.execute(
            "UPDATE staging.processed_binance_btcusdt_spot SET close = 1 WHERE run_id = %s", [run.run_id]
        )
    with pytest.raises(StepError, match="are not those that round 2 judged"):
        promote(place_of("promoter"), run.run_id)
    assert (versions(root, run.object.object_key), seen(place_of, run)) == ([], (None, 0))


def test_of_an_object_that_was_put_again_the_judged_version_is_promoted(
    run_of: RunOf, place_of: PlaceOf, root: Minio, tmp_path: Path
) -> None:
    run = run_of()
    other = tmp_path / "other"
    other.write_bytes(b"nobody judged this")
    root.fput_object(run.object.bucket, run.object.object_key, str(other))
    said = promote(place_of("promoter"), run.run_id)
    assert content(root, run.object.object_key, said.promotion.object_version_id) == run.content


def test_an_object_of_somebody_elses_below_the_key_is_left_alone_and_named(
    run_of: RunOf, place_of: PlaceOf, root: Minio, tmp_path: Path
) -> None:
    run = run_of()
    other = tmp_path / "other"
    other.write_bytes(b"somebody else's")
    put = root.fput_object(PRODUCTION, run.object.object_key, str(other))
    with pytest.raises(StepError, match="another object has this key"):
        promote(place_of("promoter"), run.run_id)
    assert (versions(root, run.object.object_key), seen(place_of, run)) == ([put.version_id], (None, 0))
    root.remove_object(PRODUCTION, run.object.object_key, put.version_id)


def test_a_run_that_nobody_knows_is_refused(place_of: PlaceOf) -> None:
    with pytest.raises(StepError, match="there is no run '20250101000000-aaaaaa'"):
        promote(place_of("promoter"), "20250101000000-aaaaaa")


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"MINIO_SECRET_KEY": "wrong-secret"}, "refuses it: SignatureDoesNotMatch"),
        ({"MINIO_ENDPOINT": "127.0.0.1:9"}, "MinIO at 127.0.0.1:9 can't be reached"),
        ({"PG_PASSWORD": "wrong"}, "password authentication failed"),
        ({"PG_PORT": "9"}, "PostgreSQL at 127.0.0.1:9: .*refused"),
        ({"PG_USER": "dataops_consumer"}, "no pg_hba|password authentication failed"),
    ],
)
def test_a_wrong_key_or_a_server_that_is_away_ends_it_with_a_sentence(
    run_of: RunOf, place_of: PlaceOf, wrong: dict[str, str], expected: str
) -> None:
    run = run_of()
    with pytest.raises(StepError, match=expected) as error:
        promote(place_of("promoter", **wrong), run.run_id)
    assert "wrong-secret" not in str(error.value)
    assert seen(place_of, run) == (None, 0)


@pytest.mark.parametrize("login", ["loader", "transformer", "validator", "consumer"])
def test_no_other_login_of_the_platform_promotes(run_of: RunOf, place_of: PlaceOf, login: str) -> None:
    run = run_of()
    with pytest.raises(StepError, match="permission denied"):
        promote(place_of(login), run.run_id)
    assert seen(place_of, run) == (None, 0)


def test_no_other_key_of_the_platform_writes_production(
    run_of: RunOf, place_of: PlaceOf, logins: dict[str, dict[str, str]]
) -> None:
    run = run_of()
    for login in ("loader", "transformer", "validator", "consumer"):
        key = {name: logins[login][name] for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")}
        with pytest.raises(StepError, match="AccessDenied"):
            promote(place_of("promoter", **key), run.run_id)
    assert seen(place_of, run) == (None, 0)


Point = Callable[[], None]


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


def test_an_older_window_again_replaces_its_rows_by_key(run_of: RunOf, place_of: PlaceOf) -> None:
    first = run_of(rows=3)
    promote(place_of("promoter"), first.run_id)
    again = run_of(rows=2, first=first.hours[0])
    promote(place_of("promoter"), again.run_id)
    assert (seen(place_of, first)[1], seen(place_of, again)[1]) == (1, 2)
