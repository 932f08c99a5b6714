"""Promotion on real servers: what was judged gets to production, once, whole, and nothing else does."""

from pathlib import Path

import pytest
from made_runs import PRODUCTION, Made, PlaceOf, RunOf, judge, logged_in, seen, versions
from minio import Minio

from pipeline_dataops.errors import StepError
from pipeline_dataops.promote.core import promote


def staged(root: Minio, run: Made) -> list[tuple[str | None, bool]]:
    """Versions of a run's object in staging."""
    found = root.list_objects(run.object.bucket, prefix=run.object.object_key, include_version=True)
    return [(each.version_id, each.is_delete_marker) for each in found]


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


def test_an_older_window_again_replaces_its_rows_by_key(run_of: RunOf, place_of: PlaceOf) -> None:
    first = run_of(rows=3)
    promote(place_of("promoter"), first.run_id)
    again = run_of(rows=2, first=first.hours[0])
    promote(place_of("promoter"), again.run_id)
    assert (seen(place_of, first)[1], seen(place_of, again)[1]) == (1, 2)
