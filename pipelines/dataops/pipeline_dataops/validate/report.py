"""The report of a validation: JSON for programs, one page of HTML for people. Both say the same."""

import html
import json
from dataclasses import asdict, dataclass
from typing import Any

from pipeline_dataops.validate.result import Result, passed

SCHEMA_VERSION = 1
_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: left; vertical-align: top; }
td { overflow-wrap: anywhere; }
.failed { color: #c22; font-weight: bold; } .passed { color: #284; }
@media (prefers-color-scheme: dark) { .failed { color: #f77; } .passed { color: #7c9; } }
""".strip()


@dataclass(frozen=True)
class Report:
    """What a round judged, and what it found."""

    table: str
    run_id: str
    round: int
    code_version: str
    object: dict[str, Any]
    """Bucket, key, version_id, rows as recorded, sha256."""
    warehouse: dict[str, Any]
    """Table, rows and digest of the run's rows."""
    reference: dict[str, Any] | None
    """Run, key and version_id of the report that this one is compared with."""
    results: list[Result]
    profile: dict[str, Any] | None
    """What the next run is compared with; none where the object can't be read or isn't of the schema."""


def as_json(report: Report) -> bytes:
    """Write the report as JSON: keys in this order, one form for equal reports."""
    document = {"schemaVersion": SCHEMA_VERSION, "passed": passed(report.results), **asdict(report)}
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def as_html(report: Report) -> bytes:
    """Write the report as one page that asks for nothing else. Text of the data stays text."""
    verdict = "passed" if passed(report.results) else "failed"
    facts = {
        "table": report.table,
        "run": report.run_id,
        "code version": report.code_version,
        "object": f"{report.object['bucket']}/{report.object['key']}",
        "version of the object": report.object["version_id"],
        "rows in the warehouse": f"{report.warehouse['rows']} in {report.warehouse['table']}",
        "compared with": report.reference["run_id"] if report.reference else "nothing: no run before passed",
    }
    head = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in facts.items())
    titles = ("what", "where", "severity", "status", "found", "allowed", "rows", "for example", "note")
    body = "".join(_row(each) for each in report.results)
    page = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Round {report.round} of {_text(report.table)}: {verdict}</title>
<style>{_STYLE}</style>
<h1>Round {report.round} of {_text(report.table)}: <span class="{verdict}">{verdict}</span></h1>
<table>{head}</table>
<h2>Checks</h2>
<table><thead><tr>{"".join(f"<th>{each}</th>" for each in titles)}</tr></thead>
<tbody>{body}</tbody></table>
</html>
"""
    return page.encode("utf-8", "backslashreplace")


def _row(result: Result) -> str:
    shown = "; ".join(", ".join(f"{name} {value}" for name, value in each.items()) for each in result.sample_keys)
    cells = (
        result.what,
        result.where,
        result.severity,
        result.status,
        result.value,
        result.allowed,
        result.rows,
        shown,
        result.said,
    )
    state = result.status if result.status in ("passed", "failed") else ""
    return (
        "<tr>"
        + "".join(
            f'<td class="{state}">{_text(each)}</td>' if index == 3 else f"<td>{_text(each)}</td>"
            for index, each in enumerate(cells)
        )
        + "</tr>\n"
    )


def _text(value: Any) -> str:
    """Text as HTML shows it: what nobody can see, or turns the direction of writing, is shown as its escape."""
    text = "" if value is None else str(value)
    return html.escape("".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text))
