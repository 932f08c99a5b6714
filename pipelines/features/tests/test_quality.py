"""What is measured of features, and that drift is told where there is some and nowhere else."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest
from prometheus_client.parser import text_string_to_metric_families
from stores import HOUR, NOW, Store, feature, view

Make = Callable[..., Store]
USERS = 600
LIMIT = 0.25


def rows(seed: int, *, mean: float, at: Any = NOW - HOUR) -> list[dict[str, Any]]:
    """Answer one row for each user, of which one in ten has no `depth`."""
    made = random.Random(seed)
    return [
        {
            "user_id": f"u{number}",
            "event_timestamp": at,
            "clicks": made.gauss(mean, 1),
            "depth": None if number % 10 == 0 else made.random(),
            "country": made.choice("ab"),
        }
        for number in range(USERS)
    ]


@pytest.fixture
def trained(make: Make) -> Store:
    """A store whose values have the profile of a training set."""
    fields = [feature("clicks", least=0), feature("depth", nullShare=0.2), feature("country", "string")]
    store = make(view("activity", fields))
    store.done("apply")
    store.put("activity", rows(1, mean=5, at=NOW - 3 * HOUR))
    labels = store.folder / "labels.parquet"
    plain = [{"user_id": f"u{number}", "event_timestamp": NOW - 2 * HOUR} for number in range(USERS)]
    pyarrow.parquet.write_table(pa.Table.from_pylist(plain), labels)
    made = store.done(
        *("training-set", "--labels", str(labels), "--out", str(store.folder / "set.parquet")),
        *("--features", "activity", "--keep-profile"),
    )
    assert made["profiles"] == [f"s3://mlops-features/_profiles/{store.prefix('activity')}profile.json"]
    return store


def told(folder: Path, store: Store) -> dict[str, dict[str, float]]:
    """Answer what node_exporter would read: values by series, then by feature."""
    text = (folder / f"features-{store.platform}-activity.prom").read_text(encoding="utf-8")
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            assert (sample.labels["platform"], sample.labels["view"]) == (store.platform, "activity")
            found.setdefault(sample.name, {})[sample.labels.get("feature", "")] = sample.value
    return found


def test_ml045_missing_values_and_those_outside_of_their_range_are_told_to_prometheus(trained: Store) -> None:
    # One user of sixty has a value below the declared range.
    odd = [{**each, "clicks": -1.0} for each in rows(2, mean=5)[::60]]
    trained.put("activity", odd)
    trained.done("materialize", PIPELINE_METRICS_FOLDER=str(trained.folder))
    found = told(trained.folder, trained)
    assert found["feature_rows"] == {"": USERS}
    assert found["feature_newest_timestamp_seconds"] == {"": (NOW - HOUR).timestamp()}
    assert found["feature_null_share"] == {"clicks": 0, "depth": 0.1, "country": 0}
    assert found["feature_null_share_allowed"] == {"clicks": 0, "depth": 0.2, "country": 0}
    assert found["feature_outside_share"]["clicks"] == pytest.approx(10 / USERS)
    step = (trained.folder / f"pipeline-{trained.platform}-features.prom").read_text(encoding="utf-8")
    assert "pipeline_last_success_timestamp_seconds" in step


def test_ml046_values_that_shifted_are_drift_and_others_of_the_same_kind_are_none(trained: Store) -> None:
    def drift(seed: int, mean: float) -> dict[str, float]:
        trained.put("activity", rows(seed, mean=mean, at=NOW - HOUR + seed * HOUR / 60))
        trained.done("materialize", PIPELINE_METRICS_FOLDER=str(trained.folder))
        return told(trained.folder, trained)["feature_drift"]

    same = drift(3, 5)
    assert set(same) == {"clicks", "depth"}
    assert max(same.values()) < 0.1
    shifted = drift(4, 6.5)
    assert shifted["clicks"] > LIMIT
    assert shifted["depth"] < 0.1


def test_without_a_profile_or_with_a_handful_of_values_no_drift_is_told(make: Make) -> None:
    store = make(view("activity", [feature("clicks"), feature("depth"), feature("country", "string")]))
    store.done("apply")
    store.put("activity", rows(1, mean=5)[:50])
    store.done("materialize", PIPELINE_METRICS_FOLDER=str(store.folder))
    assert "feature_drift" not in told(store.folder, store)


def test_a_profile_that_is_none_is_told(trained: Store) -> None:
    program = f"""
import io, os
from minio import Minio
given = {{name: os.environ["MINIO_" + name.upper()] for name in ("endpoint", "access_key", "secret_key")}}
key = "_profiles/{trained.prefix("activity")}profile.json"
Minio(**given, secure=False).put_object("mlops-features", key, io.BytesIO(b"[]"), 2)
"""
    answer = trained.run("materialize", before=program)
    assert answer.returncode == 3
    assert "is no profile; keep one again with bucketworks feature training-set" in answer.stderr


def test_metrics_that_cannot_be_written_stop_no_run(trained: Store) -> None:
    answer = trained.run("materialize", PIPELINE_METRICS_FOLDER=str(trained.folder / "nowhere"))
    assert answer.returncode == 0
    assert "metrics not written" in answer.stderr
