"""Requests that come while the model is at work wait together, and are judged together: a pass costs much the same."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline_mlops.model import Span
from pipeline_mlops.serving.loading import Loaded

_MOST_CHARACTERS = 100_000
Find = Callable[[Loaded, Sequence[str]], list[list[Span]]]
Answer = tuple[Loaded, list[list[Span]]]


class BusyError(Exception):
    """So many wait that the next one would wait too long."""


@dataclass
class _Waiting:
    texts: Sequence[str]
    answer: "asyncio.Future[Answer]"


class Batches:
    """One pass of the model at a time, in a thread of its own, so that health and metrics answer meanwhile."""

    def __init__(self, find: Find, current: Callable[[], Loaded | None], most_waiting: int) -> None:
        self._find = find
        self._current = current
        self._most = most_waiting
        self._queue: list[_Waiting] = []
        self._come = asyncio.Event()

    async def find(self, texts: Sequence[str]) -> Answer:
        """Find the spans of texts; answers the version that found them, too.

        Raises:
            BusyError: too many wait already.
        """
        if len(self._queue) >= self._most:
            raise BusyError
        waiting = _Waiting(texts, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._come.set()
        return await waiting.answer

    async def work(self) -> None:
        """Go on until cancelled. The model of a pass is the one that is loaded when it begins."""
        while True:
            await self._come.wait()
            self._come.clear()
            while self._queue:
                await self._pass(self._taken())

    def _taken(self) -> list[_Waiting]:
        """The oldest, as many as one pass takes; who has gone away meanwhile is left out."""
        taken: list[_Waiting] = []
        characters = 0
        while self._queue and characters < _MOST_CHARACTERS:
            each = self._queue.pop(0)
            if not each.answer.done():
                taken.append(each)
                characters += sum(map(len, each.texts))
        return taken

    async def _pass(self, taken: Sequence[_Waiting]) -> None:
        loaded = self._current()
        if loaded is None or not taken:
            _fail(taken, LookupError("no model is loaded"))
            return
        texts = [text for each in taken for text in each.texts]
        try:
            found = await asyncio.to_thread(self._find, loaded, texts)
        except Exception as error:  # of a model's own code: those who asked are told, the others go on
            _fail(taken, error)
            return
        place = 0
        for each in taken:
            end = place + len(each.texts)
            if not each.answer.done():
                each.answer.set_result((loaded, found[place:end]))
            place = end


def _fail(taken: Sequence[_Waiting], error: Exception) -> None:
    for each in taken:
        if not each.answer.done():
            each.answer.set_exception(error)
