"""How raw rows come into the warehouse."""

from typing import Literal

from conf.general.model import Model


class LoadConf(Model):
    """`append` adds and updates rows by their key; `write` has the rows of this run alone, in one transaction."""

    mode: Literal["append", "write"] = "append"
