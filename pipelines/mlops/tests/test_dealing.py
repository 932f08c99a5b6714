"""Who is dealt which variant, and what of it is recorded; no server is asked."""

import uuid
from collections import Counter
from pathlib import Path

from made_experiments import read
from pipeline_shared.settings import PostgresSettings
from pydantic import SecretStr

from pipeline_mlops.serving.experiments import Experiment, assigned
from pipeline_mlops.serving.recording import Recording
from pipeline_mlops.serving.spool import Spool


def test_a_unit_always_gets_the_same_variant_shares_are_kept_and_another_salt_deals_anew() -> None:
    shares = [
        {"name": name, "alias": "production", "share": share} for name, share in (("a", 60), ("b", 30), ("c", 10))
    ]
    one, other = read(variants=shares), read(variants=shares, salt="another")
    # As `printf 'masks\none\nuser-0' | sha256sum` has them. Who deals otherwise moves people in the middle of it.
    assert [one.variant(one.key(f"user-{number}")).name for number in range(16)] == list("aaaaaaaababaaaca")
    units = [f"user-{number}" for number in range(20_000)]
    found = [one.variant(one.key(each)).name for each in units]
    assert found == [one.variant(one.key(each)).name for each in units]
    for name, share in Counter(found).items():
        wanted = {"a": 12_000, "b": 6_000, "c": 2_000}[name]
        assert abs(share - wanted) < 250, name
    again = [other.variant(other.key(each)).name for each in units]
    both = sum(a == b == "a" for a, b in zip(found, again, strict=True))
    assert abs(both - 7_200) < 250


def test_who_takes_part_is_said_by_attributes_and_the_first_experiment_takes_who_is_in_two() -> None:
    german = read(name="german", eligible=[{"attribute": "country", "values": ["at", "de"]}])
    everybody = read(name="everybody")
    both = [german, everybody]

    def named(**attributes: str) -> str | None:
        found = assigned(both, attributes)
        return None if found is None else found.experiment.name

    assert named(user_id="1", country="de") == "german"
    assert named(user_id="1", country="fr") == named(user_id="1") == "everybody"
    assert named(country="de") is None


def kept_by(spool: Spool, *experiments: Experiment) -> Recording:
    """Records in a file, which no database is asked for."""
    database = PostgresSettings(host="127.0.0.1", port=1, user="x", password=SecretStr("x"), database="x")
    return Recording(list(experiments), spool, database)


def test_an_event_that_is_sent_again_has_the_same_id_and_one_id_for_two_events_or_two_people_loses_none(
    tmp_path: Path,
) -> None:
    spool = Spool(tmp_path, 100)
    recording = kept_by(spool, read(events=["copied", "view"]))
    sent = str(uuid.uuid4())
    for event, person in (("copied", "a"), ("view", "a"), ("copied", "b"), ("copied", "a")):
        recording.happened(event, None, {"user_id": person}, sent)
    ids = [each.record["id"] for each in spool.oldest(10)]
    assert ids[3] == ids[0]
    assert len(set(ids)) == 3
    spool.close()


def test_a_unit_is_recorded_once_for_each_version_that_its_variant_had(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 100)
    one = read()
    recording = kept_by(spool, one)
    found = assigned([one], {"user_id": "a"})
    assert found is not None
    for version in ("7", "7", "8", "7"):
        recording.exposed(found, version)
    assert [each.record["model_version"] for each in spool.oldest(10)] == ["7", "8"]
    spool.close()
