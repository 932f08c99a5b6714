"""How processed rows come out of raw ones."""

from conf.general.model import Model


class TransformConf(Model):
    """What the transformation of a table is told."""
