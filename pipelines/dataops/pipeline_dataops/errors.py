"""What ends a step: one sentence for whoever started it."""


class StepError(Exception):
    """A step ends here; its text says what, where, and what helps."""
