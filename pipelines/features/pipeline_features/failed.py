"""Failures that a command tells as a sentence; `code` is how it ends."""


class FailedError(Exception):
    """A server or a file isn't there, or isn't what is needed; the sentence says why, and what to do."""

    code = 3


class UseError(FailedError):
    """What was asked for isn't there by that name, or isn't written as it has to be."""

    code = 2


class RefusedError(FailedError):
    """What was asked for would break what others read."""

    code = 1
