"""Makes and configures the buckets of a stage: `MLOpsBucketProvisioner`, and the program of the same name."""

import logging
import sys
from collections.abc import Sequence

from bucketworks.command_line import parser, run_as_program, write_report
from bucketworks.program import Program
from bucketworks.provisioning import CleanupResult, ProvisioningResult, clean_up, provision
from bucketworks.report import ValidationReport
from bucketworks.target import StrPath, Target
from bucketworks.validation import is_healthy, summary, validate

log = logging.getLogger("bucketworks")


class MLOpsBucketProvisioner:
    """Buckets of a stage, as the stack of its name deploys them."""

    def __init__(
        self,
        config_path: StrPath | None = None,
        environment: str | None = None,
        *,
        bucketworks: StrPath | None = None,
    ) -> None:
        """Say what is provisioned; nothing is, before a method is called.

        :param config_path: a platform file of the stack; None: all of them
        :param environment: the stage; None: ENVIRONMENT, else `metadata.environment` of the file, else dev
        :param bucketworks: the command, or the checkout that it lies in; None: BUCKETWORKS, else PATH, else the
            checkout that this package lies in
        :raises MissingProgramError: where the command isn't found
        """
        self.target = Target(Program(bucketworks), config_path, environment)

    def provision_all_buckets(self) -> ProvisioningResult:
        """Deploy the stack: all its platforms, as `make up` (stage dev) and `make deploy` do; then validate the file's.

        :returns: what became of each bucket; a deployment that failed is no exception
        :raises BucketworksError: where nothing could be deployed, or the server not be looked at
        """
        return provision(self.target)

    def validate_buckets(self) -> ValidationReport:
        """Compare every bucket with the file, as `BucketValidator.validate_all_buckets` does."""
        return validate(self.target)

    def cleanup_failed_buckets(self) -> CleanupResult:
        """Remove the empty buckets that a killed deployment was making, and settle what else it left.

        As `bucketworks cleanup --delete failed` and `bucketworks recover` do. No bucket that holds anything is deleted.
        """
        return clean_up(self.target)


def main(arguments: Sequence[str] | None = None) -> int:
    """`bucket_provisioner.py`: exit codes are those of `bucketworks`."""
    actions = ["provision", "validate", "cleanup"]
    given = parser("bucket_provisioner.py", "make, validate or clean up the buckets of a stage", actions).parse_args(
        arguments
    )

    def act() -> int:
        provisioner = MLOpsBucketProvisioner(given.config, given.environment)
        if given.action == "validate":
            report = provisioner.validate_buckets()
            log.info("%s", summary(report))
            write_report(report, given.output, "json")
            return 0 if is_healthy(report) else 1
        result = (
            provisioner.cleanup_failed_buckets() if given.action == "cleanup" else provisioner.provision_all_buckets()
        )
        for line in result.lines:
            log.info("%s", line)
        if isinstance(result, ProvisioningResult) and result.report is not None:
            log.info("%s", summary(result.report))
            if given.output is not None:
                write_report(result.report, given.output, "json")
        return 0 if result.succeeded else 1

    return run_as_program(act, verbose=given.verbose)


if __name__ == "__main__":
    sys.exit(main())
