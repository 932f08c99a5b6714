"""What was seen and done in experiments, from this replica to the database: in batches, each record once."""

import asyncio
import contextlib
import datetime as dt
import sqlite3
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import structlog
from pipeline_shared.connections import postgres
from pipeline_shared.settings import PostgresSettings
from prometheus_client import CollectorRegistry, Counter, Gauge

from pipeline_mlops.serving.experiments import Assignment, Experiment
from pipeline_mlops.serving.spool import FullError, Spool, Waiting

_BATCH = 1000
_PAUSE_SECONDS = 1.0
_LOOK_SECONDS = 10.0
"""How often the database is asked which experiments were stopped."""
_KNOWN = 100_000
"""Units that this replica remembers to have recorded: who comes again makes no second record."""

EXPOSURES = "exposures"
OUTCOMES = "outcomes"
_WAIT = "records of experiments wait for the database"
_LOST = "a record of an experiment can't be kept"
_DISK = "the file of the records of experiments can't be read or written"
_COLUMNS = {
    EXPOSURES: ("id", "experiment", "unit", "variant", "model_version", "at"),
    OUTCOMES: ("id", "experiment", "unit", "event", "value", "at"),
}


class Recording:
    """The records of one replica."""

    def __init__(self, experiments: Sequence[Experiment], spool: Spool, settings: PostgresSettings) -> None:
        self._experiments = experiments
        self._spool = spool
        self._settings = settings
        self._known: OrderedDict[tuple[str, str, str], None] = OrderedDict()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._said: set[str] = set()
        self._running: asyncio.Future[bool] | None = None
        self.stopped = spool.stopped()
        self._dropped = Counter(
            "model_api_records_dropped", "Records for which there was no room", ["kind"], registry=None
        )
        for kind in _COLUMNS:
            self._dropped.labels(kind)
        self._waiting = Gauge("model_api_records_waiting", "Records that the database hasn't yet", registry=None)
        self._waiting.set_function(lambda: self._spool.count)

    def register(self, registry: CollectorRegistry) -> None:
        """Show what waits and what was lost."""
        registry.register(self._dropped)
        registry.register(self._waiting)

    def exposed(self, to: Assignment, version: str) -> None:
        """Keep that a unit was dealt its variant; where there is no room it is counted as lost, no more.

        A variant's version that changes makes another record, so that who analyses can see it.
        """
        known = (to.experiment.name, to.key, version)
        if known in self._known:
            self._known.move_to_end(known)
            return
        record = {
            "experiment": to.experiment.name,
            "unit": to.key,
            "variant": to.variant.name,
            "model_version": version,
            "at": _now(),
        }
        try:
            self._spool.add(EXPOSURES, [record])
        except (FullError, sqlite3.Error) as error:
            self._lost(EXPOSURES, 1, error)
            return
        self._said.discard(_LOST)
        self._known[known] = None
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def happened(self, event: str, value: float | None, attributes: dict[str, str], event_id: str | None) -> None:
        """Keep an event for each experiment that measures it.

        Args:
            event: its name.
            value: None is a 1.
            attributes: of who did it.
            event_id: a UUID of who sends it: the same one again is the same event.

        Raises:
            FullError: there is no room, or the disk refuses; nothing was kept.
        """
        measuring = [each for each in self._experiments if event in each.events and each.unit in attributes]
        taking = [(each.name, each.key(attributes[each.unit])) for each in measuring if each.name not in self.stopped]
        records = [
            {
                **({} if event_id is None else {"id": _own(event_id, name, unit, event)}),
                "experiment": name,
                "unit": unit,
                "event": event,
                "value": 1.0 if value is None else value,
                "at": _now(),
            }
            for name, unit in taking
        ]
        if not records:
            return
        try:
            self._spool.add(OUTCOMES, records)
        except (FullError, sqlite3.Error) as error:
            self._lost(OUTCOMES, len(records), error)
            raise FullError from None
        self._said.discard(_LOST)

    def _lost(self, kind: str, count: int, error: Exception) -> None:
        self._dropped.labels(kind).inc(count)
        self._say(_LOST, "as many wait as may" if isinstance(error, FullError) else str(error))

    async def work(self) -> None:
        """Bring records to the database until cancelled; then those that are left, once.

        A disk that is full or broken ends nothing: it is said once, and tried again.
        """
        looked = float("-inf")
        clock = asyncio.get_running_loop().time
        try:
            while True:
                try:
                    if clock() - looked >= _LOOK_SECONDS:
                        looked = clock()
                        await self._look()
                    are_more = await self._bring()
                    self._said.discard(_DISK)
                except sqlite3.Error as error:
                    are_more = False
                    self._say(_DISK, str(error))
                if not are_more:
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            # A thread can't be cancelled: it has the connection until it ends.
            if self._running is not None:
                await asyncio.wait([self._running])
            # The process ends: nothing else is to be done meanwhile. Without the database they wait for the next start.
            with contextlib.suppress(sqlite3.Error):
                while (left := self._spool.oldest(_BATCH)) and self._write(left):
                    self._spool.done(left[-1].place)
            self._close()
            with contextlib.suppress(sqlite3.Error):
                self._spool.close()

    async def _bring(self) -> bool:
        """Bring one batch; answers whether more wait."""
        waiting = self._spool.oldest(_BATCH)
        if not waiting or not await self._apart(lambda: self._write(waiting)):
            return False
        self._spool.done(waiting[-1].place)
        return len(waiting) == _BATCH

    def _write(self, waiting: Sequence[Waiting]) -> bool:
        return self._tried(lambda connection: _insert(connection, waiting))

    async def _apart(self, work: Callable[[], bool]) -> bool:
        """Do something in a thread, which goes on where this is cancelled: `_running` is then waited for."""
        self._running = asyncio.ensure_future(asyncio.to_thread(work))
        return await asyncio.shield(self._running)

    async def _look(self) -> None:
        """Ask which experiments were stopped; without an answer those that were stay so."""
        found: list[str] = []

        def ask(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
            found.extend(name for (name,) in connection.execute("SELECT experiment FROM experiments.stops"))
            connection.commit()

        await self._apart(lambda: self._tried(ask))
        stopped = frozenset(found)
        if not stopped <= self.stopped:
            structlog.get_logger().info("experiments are stopped", names=sorted(stopped - self.stopped))
        # First here, where it holds also on a full disk; then in the file, at each look until it is there.
        self.stopped |= stopped
        self._spool.stop(stopped)

    def _tried(self, work: Callable[["psycopg.Connection[tuple[Any, ...]]"], None]) -> bool:
        """Do something in the database, or say once why it can't be done; the next try connects anew."""
        try:
            if self._connection is None:
                self._connection = postgres(self._settings)
            work(self._connection)
        except psycopg.Error as error:
            self._close()
            self._say(_WAIT, str(error).strip().splitlines()[0])
            return False
        if _WAIT in self._said:
            self._said.discard(_WAIT)
            structlog.get_logger().info("records of experiments go to the database again")
        return True

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _say(self, what: str, reason: str) -> None:
        if what not in self._said:
            self._said.add(what)
            structlog.get_logger().warning(what, reason=reason, waiting=self._spool.count)


def _insert(connection: "psycopg.Connection[tuple[Any, ...]]", waiting: Sequence[Waiting]) -> None:
    """Write a batch; of one whose answer was lost nothing is written twice, as each record has an id."""
    with connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            rows = [[each.record[column] for column in columns] for each in waiting if each.table == table]
            if rows:
                places = ", ".join(["%s"] * len(columns))
                # Names are those above. Adding needs no right to read.
                cursor.executemany(
                    f"INSERT INTO experiments.{table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
                    rows,
                )
    connection.commit()


def _own(event_id: str, *of: str) -> str:
    """Answer the id of an event's record: the same for one that is sent again.

    Args:
        event_id: of who sends it, a UUID.
        of: experiment, unit and event: an id that a client uses for two events by mistake loses neither.
    """
    return str(uuid.uuid5(uuid.UUID(event_id), "\n".join(of)))


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
