"""What ends a step: one sentence for the person who started it."""


class StepError(Exception):
    """A step ends here; its text says what, where, and what helps."""

    code = 1
    """The program's exit code."""


class VerdictError(StepError):
    """The data didn't pass a round of validation: its run is at its end, another one takes the source again."""

    code = 3
