"""What follows where a check fails: a line of the log, an alert, or the end of the run."""

import os
from collections.abc import Sequence

import httpx
import structlog

from pipeline_dataops.http_client import http_client
from pipeline_dataops.validate.result import Result

WEBHOOK = "DATAOPS_ALERT_WEBHOOK"
_SECONDS = 5


def tell(table: str, run_id: str, number: int, results: Sequence[Result]) -> None:
    """Say each failed check in the log; those that alert or stop have `alert: true` and go to the webhook, if any."""
    log = structlog.get_logger()
    failed = [each for each in results if each.status == "failed"]
    for each in failed:
        line = {"what": each.what, "where": each.where, "severity": each.severity, "value": each.value}
        line |= {"allowed": each.allowed, "rows": each.rows, "round": number}
        if each.severity == "log":
            log.warning("check failed", **line)
        else:
            log.error("check failed", alert=True, **line)
    alerts = [each for each in failed if each.severity != "log"]
    address = os.environ.get(WEBHOOK)
    if alerts and address:
        _send(address, {"table": table, "run_id": run_id, "round": number, "checks": [_words(each) for each in alerts]})


def _words(result: Result) -> str:
    return f"{result.severity}: {result.what} of {result.where}: {result.value}, allowed: {result.allowed}"


def _send(address: str, message: dict[str, object]) -> None:
    try:
        with http_client(address, httpx.Timeout(_SECONDS)) as client:
            client.post(address, json=message).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        # The verdict stands, also where nobody hears of it.
        structlog.get_logger().error("alert not delivered", alert=True, reason=type(error).__name__)
