"""What a validation left: its verdict and its report."""

import json
from typing import Any

from minio import Minio
from places import with_table

from conf.base import Place
from metadata.core import Round, Verdict, verdicts_of
from pipeline_dataops.warehouse import warehouse


def expecting(place: Place, *raw: dict[str, Any]) -> Place:
    """The place with these expectations of raw rows, and no others."""
    return with_table(place, expectations={"raw": list(raw), "processed": []})


def report_of(root: Minio, verdict: Verdict) -> dict[str, Any]:
    answer = root.get_object(verdict.report_bucket, verdict.report_key, version_id=verdict.report_version_id)
    return dict(json.loads(answer.read()))


def page_of(root: Minio, verdict: Verdict) -> str:
    return root.get_object(verdict.report_bucket, verdict.report_key.replace(".json", ".html")).read().decode()


def verdict_of(place: Place, run_id: str, number: Round = 1) -> Verdict | None:
    with warehouse(place.postgres) as connection:
        return verdicts_of(connection, run_id).get(number)
