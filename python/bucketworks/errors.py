"""What ends a call: one sentence, the command's own."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bucketworks.report import ValidationReport


class BucketworksError(Exception):
    """The command could not do what was asked; the text is what it says."""


class InvalidSpecError(BucketworksError):
    """The platform file has faults, a line each: nothing was looked at (exit code 1 without an answer)."""


class WrongUseError(BucketworksError):
    """A setting, an option or a path is wrong (exit code 2)."""


class CouldNotLookError(BucketworksError):
    """The server is away, refuses, or answered in part (exit code 3)."""

    def __init__(self, text: str, report: "ValidationReport | None" = None) -> None:
        """Keep what is known.

        :param report: with the reason beside each bucket that is unknown
        """
        super().__init__(text)
        self.report = report


class MissingProgramError(BucketworksError):
    """`bucketworks` isn't where it was looked for, or can't be started."""


class BrokenProgramError(BucketworksError):
    """It ended by a signal, with another exit code, or answered something else than this package reads."""
