"""Which stretch of time a run takes."""

import datetime as dt

import pytest
from pydantic import ValidationError

from conf.extract.base import Incremental
from pipeline_dataops.extract.window import next_window

FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
HOURLY = Incremental.model_validate({"cursor": "open_time", "first": FIRST, "align": "1h", "at_most": "1d"})


def test_the_first_run_begins_at_first_and_ends_with_a_whole_hour() -> None:
    window = next_window(HOURLY, None, FIRST + 2.5 * HOUR)
    assert window is not None
    assert (window.begin, window.end) == (FIRST, FIRST + 2 * HOUR)


def test_the_next_run_begins_where_the_last_one_ended_and_takes_at_most_so_much() -> None:
    window = next_window(HOURLY, FIRST + HOUR, FIRST + 100 * HOUR)
    assert window is not None
    assert (window.begin, window.end) == (FIRST + HOUR, FIRST + 25 * HOUR)


@pytest.mark.parametrize("now", [FIRST + 1.9 * HOUR, FIRST + HOUR, FIRST - 10 * HOUR])
def test_an_hour_that_is_not_over_and_a_clock_that_was_set_back_make_no_window(now: dt.datetime) -> None:
    assert next_window(HOURLY, FIRST + HOUR, now) is None


@pytest.mark.parametrize(("now", "hours"), [("02:30:00+02:00", 0), ("02:30:00+01:00", 1), ("03:00:00+01:00", 2)])
def test_an_hour_that_the_end_of_summer_time_repeats_is_two_hours(now: str, hours: int) -> None:
    autumn = dt.datetime(2025, 10, 26, tzinfo=dt.UTC)
    window = next_window(HOURLY, autumn, dt.datetime.fromisoformat(f"2025-10-26T{now}"))
    assert (window.end - window.begin if window else 0 * HOUR) == hours * HOUR


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first": "2025-01-01T00:30:00Z"}, "first: must be the begin of a whole span"),
        ({"first": "2025-01-01T00:00:00"}, "first"),
        ({"at_most": "30m"}, "at_most: must be `align` or more"),
        ({"align": "1 hour"}, "must be a number and s, m, h or d"),
    ],
)
def test_a_window_that_never_moves_or_splits_an_hour_is_refused(change: dict[str, str], said: str) -> None:
    given = {"cursor": "open_time", "first": "2025-01-01T00:00:00Z", "align": "1h", "at_most": "1d"} | change
    with pytest.raises(ValidationError, match=said):
        Incremental.model_validate(given)
