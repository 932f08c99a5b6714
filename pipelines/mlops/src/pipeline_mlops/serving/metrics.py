"""Metrics of the API, for Prometheus; every label's values are bounded by configuration or by this code."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline_mlops.config import CustomMetric, ModelConfig
from pipeline_mlops.model import Span
from pipeline_mlops.serving.loading import Loaded

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_MODEL = ("model", "version")
EXPOSURE = "exposure"
"""Event that the API itself counts."""


def least_texts(window: int) -> int:
    """How many texts are compared at least: of 100, not 200, one window in eight shows drift where none is."""
    return max(10, window * 2 // 5)


class Metrics:
    """All series of one API."""

    def __init__(self, config: ModelConfig) -> None:
        self.registry = CollectorRegistry()
        self._model = config.model
        self._serving = config.serving
        # `none`, where an event belongs to no experiment: each series of a metric has the same labels.
        self.requests = self._counter("requests", "Requests", "route", "method", "code")
        self.seconds = self._histogram("request_seconds", "Seconds from a request to its answer", "route")
        self.in_flight = Gauge("model_api_in_flight", "Requests at work", registry=self.registry)
        self.rejected = self._counter("rejected", "Requests that were refused", "reason")
        self._predictions = self._counter("predictions", "Texts that were judged", *_MODEL)
        self._entities = self._counter("entities", "Entities that were found", *_MODEL, "kind")
        self.prediction_seconds = self._histogram("prediction_seconds", "Seconds of a prediction", *_MODEL)
        self._feedback = self._counter("feedback", "Answers that people called right or wrong", *_MODEL, "outcome")
        self._events = self._counter("events", "Events of the business", "event", "experiment", "variant")
        self._values = self._counter("event_value", "Sum of events' values", "event", "unit", "experiment", "variant")
        self._custom = [(each, self._made(each)) for each in config.serving.custom_metrics]
        for each in config.serving.events:
            self._events.labels(each.name, "none", "none")
        for reason in ("rate", "size", "busy", "auth", "input", "timeout"):
            self.rejected.labels(reason)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"model_api_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"model_api_{name}", text, labels, registry=self.registry, buckets=_SECONDS)

    def _made(self, metric: CustomMetric) -> Counter | Histogram:
        name = f"model_api_custom_{metric.name}"
        if metric.type == "counter":
            return Counter(name, metric.description, registry=self.registry)
        buckets = metric.buckets or Histogram.DEFAULT_BUCKETS
        return Histogram(name, metric.description, registry=self.registry, buckets=tuple(buckets))

    def predicted(self, loaded: Loaded, texts: Sequence[str], found: Sequence[Sequence[Span]]) -> None:
        """Count what was found."""
        labels = (self._model, loaded.version)
        self._predictions.labels(*labels).inc(len(texts))
        kinds: dict[str, int] = {}
        for spans in found:
            for each in spans:
                kinds[each.kind] = kinds.get(each.kind, 0) + 1
        for kind, count in kinds.items():
            self._entities.labels(*labels, kind).inc(count)
        for metric, series in self._custom:
            if metric.source == "predictions":
                for text, spans in zip(texts, found, strict=True):
                    _add(series, _measured(metric, text, spans))

    def feedback(self, version: str, outcome: str) -> None:
        """Count what a person says of an answer."""
        self._feedback.labels(self._model, version, outcome).inc()

    def exposed(self, experiment: str, variant: str) -> None:
        """Count a prediction of an experiment's variant, beside the events that come of it."""
        self._events.labels(EXPOSURE, experiment, variant).inc()

    def event(self, name: str, value: float | None, experiment: str | None, variant: str | None) -> None:
        """Count an event that the configuration knows."""
        place = (experiment or "none", variant or "none")
        self._events.labels(name, *place).inc()
        unit = next(each.unit for each in self._serving.events if each.name == name)
        if value is not None and unit is not None:
            self._values.labels(name, unit, *place).inc(value)
        for metric, series in self._custom:
            if metric.event == name:
                _add(series, 1 if metric.measure == "count" else value or 0)


class Holder(Protocol):
    """Has the version of an alias."""

    alias: str
    loaded: Loaded | None


class ModelSeries(Collector):
    """What is loaded: asked for when Prometheus asks, so that a version that left has no series."""

    def __init__(self, config: ModelConfig, holders: Sequence[Holder], least_texts: int) -> None:
        self._model = config.model
        self._holders = holders
        self._least = least_texts

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Answer the series of the loaded version."""
        tagged = ("semantic_version", "commit", "data_version")
        info = GaugeMetricFamily("model_api_model_info", "1, of what is served", labels=[*_MODEL, "alias", *tagged])
        quality = GaugeMetricFamily(
            "model_api_model_quality", "What training measured, from 0 to 1", labels=[*_MODEL, "metric"]
        )
        since = GaugeMetricFamily(
            "model_api_model_loaded_timestamp_seconds", "When it was loaded, since 1970", labels=_MODEL
        )
        drift = GaugeMetricFamily(
            "model_api_feature_drift",
            "Population stability index of the newest texts against those of training",
            labels=[*_MODEL, "feature"],
        )
        told: set[str] = set()
        for holder in self._holders:
            loaded = holder.loaded
            if loaded is None:
                continue
            own = (self._model, loaded.version)
            info.add_metric([*own, holder.alias, *(loaded.tags.get(each, "") for each in tagged)], 1)
            # Two aliases may have one version; a series stands once.
            if loaded.version in told:
                continue
            told.add(loaded.version)
            since.add_metric(own, loaded.since)
            for name, value in loaded.quality.items():
                quality.add_metric([*own, name], value)
            for name, value in loaded.window.index(self._least).items():
                drift.add_metric([*own, name], value)
        return info, quality, since, drift


def _measured(metric: CustomMetric, text: str, spans: Sequence[Span]) -> float:
    if metric.measure == "texts":
        return 1
    if metric.measure == "characters":
        return len(text)
    return sum(metric.kinds is None or each.kind in metric.kinds for each in spans)


def _add(series: Counter | Histogram, value: float) -> None:
    if isinstance(series, Counter):
        series.inc(value)
    else:
        series.observe(value)
