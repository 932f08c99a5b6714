"""The command of the transformation."""

from typing import NoReturn

from pipeline_shared import stopping
from pipeline_shared.log import configure_log, new_run_id, printable
from pipeline_shared.metrics import Step
from pipeline_shared.settings import load_minio_settings

from pipeline.command import days, end_step, parser, show, with_format


def transform() -> NoReturn:
    """Bring what is new in RAW to SILVER; prints the objects."""
    asked = with_format(parser("transform", "bring what is new in cybersec-ml-raw to cybersec-ml-silver"))
    asked.add_argument(
        "--kept-days", type=days, help="SILVER keeps objects so many days: older ones of RAW are left (for ever)"
    )
    given = asked.parse_args()

    def work(step: Step) -> int:
        from pipeline.transformation.transformation_flow import (  # noqa: PLC0415  a moment, which wrong use doesn't pay
            Transformed,
            as_report,
            transformation_flow,
            transformed_lines,
        )

        minio = load_minio_settings()
        stopping.listen()
        run_id = new_run_id()
        configure_log(run_id, service="transform", platform="cybersec")
        done = Transformed()
        try:
            transformation_flow(run_id, minio, done, given.kept_days)
        finally:
            show(given.format, as_report(done), [printable(line) for line in transformed_lines(done)])
        step.rows = {"transformed": sum(each.rows for each in done.partitions if each.made)}
        return 1 if done.refused else 0

    end_step("transform", work)
