"""The application: its routes, and the tasks that run beside them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, HTTPException, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBearer
from fastapi_offline import FastAPIOffline
from pipeline_shared.version import version_text
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from pipeline_mlops.config import ModelConfig
from pipeline_mlops.drift import features_of
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Model, Span
from pipeline_mlops.serving import bodies
from pipeline_mlops.serving.batches import Batches, BusyError
from pipeline_mlops.serving.direct import Direct
from pipeline_mlops.serving.gate import Gate, Refusal
from pipeline_mlops.serving.loading import Loaded, Loader
from pipeline_mlops.serving.metrics import Metrics, ModelSeries
from pipeline_mlops.serving.registry import NoVersionError, RegistryError
from pipeline_mlops.serving.settings import ApiSettings
from pipeline_mlops.serving.tokens import Door

ROLES = {
    ("POST", "/predict"): "predictor",
    ("POST", "/events"): "predictor",
    ("POST", "/feedback"): "predictor",
    ("GET", "/model"): "reader",
    ("POST", "/model/reload"): "admin",
}
_BEARER = HTTPBearer(auto_error=False, description="JWT with the role that the route names")
_FAULTS: dict[int | str, dict[str, Any]] = {
    code: {"model": bodies.Fault, "description": text}
    for code, text in (
        (401, "no token, or one that isn't taken"),
        (403, "the token lacks the role"),
        (408, "the body took too long"),
        (413, "the body is too long"),
        (429, "too many requests; Retry-After says when to come back"),
        (503, "no model yet, or too busy; Retry-After says when to come back"),
    )
}


class Api:
    """One model behind HTTP."""

    def __init__(self, settings: ApiSettings, config: ModelConfig, model: Model, loader: Loader, door: Door) -> None:
        self._settings = settings
        self._config = config
        self._model = model
        self._loader = loader
        self._metrics = Metrics(config)
        self._series = ModelSeries(config, settings.model_alias, max(10, settings.drift_texts // 5))
        self._metrics.registry.register(self._series)
        self._batches = Batches(
            self._find, lambda: self._series.loaded, settings.most_waiting, settings.most_waiting_characters
        )
        self._looking = asyncio.Lock()
        self._registry_says = self._registry_kind = "not asked yet"
        self._served: set[str] = set()
        self.app = self._application(door)

    def _application(self, door: Door) -> FastAPI:
        docs = self._settings.docs
        app = FastAPIOffline(
            docs_url="/docs" if docs else None,
            redoc_url=None,
            title=f"Model API: {self._config.model}",
            description=self._config.description,
            version=version_text("mlops-pipeline"),
            lifespan=self._beside,
        )
        if not docs:
            app.router.routes = [each for each in app.router.routes if getattr(each, "path", "") != "/openapi.json"]
        app.add_exception_handler(RequestValidationError, self._invalid)
        for method, path, answer, work, text in (
            ("POST", "/predict", bodies.PredictAnswer, self.predict, "Find and mask what the model finds"),
            ("POST", "/events", bodies.Taken, self.event, "Count an event of the business"),
            ("POST", "/feedback", bodies.Taken, self.feedback, "Say whether an answer was right"),
            ("GET", "/model", bodies.ModelAnswer, self.served, "Which version is served"),
            ("POST", "/model/reload", bodies.ModelAnswer, self.reload, "Look for another version now"),
        ):
            app.add_api_route(
                path,
                work,
                methods=[method],
                response_model=answer,
                summary=text,
                description=f"Needs the role {ROLES[method, path]}.",
                responses=_FAULTS,
                dependencies=[Security(_BEARER)],
            )
        app.add_api_route("/health/live", self.live, summary="Whether the process answers")
        app.add_api_route("/health/ready", self.ready, summary="Whether predictions are answered")
        app.add_api_route("/metrics", self.measured, summary="Metrics for Prometheus", response_class=Response)
        # The last one added is the outermost.
        app.add_middleware(Direct, path="/predict", answer=self._predicted)
        app.add_middleware(Gate, settings=self._settings, door=door, metrics=self._metrics, roles=ROLES)
        return app

    @contextlib.asynccontextmanager
    async def _beside(self, _app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(each) for each in (self._batches.work(), self._keep_looking())]
        try:
            yield
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            structlog.get_logger().info("stopped")

    async def _keep_looking(self) -> None:
        """Ask the registry again and again; a start without it takes what was kept."""
        with contextlib.suppress(FailedError):
            await self.look()
        if self._series.loaded is None:
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
                found = await asyncio.to_thread(self._loader.newest, self._series.loaded)
            except Exception as error:  # also one that nobody thought of: it must not end the looks that follow
                said = str(error) if isinstance(error, FailedError) else f"{type(error).__name__}: {error}"
                if said != self._registry_says:
                    structlog.get_logger().warning("no version was loaded", reason=said)
                self._registry_says, self._registry_kind = said, _kind(error)
                raise FailedError(said) from None
            self._registry_says = self._registry_kind = "answers"
            if found is not None:
                self._take(found, "the registry")

    def _take(self, loaded: Loaded, source: str) -> None:
        before = self._series.loaded
        self._series.loaded = loaded
        self._served.add(loaded.version)
        structlog.get_logger().info(
            "a model is served",
            audit=True,
            actor="model-api",
            action="load",
            object=f"{self._config.model}/{loaded.version}",
            outcome="done",
            source=source,
            before=None if before is None else before.version,
        )

    def _find(self, loaded: Loaded, texts: Sequence[str]) -> list[list[Span]]:
        began = time.perf_counter()
        found = self._model.find(loaded.state, texts)
        self._metrics.prediction_seconds.labels(self._config.model, loaded.version).observe(time.perf_counter() - began)
        for text, spans in zip(texts, found, strict=True):
            loaded.window.add(features_of(text, spans))
        return found

    async def predict(self, body: bodies.PredictRequest) -> Response:
        """Find and mask."""
        return Response(await self._predicted(body), media_type="application/json")

    async def _predicted(self, body: bodies.PredictRequest) -> bytes:
        texts = body.all()
        if len(texts) > self._settings.most_texts:
            raise Refusal(413, "size", f"more than {self._settings.most_texts} texts in one request")
        if sum(map(len, texts)) > self._settings.most_characters:
            raise Refusal(413, "size", f"more than {self._settings.most_characters} characters in one request")
        if self._series.loaded is None:
            raise Refusal(503, "busy", f"no model is loaded: {self._registry_says}", 10)
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                loaded, found = await self._batches.find(texts)
        except BusyError:
            raise Refusal(503, "busy", "too many requests wait already", 1) from None
        except TimeoutError:
            raise Refusal(503, "timeout", f"no answer within {self._settings.answer_seconds:g} s", 1) from None
        self._metrics.predicted(loaded, texts, found)
        return bodies.predict_answer(
            self._config.model,
            loaded.version,
            [(mask(text, spans), spans) for text, spans in zip(texts, found, strict=True)],
        )

    async def event(self, body: bodies.EventRequest) -> bodies.Taken:
        """Count an event, where configuration knows it."""
        units = {each.name: each.unit for each in self._config.serving.events}
        if body.event not in units:
            raise _unknown("event", body.event, units)
        if (units[body.event] is None) != (body.value is None):
            unit = units[body.event]
            raise HTTPException(422, f"event {body.event} has " + (f"a value, in {unit}" if unit else "no value"))
        experiments = self._config.serving.experiments
        if body.experiment is not None and body.experiment not in experiments:
            raise _unknown("experiment", body.experiment, experiments)
        variants: list[str] = experiments.get(body.experiment or "", [])
        if (body.variant is not None or variants) and body.variant not in variants:
            raise _unknown("variant", str(body.variant), variants)
        self._metrics.event(body.event, body.value, body.experiment, body.variant)
        return bodies.Taken()

    async def feedback(self, body: bodies.FeedbackRequest) -> bodies.Taken:
        """Count what a person says of an answer of a version that was served here."""
        if body.version not in self._served:
            raise _unknown("version", body.version, self._served)
        self._metrics.feedback(body.version, body.outcome)
        return bodies.Taken()

    async def served(self) -> bodies.ModelAnswer:
        """Say what is served."""
        loaded = self._series.loaded
        if loaded is None:
            raise Refusal(503, "busy", f"no model is loaded: {self._registry_says}", 10)
        return bodies.ModelAnswer(
            model=self._config.model,
            alias=self._settings.model_alias,
            version=loaded.version,
            tags=dict(loaded.tags),
            registry=self._registry_says,
        )

    async def reload(self) -> bodies.ModelAnswer:
        """Look now instead of soon."""
        try:
            await self.look()
        except FailedError as error:
            raise Refusal(503, "busy", str(error), 10) from None
        return await self.served()

    async def live(self) -> dict[str, bool]:
        """Answer."""
        return {"live": True}

    async def ready(self, response: Response) -> bodies.Ready:
        """Answer 200 where a model is loaded, else 503 and why there is none, without addresses: anybody may ask."""
        loaded = self._series.loaded
        response.status_code = 200 if loaded is not None else 503
        version = None if loaded is None else loaded.version
        return bodies.Ready(ready=loaded is not None, version=version, registry=self._registry_kind)

    async def measured(self) -> Response:
        """Answer in Prometheus's text format."""
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _invalid(self, _request: Request, error: Exception) -> Response:
        """Say what is wrong with a body, without the body."""
        assert isinstance(error, RequestValidationError)  # noqa: S101  it is registered for this one
        faults = [{"loc": each["loc"], "msg": each["msg"], "type": each["type"]} for each in error.errors()]
        return JSONResponse({"detail": faults}, 422)


def _kind(error: Exception) -> str:
    """Say what a look at the registry came to, for everybody."""
    if isinstance(error, NoVersionError):
        return "no version has the alias; `make model` trains one, `bucketworks models promote` gives it to one"
    if isinstance(error, RegistryError):
        return "the registry doesn't answer as it should; the log and GET /model say more"
    return "the version can't be loaded; the log and GET /model say more"


def mask(text: str, spans: Sequence[Span]) -> str:
    """Put the kind of each span in its place, as `[EMAIL]`."""
    made = ""
    end = 0
    for each in spans:
        made += f"{text[end : each.start]}[{each.kind.upper()}]"
        end = each.end
    return made + text[end:]


def _unknown(what: str, given: str, known: Any) -> HTTPException:
    names = ", ".join(sorted(known)) or "none"
    return HTTPException(422, f"{what} {given!r} isn't known here; there are: {names}")
