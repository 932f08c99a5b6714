"""Requests that come while the model is at work wait together, and are judged together: a pass costs much the same."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline_mlops.model import Span
from pipeline_mlops.serving.loading import Loaded

_MOST_CHARACTERS = 20_000
"""Of one call of the model: what it needs of memory grows with them. A longer text is a call of its own."""
Find = Callable[[Loaded, Sequence[str]], list[list[Span]]]
Answer = tuple[Loaded, list[list[Span]]]


class BusyError(Exception):
    """So many wait that the next one would wait too long."""


@dataclass
class _Waiting:
    texts: Sequence[str]
    characters: int
    answer: "asyncio.Future[Answer]"


class Batches:
    """One pass of the model at a time, in a thread of its own, so that health and metrics answer meanwhile."""

    def __init__(
        self, find: Find, current: Callable[[], Loaded | None], most_waiting: int, most_characters: int
    ) -> None:
        """Begin without any.

        Args:
            find: the model's, called in a thread.
            current: what is loaded.
            most_waiting: requests that may wait.
            most_characters: of all texts that wait; one request may always wait.
        """
        self._find = find
        self._current = current
        self._most = most_waiting
        self._most_characters = most_characters
        self._characters = 0
        self._queue: list[_Waiting] = []
        self._come = asyncio.Event()

    async def find(self, texts: Sequence[str]) -> Answer:
        """Find the spans of texts; answers the version that found them, too.

        Raises:
            BusyError: too many wait already.
        """
        characters = sum(map(len, texts))
        too_long = bool(self._queue) and self._characters + characters > self._most_characters
        if len(self._queue) >= self._most or too_long:
            raise BusyError
        waiting = _Waiting(texts, characters, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._characters += characters
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
        """The oldest, as many as one call takes, and one at least; who has gone away meanwhile is left out."""
        taken: list[_Waiting] = []
        characters = 0
        while self._queue and (not taken or characters + self._queue[0].characters <= _MOST_CHARACTERS):
            each = self._queue.pop(0)
            self._characters -= each.characters
            if not each.answer.done():
                taken.append(each)
                characters += each.characters
        return taken

    async def _pass(self, taken: Sequence[_Waiting]) -> None:
        loaded = self._current()
        if loaded is None or not taken:
            _fail(taken, LookupError("no model is loaded"))
            return
        texts = [text for each in taken for text in each.texts]
        try:
            found = [one for each in pieces(texts) for one in await asyncio.to_thread(self._find, loaded, each)]
        except Exception as error:  # of a model's own code: those who asked are told, the others go on
            _fail(taken, error)
            return
        place = 0
        for each in taken:
            end = place + len(each.texts)
            if not each.answer.done():
                each.answer.set_result((loaded, found[place:end]))
            place = end


def pieces(texts: Sequence[str]) -> list[list[str]]:
    """Cut texts, in their order, into calls of the model that are no longer than one may be."""
    cut: list[list[str]] = []
    characters = 0
    for each in texts:
        if not cut or characters + len(each) > _MOST_CHARACTERS:
            cut.append([])
            characters = 0
        cut[-1].append(each)
        characters += len(each)
    return cut


def _fail(taken: Sequence[_Waiting], error: Exception) -> None:
    for each in taken:
        if not each.answer.done():
            each.answer.set_exception(error)
