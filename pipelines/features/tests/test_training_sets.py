"""Training sets: to each label what was known at its moment."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from stores import DAY, HOUR, NOW, Store, clicks, feature, view

Make = Callable[..., Store]


def labels(store: Store, rows: list[dict[str, object]], name: str = "labels.parquet") -> Path:
    """Write labels to a file."""
    file = store.folder / name
    table = pa.Table.from_pylist(rows)
    if name.endswith(".csv"):
        pyarrow.csv.write_csv(table, file)
    else:
        pyarrow.parquet.write_table(table, file)
    return file


def joined(store: Store, file: Path, features: str, *more: str) -> list[dict[str, object]]:
    """Make a training set; answers its rows."""
    out = store.folder / "set.parquet"
    store.done("training-set", "--labels", str(file), "--out", str(out), "--features", features, *more)
    return list(pyarrow.parquet.read_table(out).to_pylist())


def test_a_row_that_was_made_after_the_moment_of_a_label_does_not_leak_into_it(make: Make) -> None:
    store = make()
    store.done("apply")
    store.put("activity", [clicks("ada", NOW - 5 * DAY, 1)])
    # True since three days, and there to be read since one: late data, and a correction of what was known.
    store.put("activity", [clicks("ada", NOW - 3 * DAY, 99, created_at=NOW - DAY)])
    store.put("activity", [clicks("ada", NOW - 5 * DAY, 2, created_at=NOW - DAY)])
    moments = [NOW - 6 * DAY, NOW - 4 * DAY, NOW - 2 * DAY, NOW - HOUR]
    file = labels(store, [{"user_id": "ada", "event_timestamp": each, "bought": True} for each in moments])
    found = joined(store, file, "activity:clicks")
    assert [each["activity__clicks"] for each in found] == [None, 1, 1, 99]
    assert [each["event_timestamp"] for each in found] == moments
    assert all(each["bought"] is True for each in found)


def test_a_value_counts_for_its_time_alone_and_each_label_stays_one_row_in_its_place(make: Make) -> None:
    store = make(view("activity", [feature("clicks")], ttlSeconds=86_400), view("profile", [feature("age", "int64")]))
    store.done("apply")
    store.put("activity", [clicks("ada", NOW - 3 * DAY, 1), clicks("ben", NOW - 2 * HOUR, 5)])
    store.put("profile", [{"user_id": "ada", "event_timestamp": NOW - 4 * DAY, "age": 40}])
    asked = [("ben", NOW), ("ada", NOW), ("ada", NOW - 3 * DAY), ("ben", NOW), ("nobody", NOW)]
    file = labels(store, [{"user_id": user, "event_timestamp": at} for user, at in asked])
    found = joined(store, file, "activity,profile:age")
    assert [each["user_id"] for each in found] == [user for user, _ in asked]
    assert [each["activity__clicks"] for each in found] == [5, None, 1, 5, None]
    assert [each["profile__age"] for each in found] == [None, 40, 40, None, None]


def test_labels_may_be_csv_and_what_they_lack_is_told(make: Make) -> None:
    store = make()
    store.done("apply")
    store.put("activity", [clicks("ada", NOW - DAY, 1)])
    file = labels(store, [{"user_id": "ada", "event_timestamp": NOW}], "labels.csv")
    assert [each["activity__clicks"] for each in joined(store, file, "activity")] == [1]

    def refused(rows: list[dict[str, object]], features: str = "activity") -> str:
        file = labels(store, rows, "wrong.parquet")
        out = store.folder / "never.parquet"
        answer = store.run("training-set", "--labels", str(file), "--out", str(out), "--features", features)
        assert (answer.returncode, out.exists()) == (2, False)
        return answer.stderr

    assert "have no column user_id; they have event_timestamp" in refused([{"event_timestamp": NOW}])
    assert "event_timestamp is string, and must be moments" in refused([{"user_id": "a", "event_timestamp": "today"}])
    assert "view activity has no 'click'; did you mean clicks?" in refused(
        [{"user_id": "ada", "event_timestamp": NOW}], "activity:click"
    )
    assert "have a column activity__clicks already" in refused(
        [{"user_id": "ada", "event_timestamp": NOW, "activity__clicks": 1}]
    )
    answer = store.run("training-set", "--labels", "nowhere.csv", "--out", "x", "--features", "activity")
    assert (answer.returncode, "No such file" in answer.stderr or "nowhere.csv" in answer.stderr) == (2, True)
