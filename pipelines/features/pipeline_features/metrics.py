"""What is measured of features, in text files that node_exporter reads; without a folder nothing is written."""

import os
from pathlib import Path

import structlog
from pipeline_shared.metrics import FOLDER
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from pipeline_features.quality import Measured

_VIEW = ("platform", "view")


def tell(platform: str, found: Measured) -> None:
    """Write the file of one view; one that can't be written is a warning in the log."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return
    file = Path(folder) / f"features-{platform}-{found.view}.prom"
    try:
        write_to_textfile(str(file), _series(platform, found))
    except OSError as error:
        structlog.get_logger().warning("metrics not written", file=str(file), reason=str(error.strerror))


def _series(platform: str, found: Measured) -> CollectorRegistry:
    registry = CollectorRegistry()
    names = {"platform": platform, "view": found.view}

    def gauge(name: str, words: str, *more: str) -> Gauge:
        return Gauge(name, words, (*_VIEW, *more), registry=registry)

    gauge("feature_rows", "Entities whose newest value counts").labels(**names).set(found.rows)
    if found.newest is not None:
        moment = gauge("feature_newest_timestamp_seconds", "When the newest value was true")
        moment.labels(**names).set(found.newest.timestamp())
    nulls = gauge("feature_null_share", "Share of values that are missing, from 0 to 1", "feature")
    allowed = gauge("feature_null_share_allowed", "Share of values that may be missing", "feature")
    outside = gauge("feature_outside_share", "Share of values outside of the declared range", "feature")
    drift = gauge("feature_drift", "Population stability index against the last training set", "feature")
    for each in found.features:
        of = {**names, "feature": each.name}
        nulls.labels(**of).set(each.null_share)
        allowed.labels(**of).set(each.null_share_allowed)
        outside.labels(**of).set(each.outside_share)
        if each.drift is not None:
            drift.labels(**of).set(each.drift)
    return registry
