"""Rows as numbers, as many as memory is to hold: of more, a uniform sample."""

import datetime as dt

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.detection.features import Floats, features, microseconds

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Sample:
    """At most so many rows; the same ones for the same rows in the same order and the same seed."""

    def __init__(self, most: int, seed: int) -> None:
        self._most = most
        self._chance = np.random.default_rng(seed)
        self._lots: npt.NDArray[np.float64] = np.empty(0)
        self._times: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._rows: Floats | None = None
        self.seen = 0

    def add(self, rows: pa.Table) -> None:
        """Take some more rows into account."""
        self.seen += rows.num_rows
        found = features(rows)
        self._rows = found if self._rows is None else np.concatenate([self._rows, found])
        self._times = np.concatenate([self._times, microseconds(rows)])
        self._lots = np.concatenate([self._lots, self._chance.random(rows.num_rows)])
        if len(self._lots) > 2 * self._most:
            self._draw()

    def by_time(self) -> tuple[npt.NDArray[np.int64], Floats]:
        """Answer times and features of the rows, oldest first."""
        self._draw()
        order = np.argsort(self._times, kind="stable")
        return self._times[order], (np.empty((0, 0)) if self._rows is None else self._rows[order])

    def _draw(self) -> None:
        if self._rows is None or len(self._lots) <= self._most:
            return
        kept = np.argpartition(self._lots, self._most)[: self._most]
        kept.sort()
        self._lots, self._times, self._rows = self._lots[kept], self._times[kept], self._rows[kept]


def moment(microsecond: int) -> dt.datetime:
    """Turn microseconds since 1970 into a time in UTC."""
    return _EPOCH + dt.timedelta(microseconds=microsecond)
