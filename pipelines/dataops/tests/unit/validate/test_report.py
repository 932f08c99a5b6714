"""The report of a validation, as JSON and as a page."""

import json
from html.parser import HTMLParser

from judging import JudgedOf, one
from pipeline_dataops.validate.report import Report, as_html, as_json
from pipeline_dataops.validate.result import Result

NAN = float("nan")

HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE x; --",
    "\x1b[31m",
    "=cmd()",
    "\u202egnp",
    '"><img src=x>',
    "\ud800",
]

TAGS = {"html", "meta", "title", "style", "h1", "h2", "span", "table", "thead", "tbody", "tr", "th", "td"}
REPORT = "schemaVersion passed table run_id round code_version object warehouse reference results profile"
RESULT = "what where severity status value allowed rows sample_keys said"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {name for name, _ in attrs} & {"src", "href", "onerror", "style"}

    def handle_data(self, data: str) -> None:
        self.text += data


def report(results: list[Result]) -> Report:
    place = {"bucket": "b", "key": "k", "version_id": "v", "rows": 1, "sha256": "s"}
    return Report("t", "r", 1, "c", place, {"table": "staging.t", "rows": 1, "digest": "1:2"}, None, results, None)


def test_hostile_text_stays_text_in_both_forms_of_the_report() -> None:
    shown = [{"id": each} for each in HOSTILE]
    made = report([Result("values", each, "stop", "failed", each, each, 1, shown, each) for each in HOSTILE])
    page = as_html(made).decode()
    read = _Tags()
    read.feed(page)
    assert read.tags <= TAGS
    assert "<script>alert(1)</script>" in read.text
    assert not {"\x1b", "\u202e"} & set(page)
    assert "default-src 'none'" in page
    found = json.loads(as_json(made))["results"]
    assert [each["where"] for each in found[:6]] == HOSTILE[:6]


def test_reports_have_one_order_and_say_the_same(judged: JudgedOf) -> None:
    results = [one(judged(a=[NAN, 1.0]), kind="presence", column="a"), one(judged(a=[1]), kind="row_count", least=1)]
    made = report(results)
    document = json.loads(as_json(made))
    assert " ".join(document) == REPORT
    assert " ".join(document["results"][0]) == RESULT
    assert document["passed"] is False
    assert document["results"][0] == {
        "what": "presence",
        "where": "a",
        "severity": "stop",
        "status": "failed",
        "value": 0.5,
        "allowed": "at most 0 of the values missing",
        "rows": 1,
        "sample_keys": [{"id": "0"}],
        "said": "",
    }
    page = as_html(made).decode()
    assert '<h1>Round 1 of t: <span class="failed">failed</span></h1>' in page
    assert "at most 0 of the values missing" in page
