"""The one kind of failure that a command tells as a sentence."""


class FailedError(Exception):
    """A program can't do what it was asked for; the sentence says why, and what to do."""
