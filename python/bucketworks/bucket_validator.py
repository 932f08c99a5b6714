"""Validates and monitors the buckets of a platform file: `BucketValidator`, and the program of the same name."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from bucketworks.command_line import parser, run_as_program, write_report, write_text
from bucketworks.errors import CouldNotLookError
from bucketworks.export import export, format_of
from bucketworks.minio_client import MinioClient
from bucketworks.monitoring import MonitoringResult, monitor
from bucketworks.program import Program
from bucketworks.report import ValidationReport
from bucketworks.target import StrPath, Target
from bucketworks.validation import Depth, is_healthy, summary, validate

log = logging.getLogger("bucketworks")


class BucketValidator:
    """Health of the buckets of a platform file."""

    def __init__(
        self,
        config_path: StrPath | None = None,
        environment: str | None = None,
        *,
        server: str | None = None,
        bucketworks: StrPath | None = None,
    ) -> None:
        """Say what is looked at; nothing is, before a method is called.

        :param config_path: the platform file; None: CONFIG_DIR and BUCKET_CONFIG_FILE, else the platforms of the stack
        :param environment: the stage; None: ENVIRONMENT, else `metadata.environment` of the file
        :param server: URL of another server than the stack's
        :param bucketworks: the command, or the checkout that it lies in; None: BUCKETWORKS, else PATH, else the
            checkout that this package lies in
        :raises MissingProgramError: where the command isn't found
        """
        self.target = Target(Program(bucketworks), config_path, environment, server)
        self.minio_client: MinioClient | None = None

    def validate_all_buckets(self, depth: Depth = "health") -> ValidationReport:
        """Compare every bucket with the file.

        :param depth: `usage` lists objects, too: for sizes by prefix, ages and what expires
        :returns: what was found; findings are no exception
        :raises BucketworksError: where the file has faults, or the server could not be looked at
        """
        return validate(self.target, depth)

    def monitor_bucket_health(
        self, duration_minutes: float = 30, *, interval_seconds: float | None = None
    ) -> MonitoringResult:
        """Validate again and again.

        :param interval_seconds: from one look to the next; None: VALIDATION_INTERVAL, else 300
        """
        return monitor(self.target, duration_minutes, interval_seconds)

    def export_validation_report(
        self,
        report: ValidationReport,
        path: StrPath,
        format: Literal["html", "json"] = "html",  # noqa: A002
    ) -> Path:
        """Write a report to a file, whose folder must be there.

        :param format: `html` is one page for a browser, `json` what the command printed
        :raises WrongUseError: for another format
        :raises OSError: where the file can't be written
        """
        return export(report, Path(path), format)

    def _setup_clients(self) -> None:
        """Make `minio_client`, by which a person looks whether the server answers."""
        self.minio_client = MinioClient(self.target)


def main(arguments: Sequence[str] | None = None) -> int:
    """`bucket_validator.py`: exit codes are those of `bucketworks`."""
    options = parser(
        "bucket_validator.py", "validate or monitor the buckets of a platform file", ["validate", "monitor"]
    )
    options.add_argument(
        "--format", choices=["html", "json"], help="of the report (default: by the name of --output, else json)"
    )
    options.add_argument(
        "--monitor-duration", type=float, default=60, metavar="MINUTES", help="of --action monitor (default: 60)"
    )
    given = options.parse_args(arguments)

    def act() -> int:
        validator = BucketValidator(given.config, given.environment)
        if given.action == "monitor":
            result = validator.monitor_bucket_health(given.monitor_duration)
            write_text(result.text, given.output)
            return result.exit_code
        kind = given.format or format_of(given.output)
        try:
            report = validator.validate_all_buckets("usage" if kind == "html" else "health")
        except CouldNotLookError as error:
            if error.report is not None:
                write_report(error.report, given.output, kind)
            raise
        log.info("%s", summary(report))
        write_report(report, given.output, kind)
        return 0 if is_healthy(report) else 1

    return run_as_program(act, verbose=given.verbose)


if __name__ == "__main__":
    sys.exit(main())
