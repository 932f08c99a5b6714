"""Joining: columns of a partner for each row; rows without one are counted."""

import ibis
import ibis.expr.types as ir

from conf.transform.base import Join
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform.clean import Ask
from pipeline_dataops.transform.columns import column


def join(table: ir.Table, partner: ir.Table, conf: Join, ask: Ask) -> tuple[ir.Table, int]:
    """Join one partner.

    Returns:
        The joined rows, and how many rows had no partner: with `inner` they are gone, with `left` its columns are
        missing.

    Raises:
        StepError: a key is of another type, a column is there already, or the partner has a key twice, which would
            multiply rows.
    """
    source = conf.with_.file or conf.with_.table
    for ours, theirs in conf.keys.items():
        mine, other = column(table, ours, "join.keys").type(), partner[theirs].type()
        if mine.copy(nullable=True) != other.copy(nullable=True):
            raise StepError(
                f"transform.join.keys: {ours} is {mine}, and {theirs} of {source} is {other}; make them equal"
            )
    new = [each for each in partner.columns if each not in conf.keys.values()]
    twice = [each for each in new if each in table.columns]
    if twice:
        raise StepError(f"transform.join.with.columns: {', '.join(twice)} of {source} is a column of the rows already")
    keys = partner.group_by(list(conf.keys.values())).aggregate(n=ibis._.count())
    several = keys.filter(keys.n > 1)
    doubled = ask(several.aggregate(keys=several.count()))["keys"]
    if doubled:
        raise StepError(
            f"transform.join: {source} has {doubled} keys more than once, which would multiply rows; "
            f"the key is {', '.join(conf.keys.values())}"
        )
    renamed = partner.rename({f"{theirs}_of_partner": theirs for theirs in conf.keys.values()})
    on = [table[ours] == renamed[f"{theirs}_of_partner"] for ours, theirs in conf.keys.items()]
    alone = table.anti_join(renamed, on)
    unmatched = ask(alone.aggregate(rows=alone.count()))["rows"]
    joined = table.inner_join(renamed, on) if conf.how == "inner" else table.left_join(renamed, on)
    return joined.select(*table.columns, *new), unmatched
