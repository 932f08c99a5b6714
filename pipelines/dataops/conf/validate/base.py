"""What is expected of rows beyond the columns of their schema."""

from conf.general.model import Model


class Expectations(Model):
    """Rules of both rounds: of raw rows, and of processed ones."""
