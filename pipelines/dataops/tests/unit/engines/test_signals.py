"""A signal in the middle of what an engine does."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator

import ibis
import ibis.expr.types as ir
import pyarrow as pa
import pytest

from pipeline_dataops.engines import Engine
from pipeline_dataops.stopping import StoppedError, listen


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Hear signals as a step does."""
    former = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    listen()
    yield
    for each, handler in former.items():
        signal.signal(each, handler)


def test_sigterm_ends_a_long_query_at_once_and_the_engine_can_be_closed(
    engine: Engine, table: Callable[[pa.Table], ir.Table]
) -> None:
    rows = table(pa.table({"a": range(1_000_000)}))
    pairs = rows.cross_join(rows.select(b="a"))
    long = pairs.aggregate(n=((pairs.a * pairs.b) % 7 == 3).cast("int64").sum())
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGTERM)).start()
    began = time.monotonic()
    with pytest.raises(StoppedError, match=r"was asked to end \(SIGTERM\)"):
        engine.ask(long)
    assert time.monotonic() - began < 10
    assert engine.ask(rows.aggregate(n=ibis._.count())) == {"n": 1_000_000}
