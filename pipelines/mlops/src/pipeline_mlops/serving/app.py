"""The application: its routes, and the tasks that run beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
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
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Span
from pipeline_mlops.serving import bodies
from pipeline_mlops.serving.batches import BusyError
from pipeline_mlops.serving.dealing import Dealer
from pipeline_mlops.serving.direct import Direct
from pipeline_mlops.serving.gate import Gate, Refusal
from pipeline_mlops.serving.loading import Loader
from pipeline_mlops.serving.metrics import Metrics, ModelSeries, least_texts
from pipeline_mlops.serving.served import ServedAlias
from pipeline_mlops.serving.settings import ApiSettings
from pipeline_mlops.serving.spool import FullError
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
    """One model behind HTTP: the version that everybody gets, and those of experiments."""

    def __init__(
        self,
        settings: ApiSettings,
        config: ModelConfig,
        loaders: Mapping[str, Loader],
        door: Door,
        dealer: Dealer | None,
    ) -> None:
        """Begin without any version.

        Args:
            settings: of the process.
            config: of the model.
            loaders: by alias; that of the settings is among them.
            door: judges tokens.
            dealer: of experiments, where there are any.
        """
        self._settings = settings
        self._config = config
        self._metrics = Metrics(config)
        self._versions = {
            alias: ServedAlias(settings.of(alias), loader, self._metrics) for alias, loader in loaders.items()
        }
        self._usual = self._versions[settings.model_alias]
        least = least_texts(settings.drift_texts)
        self._metrics.registry.register(ModelSeries(config, list(self._versions.values()), least))
        self._dealer = dealer
        if dealer is not None:
            dealer.register(self._metrics.registry)
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
        beside = [work for each in self._versions.values() for work in (each.work(), each.keep_looking())]
        if self._dealer is not None:
            beside.append(self._dealer.work())
        tasks = [asyncio.create_task(each) for each in beside]
        try:
            yield
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            structlog.get_logger().info("stopped")

    async def predict(self, body: bodies.PredictRequest) -> Response:
        """Find and mask."""
        return Response(await self._predicted(body), media_type="application/json")

    async def _predicted(self, body: bodies.PredictRequest) -> bytes:
        texts = body.all()
        if len(texts) > self._settings.most_texts:
            raise Refusal(413, "size", f"more than {self._settings.most_texts} texts in one request")
        if sum(map(len, texts)) > self._settings.most_characters:
            raise Refusal(413, "size", f"more than {self._settings.most_characters} characters in one request")
        assignment = None
        if self._dealer is not None and body.attributes is not None:
            assignment = self._dealer.deal(body.attributes, self._versions)
        version = self._usual if assignment is None else self._versions[assignment.variant.alias]
        if version.loaded is None:
            raise Refusal(503, "busy", f"no model is loaded: {version.registry_says}", 10)
        if self._dealer is not None and assignment is not None:
            # Before the answer: a variant that is busy or slow keeps those whom it failed.
            self._dealer.exposed(assignment, version.loaded.version)
        try:
            async with asyncio.timeout(self._settings.answer_seconds):
                loaded, found = await version.find(texts)
        except BusyError:
            raise Refusal(503, "busy", "too many requests wait already", 1) from None
        except TimeoutError:
            raise Refusal(503, "timeout", f"no answer within {self._settings.answer_seconds:g} s", 1) from None
        self._metrics.predicted(loaded, texts, found)
        dealt: tuple[str, str] | None = None
        if assignment is not None:
            dealt = (assignment.experiment.name, assignment.variant.name)
            self._metrics.exposed(*dealt)
        return bodies.predict_answer(
            self._config.model,
            loaded.version,
            [(mask(text, spans), spans) for text, spans in zip(texts, found, strict=True)],
            dealt,
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
        place = (body.experiment, body.variant)
        if self._dealer is not None and body.attributes is not None:
            try:
                dealt = self._dealer.happened(body, self._versions)
            except FullError:
                raise Refusal(503, "busy", "there is no room for records of experiments; send it again", 10) from None
            place = place if body.experiment is not None or dealt is None else dealt
        self._metrics.event(body.event, body.value, *place)
        return bodies.Taken()

    async def feedback(self, body: bodies.FeedbackRequest) -> bodies.Taken:
        """Count what a person says of an answer of a version that was served here."""
        served = {number for each in self._versions.values() for number in each.served}
        if body.version not in served:
            raise _unknown("version", body.version, served)
        self._metrics.feedback(body.version, body.outcome)
        return bodies.Taken()

    async def served(self) -> bodies.ModelAnswer:
        """Say what is served."""
        loaded = self._usual.loaded
        if loaded is None:
            raise Refusal(503, "busy", f"no model is loaded: {self._usual.registry_says}", 10)
        return bodies.ModelAnswer(
            model=self._config.model,
            alias=self._settings.model_alias,
            version=loaded.version,
            tags=dict(loaded.tags),
            registry=self._usual.registry_says,
        )

    async def reload(self) -> bodies.ModelAnswer:
        """Look now instead of soon."""
        try:
            for each in self._versions.values():
                if each is not self._usual:
                    with contextlib.suppress(FailedError):
                        await each.look()
            await self._usual.look()
        except FailedError as error:
            raise Refusal(503, "busy", str(error), 10) from None
        return await self.served()

    async def live(self) -> dict[str, bool]:
        """Answer."""
        return {"live": True}

    async def ready(self, response: Response) -> bodies.Ready:
        """Answer 200 where a model is loaded, else 503 and why there is none, without addresses: anybody may ask."""
        loaded = self._usual.loaded
        response.status_code = 200 if loaded is not None else 503
        version = None if loaded is None else loaded.version
        return bodies.Ready(ready=loaded is not None, version=version, registry=self._usual.registry_kind)

    async def measured(self) -> Response:
        """Answer in Prometheus's text format."""
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _invalid(self, _request: Request, error: Exception) -> Response:
        """Say what is wrong with a body, without the body."""
        assert isinstance(error, RequestValidationError)  # noqa: S101  it is registered for this one
        faults = [{"loc": each["loc"], "msg": each["msg"], "type": each["type"]} for each in error.errors()]
        return JSONResponse({"detail": faults}, 422)


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
