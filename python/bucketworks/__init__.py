"""Validate, monitor and provision the buckets of a platform, by the command `bucketworks`; see docs/python.md."""

from bucketworks.bucket_provisioner import MLOpsBucketProvisioner
from bucketworks.bucket_validator import BucketValidator
from bucketworks.errors import (
    BrokenProgramError,
    BucketworksError,
    CouldNotLookError,
    InvalidSpecError,
    MissingProgramError,
    WrongUseError,
)
from bucketworks.monitoring import MonitoringResult
from bucketworks.provisioning import CleanupResult, ProvisioningResult
from bucketworks.report import ValidationReport

__all__ = [
    "BrokenProgramError",
    "BucketValidator",
    "BucketworksError",
    "CleanupResult",
    "CouldNotLookError",
    "InvalidSpecError",
    "MLOpsBucketProvisioner",
    "MissingProgramError",
    "MonitoringResult",
    "ProvisioningResult",
    "ValidationReport",
    "WrongUseError",
]
