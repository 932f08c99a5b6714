"""What a run has done so far, on disk before it is done: a run that was killed is ended by the next one.

A run goes `writing` -> `ready` -> `uploaded`, or to `failed`; its entry goes when its audit row is there.
"""

import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Literal, get_args

import structlog

State = Literal["writing", "ready", "uploaded", "failed"]


@dataclass(frozen=True)
class Entry:
    """One run that has no audit row yet."""

    run_id: str
    state: State
    ingested_at: str
    """ISO time in UTC, to the microsecond: it tells the run's row from all others."""
    file: str
    """Name of the file, which is the object's key, too."""
    rows: int = 0
    reason: str = ""

    def to(self, state: State, *, file: str | None = None, rows: int | None = None, reason: str = "") -> "Entry":
        """Answer the entry in another state."""
        kept_rows = self.rows if rows is None else rows
        return replace(self, state=state, file=file or self.file, rows=kept_rows, reason=reason)


class Journal:
    """The entries of a folder, each with a lock that ends with the process that holds it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, entry: Entry) -> Entry:
        """Keep an entry, whole or not at all."""
        temporary = self._folder / f"{entry.run_id}.new"
        with temporary.open("w") as file:
            json.dump(asdict(entry), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self.place(entry))
        sync_folder(self._folder)
        return entry

    def place(self, entry: Entry) -> Path:
        """Where the entry of a run lies."""
        return self._folder / f"{entry.run_id}.json"

    def end(self, entry: Entry) -> None:
        """Forget a run: its row is there."""
        self.place(entry).unlink(missing_ok=True)
        (self._folder / f"{entry.run_id}.new").unlink(missing_ok=True)

    @contextmanager
    def own(self, run_id: str) -> Iterator[None]:
        """Hold the lock of a run of one's own."""
        with self._locked(run_id) as lock:
            if lock is None:
                raise RuntimeError(f"another process holds run {run_id}")
            yield

    def left_over(self) -> Iterator[Entry]:
        """Answer the entries whose processes are gone, oldest first, each locked while it is worked on."""
        for file in sorted(self._folder.glob("*.json"), key=lambda each: (_changed(each), each.name)):
            with self._locked(file.stem) as lock:
                if lock is None or not file.exists():
                    continue
                try:
                    entry = _entry(file)
                except (ValueError, TypeError) as error:
                    structlog.get_logger().warning(
                        "isn't an entry of a run, so it is left; move it away", file=str(file), reason=str(error)
                    )
                    continue
                yield entry

    @contextmanager
    def _locked(self, run_id: str) -> Iterator[IO[str] | None]:
        path = self._folder / f"{run_id}.lock"
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            try:
                yield lock
            finally:
                path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make names in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entry(file: Path) -> Entry:
    entry = Entry(**json.loads(file.read_bytes()))
    texts = (entry.run_id, entry.ingested_at, entry.file, entry.reason)
    if not all(isinstance(each, str) for each in texts) or type(entry.rows) is not int:
        raise TypeError("has values of other types")
    if entry.run_id != file.stem or entry.state not in get_args(State) or Path(entry.file).name != entry.file:
        raise ValueError("has another run's id, an unknown state or no bare file name")
    dt.datetime.fromisoformat(entry.ingested_at)
    return entry


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0
