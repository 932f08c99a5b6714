"""What waits on this replica's disk until the database has it: a file of SQLite, which a killed process leaves whole.

A record is in the file before its request is answered. Nothing waits for the disk itself: what a process wrote
outlives its end, however that comes; a machine that loses power may lose the last moments.
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE = "records.sqlite"


class FullError(Exception):
    """As many records wait as may."""


@dataclass(frozen=True)
class Waiting:
    """A record that waits."""

    place: int
    table: str
    record: Mapping[str, Any]


class Spool:
    """Records in the order in which they came. One thread uses it: a transaction is the file's, not the caller's."""

    def __init__(self, folder: Path, most: int) -> None:
        """Open what a folder keeps, or begin.

        Args:
            folder: of this replica alone.
            most: records that may wait.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._most = most
        self._file = sqlite3.connect(folder / _FILE, isolation_level=None, timeout=5)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute("CREATE TABLE IF NOT EXISTS waiting (place INTEGER PRIMARY KEY, target TEXT, record TEXT)")
        self._file.execute("CREATE TABLE IF NOT EXISTS stopped (experiment TEXT PRIMARY KEY)")
        self.count: int = self._file.execute("SELECT count(*) FROM waiting").fetchone()[0]

    def add(self, table: str, records: Sequence[Mapping[str, Any]]) -> None:
        """Keep records; all of them or none.

        Raises:
            FullError: so many wait that these aren't taken.
            sqlite3.Error: the disk doesn't take them.
        """
        if self.count + len(records) > self._most:
            raise FullError
        rows = [(table, json.dumps({"id": str(uuid.uuid4()), **each})) for each in records]
        self._file.execute("BEGIN")
        try:
            self._file.executemany("INSERT INTO waiting (target, record) VALUES (?, ?)", rows)
            self._file.execute("COMMIT")
        except sqlite3.Error:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise
        self.count += len(rows)

    def oldest(self, most: int) -> list[Waiting]:
        """Answer those that came first."""
        found = self._file.execute("SELECT place, target, record FROM waiting ORDER BY place LIMIT ?", (most,))
        return [Waiting(place, table, json.loads(record)) for place, table, record in found]

    def done(self, last: int) -> None:
        """Forget all up to a place: the database has them."""
        self.count -= self._file.execute("DELETE FROM waiting WHERE place <= ?", (last,)).rowcount

    def stopped(self) -> frozenset[str]:
        """Answer which experiments were stopped when the database last said so."""
        return frozenset(name for (name,) in self._file.execute("SELECT experiment FROM stopped"))

    def stop(self, names: frozenset[str]) -> None:
        """Remember which are, for a start without the database."""
        self._file.executemany("INSERT OR IGNORE INTO stopped VALUES (?)", [(each,) for each in names])

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
