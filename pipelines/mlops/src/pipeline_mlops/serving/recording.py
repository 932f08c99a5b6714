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
        self._known: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._says = ""
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
        """Keep that a unit was answered by its variant; where there is no room it is counted as lost, no more."""
        known = (to.experiment.name, to.key)
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
            self._lost(EXPOSURES, error)
            return
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
        records = [
            {
                **({} if event_id is None else {"id": _own(event_id, each.name)}),
                "experiment": each.name,
                "unit": each.key(attributes[each.unit]),
                "event": event,
                "value": 1.0 if value is None else value,
                "at": _now(),
            }
            for each in measuring
            if each.name not in self.stopped
        ]
        if not records:
            return
        try:
            self._spool.add(OUTCOMES, records)
        except (FullError, sqlite3.Error) as error:
            self._lost(OUTCOMES, error)
            raise FullError from None

    def _lost(self, kind: str, error: Exception) -> None:
        self._dropped.labels(kind).inc()
        self._say(
            "a record of an experiment can't be kept",
            "as many wait as may" if isinstance(error, FullError) else str(error),
        )

    async def work(self) -> None:
        """Bring records to the database until cancelled; then those that are left, once."""
        looked = float("-inf")
        clock = asyncio.get_running_loop().time
        try:
            while True:
                if clock() - looked >= _LOOK_SECONDS:
                    looked = clock()
                    await self._look()
                waiting = self._spool.oldest(_BATCH)
                if len(waiting) > 0 and await asyncio.to_thread(self._write, waiting):
                    self._spool.done(waiting[-1].place)
                    if len(waiting) == _BATCH:
                        continue
                await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            # The process ends: nothing else is to be done meanwhile. Without the database they wait for the next start.
            while (left := self._spool.oldest(_BATCH)) and self._write(left):
                self._spool.done(left[-1].place)
            self._close()
            self._spool.close()

    def _write(self, waiting: Sequence[Waiting]) -> bool:
        return self._tried(lambda connection: _insert(connection, waiting))

    async def _look(self) -> None:
        """Ask which experiments were stopped; without an answer those that were stay so."""
        found: list[str] = []

        def ask(connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
            found.extend(name for (name,) in connection.execute("SELECT experiment FROM experiments.stops"))
            connection.commit()

        await asyncio.to_thread(self._tried, ask)
        stopped = frozenset(found)
        if not stopped <= self.stopped:
            structlog.get_logger().info("experiments are stopped", names=sorted(stopped - self.stopped))
            self._spool.stop(stopped)
        self.stopped |= stopped

    def _tried(self, work: Callable[["psycopg.Connection[tuple[Any, ...]]"], None]) -> bool:
        """Do something in the database, or say once why it can't be done; the next try connects anew."""
        try:
            if self._connection is None:
                self._connection = postgres(self._settings)
            work(self._connection)
        except psycopg.Error as error:
            self._close()
            self._say("records of experiments wait for the database", str(error).strip().splitlines()[0])
            return False
        if self._says != "":
            self._says = ""
            structlog.get_logger().info("records of experiments go to the database again")
        return True

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _say(self, what: str, reason: str) -> None:
        if self._says != what:
            self._says = what
            structlog.get_logger().warning(what, reason=reason, waiting=self._spool.count)


def _insert(connection: "psycopg.Connection[tuple[Any, ...]]", waiting: Sequence[Waiting]) -> None:
    """Write a batch; of one whose answer was lost nothing is written twice, as each record has an id."""
    with connection.cursor() as cursor:
        for table, columns in _COLUMNS.items():
            rows = [[each.record[column] for column in columns] for each in waiting if each.table == table]
            if rows:
                places = ", ".join(["%s"] * len(columns))
                # Names are those above. Whoever only adds needs no right to read.
                cursor.executemany(
                    f"INSERT INTO experiments.{table} ({', '.join(columns)}) VALUES ({places}) ON CONFLICT DO NOTHING",  # noqa: S608
                    rows,
                )
    connection.commit()


def _own(event_id: str, experiment: str) -> str:
    """Answer the id of an event's record in one experiment: the same event has one in each that measures it."""
    return str(uuid.uuid5(uuid.UUID(event_id), experiment))


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat()
