"""Each check of both gates fires on data that are broken for it, and on nothing else; none asks the network."""

import json
import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LEARNT, HELD_OUT = 80, 20
PARTS = {
    "address": "Main Street 12, Springfield",
    "card": "4111 1111 1111 {number:04}",
    "email": "user{number}@example.org",
    "iban": "DE89 3704 0044 0532 0130 {number:04}",
    "person": "Ada King",
    "phone": "+44 20 7946 {number:04}",
}
Rows = list[dict[str, Any]]


def good() -> Rows:
    """Texts that pass: three of four have a span, of each kind in turn."""
    rows: Rows = []
    for number in range(LEARNT + HELD_OUT):
        words = f"In case {number} nobody asked for anything that would be of use to a thief"
        spans = []
        if number % 4:
            kind = list(PARTS)[number % len(PARTS)]
            part = PARTS[kind].format(number=number)
            start = len(words) + 2
            words = f"{words}: {part}; thanks."
            spans = [{"kind": kind, "start": start, "end": start + len(part)}]
        rows.append({"text": words, "spans": spans, "held_out": number >= LEARNT})
    return rows


def spans_of(rows: Rows, kind: str) -> dict[str, Any]:
    """The first span of a kind."""
    return next(span for row in rows for span in row["spans"] if span["kind"] == kind)


def put(rows: Rows, kind: str, part: str) -> None:
    """Write another value where the first span of a kind is."""
    row = next(row for row in rows if row["spans"] and row["spans"][0]["kind"] == kind)
    start = row["spans"][0]["start"]
    row["text"] = f"{row['text'][:start]}{part}; thanks."
    row["spans"][0]["end"] = start + len(part)


def each_text(rows: Rows, change: Callable[[str], str]) -> None:
    """Change texts of rows without spans."""
    for row in rows:
        if not row["spans"]:
            row["text"] = change(row["text"])


def marked(rows: Rows, count: int) -> None:
    """Leave spans in the first rows alone."""
    for row in rows[count:]:
        row["spans"] = []


def no_iban(rows: Rows) -> None:
    """Call all of a kind another one, whose pattern takes everything."""
    for row in rows:
        for span in row["spans"]:
            span["kind"] = "person" if span["kind"] == "iban" else span["kind"]


PANDERA: dict[str, Callable[[Rows], Any]] = {
    "text: is a text of 1 to 10000 characters": lambda rows: rows[0].update(text=7),
    "held_out: is true or false": lambda rows: rows[0].update(held_out="no"),
    "kind: is one of": lambda rows: spans_of(rows, "address").update(kind="passport"),
    "start: is a whole number from 0": lambda rows: spans_of(rows, "person").update(start=-4),
    "end: is a whole number from 0": lambda rows: spans_of(rows, "person").update(end="9"),
    "start, end: start is before end, and end in the text": lambda rows: spans_of(rows, "address").update(end=9000),
    "start, end: spans are in order and don't overlap": lambda rows: rows[1]["spans"].append(rows[1]["spans"][0]),
    "language: is known to the schema": lambda rows: rows[0].update(language="en"),
    "held_out: is there": lambda rows: [row.pop("held_out") for row in rows],
    "kind: is there": lambda rows: [span.pop("kind") for row in rows for span in row["spans"]],
}
GREAT_EXPECTATIONS: dict[str, Callable[[Rows], Any]] = {
    "all: expect_table_row_count_to_equal": lambda rows: rows.pop(0),
    "held_out: expect_column_sum_to_be_between": lambda rows: rows[0].update(held_out=True),
    "text: expect_column_proportion_of_unique_values_to_be_between": lambda rows: [
        row.update(text=rows[0]["text"]) for row in rows[:LEARNT] if not row["spans"]
    ],
    "text: expect_column_values_to_not_match_regex": lambda rows: rows[0].update(text=rows[0]["text"] + "\ufffd"),
    "also_learnt: expect_column_values_to_be_in_set": lambda rows: rows[84].update(text=rows[0]["text"]),
    "characters: expect_column_mean_to_be_between": lambda rows: each_text(rows, lambda text: text * 14),
    "with_spans: expect_column_mean_to_be_between": lambda rows: marked(rows, 50),
    "kind: expect_column_distinct_values_to_contain_set": no_iban,
    "surface: expect_column_values_to_not_match_regex": lambda rows: put(rows, "person", "Ada King "),
    "surface: expect_column_values_to_match_regex, of card": lambda rows: put(rows, "card", "4111 XXXX"),
    "surface: expect_column_values_to_match_regex, of email": lambda rows: put(rows, "email", "user at example.org"),
    "surface: expect_column_values_to_match_regex, of iban": lambda rows: put(rows, "iban", "89 3704 0044"),
    "surface: expect_column_values_to_match_regex, of phone": lambda rows: put(rows, "phone", "ext. 12"),
}


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command on rows, without a network; answers its code, what it says, and its report."""

    def refused(*_: object) -> None:
        raise AssertionError("a gate asked the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    from data_gates import cli  # noqa: PLC0415  while tests are collected nothing of it is needed

    def run(rows: Rows | str, *, model: str = "identity-masker") -> tuple[int, str, dict[str, Any]]:
        file = tmp_path / "texts.jsonl"
        file.write_text(rows if isinstance(rows, str) else "".join(f"{json.dumps(row)}\n" for row in rows))
        words = [model, str(file), "--learnt", str(LEARNT), "--held-out", str(HELD_OUT), "--report", str(tmp_path)]
        monkeypatch.setattr("sys.argv", ["data-gate", *words])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        report = tmp_path / "validation.json"
        return int(str(end.value.code)), said.out + said.err, json.loads(report.read_text()) if report.exists() else {}

    return run


def failed(report: dict[str, Any], name: str) -> set[str]:
    """Names of what a gate found."""
    return {
        f"{each['column']}: {each['expectation']}"
        for each in report["findings"]
        if not each["passed"] and each["gate"] == name
    }


def test_data_as_they_should_be_pass_both_gates_and_the_report_has_every_check(
    gate: Callable[..., Any], tmp_path: Path
) -> None:
    code, said, report = gate(good())
    assert (code, report["passed"]) == (0, True), said
    # What has no broken data below would be a check that nobody saw fire.
    judged = {f"{each['column']}: {each['expectation']}" for each in report["findings"] if each["gate"] != "pandera"}
    assert judged == set(GREAT_EXPECTATIONS)
    assert "all checks passed" in (tmp_path / "validation.md").read_text()
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


@pytest.mark.parametrize("name", PANDERA)
def test_the_schema_stops_what_breaks_it(gate: Callable[..., Any], name: str) -> None:
    rows = good()
    PANDERA[name](rows)
    code, said, report = gate(rows)
    assert code == 1
    (found,) = failed(report, "pandera")
    assert found.startswith(name)
    column, _, words = name.partition(": ")
    assert f"column {column}: {words}" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("name", GREAT_EXPECTATIONS)
def test_each_expectation_stops_data_that_are_broken_for_it(gate: Callable[..., Any], name: str) -> None:
    rows = good()
    GREAT_EXPECTATIONS[name](rows)
    code, said, report = gate(rows)
    assert code == 1
    assert failed(report, "great_expectations") == {name}
    assert failed(report, "pandera") == set()
    column, _, expectation = name.partition(": ")
    assert re.search(rf"column {column}: {re.escape(expectation)} \(great_expectations\): \S", said)


def test_a_sentence_has_column_count_and_lines_and_neither_it_nor_the_report_shows_a_text(
    gate: Callable[..., Any], tmp_path: Path
) -> None:
    rows = good()
    for row in rows[:12]:
        row["text"] += "\x00 private words"
    code, said, _ = gate(rows)
    assert code == 1
    assert "not_match_regex (great_expectations): 12 rows, line 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ..." in said
    for text in (said, (tmp_path / "validation.md").read_text(), (tmp_path / "validation.json").read_text()):
        assert "private words" not in text


def test_lines_that_are_no_texts_an_empty_file_and_an_unknown_model_are_sentences(gate: Callable[..., Any]) -> None:
    torn = "".join(f"{json.dumps(row)}\n" for row in good())[:-30]
    code, said, report = gate(torn)
    assert code == 1
    assert "is a JSON object of whole characters with a list of spans" in said
    assert f"(reading): 1 row, line {LEARNT + HELD_OUT}" in said
    assert report["texts"] == LEARNT + HELD_OUT - 1
    for own, other in (({"line": 3}, {}), ({}, {"surface": "Ada"})):
        rows = good()
        rows[0] |= own
        spans_of(rows, "person").update(other)
        code, said, _ = gate(rows)
        assert code == 1
        assert "without the gate's own (characters, line, surface) (reading): 1 row, line " in said
    rows = good()
    rows[0]["text"] += "\ud83d"
    code, said, _ = gate(rows)
    assert code == 1
    assert "(reading): 1 row, line 1" in said
    code, said, _ = gate("")
    assert code == 1
    assert "expect_table_row_count_to_equal (great_expectations): 0; expected: value 100" in said
    code, said, _ = gate(good(), model="other")
    assert code == 2
    assert "other: has no suite; MODELS in data_gates/content.py has: identity-masker" in said
