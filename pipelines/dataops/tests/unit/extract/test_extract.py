"""Rows of an API: what is asked again, and what is refused."""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pyarrow as pa
import pytest
from exchange import Exchange, Rows, answer, candle, exchange, hang_up
from structlog.testing import capture_logs

from conf.base import load_table
from conf.extract.base import HttpSource
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.http_source import read_http
from pipeline_dataops.extract.window import Window
from schema.base import arrow_schema
from schema.core import load_schema

TABLE = "raw_binance_btcusdt_spot"
FIRST = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
HOURS = Window(FIRST, FIRST + dt.timedelta(hours=2))
SCHEMA = arrow_schema(load_schema(TABLE).raw)
Read = Callable[..., pa.Table]
FIRST_MINUTE = int(FIRST.timestamp()) // 60


@pytest.fixture
def api() -> Iterator[Exchange]:
    with exchange() as made:
        yield made


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Answer how long was waited; nobody waits."""
    waited: list[float] = []
    monkeypatch.setattr("pipeline_dataops.extract.http_source.time.sleep", waited.append)
    return waited


@pytest.fixture
def read(api: Exchange, pauses: list[float]) -> Read:  # noqa: ARG001 - nobody waits
    def all_rows(window: Window = HOURS, **changes: Any) -> pa.Table:
        given = load_table(TABLE).source
        assert isinstance(given, HttpSource)
        source = HttpSource.model_validate({**given.model_dump(), **_SPANS, "url": api.url, **changes})
        return pa.concat_tables([SCHEMA.empty_table(), *read_http(source, SCHEMA, window)])

    return all_rows


_SPANS = {"step": "1m", "incremental": {"cursor": "open_time", "first": FIRST, "align": "1h", "at_most": "7d"}}


def test_pages_follow_one_another_until_the_windows_end(api: Exchange, read: Read) -> None:
    found = read(page={"rows": 50})
    assert found.num_rows == 120
    assert [each["limit"] for each in api.asked] == ["50"] * 3
    assert found.column("open_time").to_pylist() == [FIRST + dt.timedelta(minutes=each) for each in range(120)]
    assert found.column("open")[0].as_py() == Decimal(candle(FIRST_MINUTE)[1])


def test_a_page_that_is_shorter_than_asked_for_is_no_end(api: Exchange, read: Read) -> None:
    api.most_rows = 7
    assert read().num_rows == 120


def test_a_gap_is_named_and_the_rows_after_it_are_read(api: Exchange, read: Read) -> None:
    api.change = lambda rows: [row for row in rows if not 10 <= row[0] // 60_000 - FIRST_MINUTE < 30]
    with capture_logs() as lines:
        assert read().num_rows == 100
    begin, end = "2025-01-01T00:10:00+00:00", "2025-01-01T00:30:00+00:00"
    assert {"event": "gap", "log_level": "warning", "begin": begin, "end": end, "missing_rows": 20} in lines


@pytest.mark.parametrize(
    "fault",
    [
        answer(500, "down"),
        answer(503, "<html>maintenance</html>"),
        answer(200, "<html>a portal</html>"),
        answer(200, json.dumps([candle(FIRST_MINUTE)]), cut=10),
        answer(200, json.dumps([candle(FIRST_MINUTE)])[:-10]),
        hang_up,
    ],
    ids=["500", "503", "HTML", "fewer bytes than announced", "half of the JSON", "connection lost"],
)
def test_what_may_pass_is_asked_again(api: Exchange, read: Read, pauses: list[float], fault: Any) -> None:
    api.faults = [fault, fault]
    assert read().num_rows == 120
    assert len([each for each in pauses if each > 0]) >= 2


def test_an_api_that_stays_away_is_named_after_six_tries(api: Exchange, read: Read) -> None:
    api.faults = [answer(500, "down")] * 6
    with pytest.raises(StepError, match=r"klines: answered 500; asked 6 times, run this step again later"):
        read()


@pytest.mark.parametrize("status", [418, 429])
def test_a_pause_that_the_api_asks_for_is_kept(api: Exchange, read: Read, pauses: list[float], status: int) -> None:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=90)
    api.faults = [answer(status, "{}", Retry_After="17"), answer(status, "{}", Retry_After=format_datetime(until))]
    assert read().num_rows == 120
    assert 17 in pauses
    assert any(80 < each <= 91 for each in pauses)


def test_a_pause_of_an_hour_ends_the_run(api: Exchange, read: Read, pauses: list[float]) -> None:
    api.faults = [answer(429, "{}", Retry_After="3600")]
    with pytest.raises(StepError, match=r"answered 429 and asks for a pause of 3600 s; run later"):
        read()
    assert max(pauses) < 1


def test_requests_keep_their_distance(api: Exchange, read: Read, pauses: list[float]) -> None:
    read(page={"rows": 50}, requests_per_second=0.5)
    assert [round(each) for each in pauses[1:]] == [2, 2]
    assert len(api.asked) == 3


def test_a_refused_request_is_told_at_once(api: Exchange, read: Read) -> None:
    api.faults = [answer(400, '{"code":-1121,"msg":"Invalid symbol."}')]
    with pytest.raises(StepError, match=r"refuses the request \(400\): .*Invalid symbol"):
        read()
    assert len(api.asked) == 1


def _without_order(rows: Rows) -> Rows:
    return [rows[1], rows[0], *rows[2:]]


def _set(column: int, value: Any) -> Callable[[Rows], Rows]:
    def change(rows: Rows) -> Rows:
        return [[value if index == column else each for index, each in enumerate(row)] for row in rows]

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_without_order, r"row 2: open_time is 2025-01-01T00:00:00\+00:00; expected: 2025-01-01T00:02:00"),
        (lambda rows: [rows[0], *rows], r"row 2: open_time is 2025-01-01T00:00:00"),
        (lambda rows: [row[:-1] for row in rows], r"row 1: has 11 values; expected: 12: open_time, open"),
        (lambda rows: [[*row, 1] for row in rows], r"row 1: has 13 values"),
        (lambda _: {"rows": []}, r"is no array of rows: \{'rows'"),
        (lambda _: [{"open": 1}], r"row 1: has no array: \{'open': 1\}"),
        (_set(1, "NaN"), r"row 1: column open: 'NaN': is no finite number"),
        (_set(1, "-Infinity"), r"column open: '-Infinity': is no finite number"),
        (_set(4, float("nan")), r"answered NaN, which is no number of JSON"),
        (_set(4, float("inf")), r"answered Infinity, which is no number of JSON"),
        (_set(5, None), r"column volume has no value, and must have one"),
        (_set(8, "many"), r"column trades: 'many': is no whole number"),
        (_set(8, True), r"column trades: True: is no whole number"),
        (_set(8, 2**63), r"column trades: \d+: is larger than 64 bits hold"),
        (_set(1, "1e30"), r"column open: '1e30': has more than 20 digits before the point"),
        (_set(1, "1e-30"), r"column open: '1e-30': has more than 18 digits after the point"),
        (_set(0, "2025-01-01"), r"column open_time: '2025-01-01': is no time in milliseconds since 1970"),
        (_set(6, 10**30), r"column close_time: \d+: is no time in milliseconds"),
        (_set(1, '=HYPERLINK("http://x")'), r"column open: '=HYPERLINK\(.*: is no decimal number"),
    ],
)
def test_rows_of_another_form_are_refused_by_place(api: Exchange, read: Read, change: Any, said: str) -> None:
    api.change = change
    with pytest.raises(StepError, match=said):
        read()


def test_a_page_that_comes_again_is_no_second_page(api: Exchange, read: Read) -> None:
    first = json.dumps([candle(FIRST_MINUTE + each) for each in range(50)])
    api.faults = [answer(200, first), answer(200, first)]
    with pytest.raises(StepError, match=r"page from 2025-01-01T00:50:00.*row 1: open_time is 2025-01-01T00:00:00"):
        read(page={"rows": 50})


def test_a_row_after_the_windows_end_is_refused(api: Exchange, read: Read) -> None:
    api.faults = [answer(200, json.dumps([candle(FIRST_MINUTE + 120)]))]
    with pytest.raises(StepError, match=r"after the end that was asked for, 2025-01-01T02:00:00"):
        read()


def test_a_source_without_rows_reads_none(api: Exchange, read: Read) -> None:
    api.change = lambda _: []
    assert read().num_rows == 0


def test_a_server_that_is_not_there_is_named() -> None:
    given = load_table(TABLE).source
    source = HttpSource.model_validate({**given.model_dump(), **_SPANS, "url": "http://127.0.0.1:1/klines"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline_dataops.extract.http_source.time.sleep", lambda _: None)
        with pytest.raises(StepError, match=r"http://127.0.0.1:1/klines: ConnectError.*; asked 6 times"):
            list(read_http(source, SCHEMA, HOURS))


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_a_proxy_is_passed_by_where_the_environment_says_so(
    read: Read, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with pytest.raises(StepError, match="ConnectError"):
        read()
    monkeypatch.setenv(name, "localhost,127.0.0.1,::1,[::1]")
    assert read().num_rows == 120
