"""One alias: the version that is loaded, who looks for another one, and what waits for it."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

import structlog

from pipeline_mlops.drift import features_of
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Span
from pipeline_mlops.serving.batches import Answer, Batches
from pipeline_mlops.serving.loading import Loaded, Loader
from pipeline_mlops.serving.metrics import Metrics
from pipeline_mlops.serving.registry import NoSuchVersionError, NoVersionError, RegistryError
from pipeline_mlops.serving.settings import ApiSettings


class ServedAlias:
    """The version that has an alias."""

    def __init__(self, settings: ApiSettings, loader: Loader, metrics: Metrics) -> None:
        """Begin without one.

        Args:
            settings: with this alias.
            loader: of the model; brings the version of this alias.
            metrics: count.
        """
        self.alias = settings.model_alias
        self.loaded: Loaded | None = None
        self.served: set[str] = set()
        """Numbers of the versions that were served since the start."""
        self.registry_says = self.registry_kind = "not asked yet"
        self._settings = settings
        self._name = settings.model
        self._model = loader.model
        self._loader = loader
        self._metrics = metrics
        self._batches = Batches(
            self._find, lambda: self.loaded, settings.most_waiting, settings.most_waiting_characters
        )
        self._looking = asyncio.Lock()

    async def find(self, texts: Sequence[str]) -> Answer:
        """Find the spans of texts; raises as `Batches.find`."""
        return await self._batches.find(texts)

    async def work(self) -> None:
        """Answer what waits, until cancelled."""
        await self._batches.work()

    async def keep_looking(self) -> None:
        """Ask the registry again and again; a start without it takes what was kept."""
        with contextlib.suppress(FailedError):
            await self.look()
        if self.loaded is None:
            kept = await asyncio.to_thread(self._loader.kept)
            if kept is not None:
                self._take(kept, "what this replica kept")
        while True:
            await asyncio.sleep(self._settings.refresh_seconds)
            with contextlib.suppress(FailedError):
                await self.look()

    async def look(self) -> None:
        """Load the version that has the alias, where it is another one than is served.

        Raises:
            FailedError: it can't be had; what is served goes on.
        """
        async with self._looking:
            try:
                found = await asyncio.to_thread(self._loader.newest, self.loaded)
            except Exception as error:  # also one that nobody thought of: it must not end the looks that follow
                said = str(error) if isinstance(error, FailedError) else f"{type(error).__name__}: {error}"
                if said != self.registry_says:
                    structlog.get_logger().warning("no version was loaded", reason=said)
                self.registry_says, self.registry_kind = said, _kind(error)
                raise FailedError(said) from None
            self.registry_says = self.registry_kind = "answers"
            if found is not None:
                self._take(found, "the registry")

    def _take(self, loaded: Loaded, source: str) -> None:
        before = self.loaded
        self.loaded = loaded
        self.served.add(loaded.version)
        structlog.get_logger().info(
            "a model is served",
            audit=True,
            actor="model-api",
            action="load",
            object=f"{self._name}/{loaded.version}",
            outcome="done",
            source=source,
            alias=self.alias,
            before=None if before is None else before.version,
        )

    def _find(self, loaded: Loaded, texts: Sequence[str]) -> list[list[Span]]:
        began = time.perf_counter()
        found = self._model.find(loaded.state, texts)
        self._metrics.prediction_seconds.labels(self._name, loaded.version).observe(time.perf_counter() - began)
        for text, spans in zip(texts, found, strict=True):
            loaded.window.add(features_of(text, spans))
        return found


def _kind(error: Exception) -> str:
    """Say what a look at the registry came to, for everybody."""
    if isinstance(error, NoSuchVersionError):
        return "the registry has no version of that number; `bucketworks models list` says which there are"
    if isinstance(error, NoVersionError):
        return "no version has the alias; `make model` trains one, `bucketworks models promote` gives it to one"
    if isinstance(error, RegistryError):
        return "the registry doesn't answer as it should; the log and GET /model say more"
    return "the version can't be loaded; the log and GET /model say more"
