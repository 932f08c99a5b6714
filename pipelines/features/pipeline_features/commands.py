"""What each command does; a function has the command's name, and answers what is printed."""

import datetime as dt
from dataclasses import asdict
from typing import Any

import pyarrow.parquet
from pipeline_shared.connections import minio_client
from pipeline_shared.log import configure_log, new_run_id
from pipeline_shared.metrics import measured
from pipeline_shared.settings import load_minio_settings

from pipeline_features import applying, materializing, metrics, settings, training_sets
from pipeline_features import status as looking
from pipeline_features.definitions import Definitions
from pipeline_features.failed import UseError
from pipeline_features.online import OnlineReader, typed
from pipeline_features.store import alone, opened, told

_EXACT = 2**53


def yaml(definitions: Definitions, _given: Any) -> Any:
    """Write Feast's own configuration."""
    return {"yaml": settings.text(definitions)}


def apply(definitions: Definitions, _given: Any) -> Any:
    """Bring registry and online tables to the definitions."""
    with alone(definitions), told(definitions):
        done = applying.apply(opened(definitions, makes=True), definitions)
    return {"changes": done.changes, "left": done.left}


def status(definitions: Definitions, _given: Any) -> Any:
    """Tell what is applied and online."""
    store = opened(definitions)
    with told(definitions):
        return looking.status(store, definitions)


def materialize(definitions: Definitions, given: Any) -> Any:
    """Bring the newest values online, measure them, and tell Prometheus."""
    configure_log(new_run_id(), service="features", platform=definitions.platform)
    with measured(definitions.platform, "features") as step:
        store = opened(definitions)
        client = minio_client(load_minio_settings())
        with alone(definitions), told(definitions):
            done = materializing.materialize(store, client, definitions, given.view, dt.datetime.now(dt.UTC))
        for each in done:
            metrics.tell(definitions.platform, each)
        step.rows = {each.view: each.rows for each in done}
    return {"views": [asdict(each) for each in done]}


def training_set(definitions: Definitions, given: Any) -> Any:
    """Join features to labels, and write the file."""
    labels = training_sets.read_labels(given.labels)
    store = opened(definitions)
    client = minio_client(load_minio_settings())
    with told(definitions):
        joined = training_sets.training_set(store, client, definitions, labels, given.features.split(","))
    try:
        pyarrow.parquet.write_table(joined, given.out)
    except OSError as error:
        raise UseError(f"{given.out}: can't be written: {error.strerror or error}") from None
    profiles = training_sets.keep_profiles(client, definitions, joined) if given.keep_profile else []
    return {"rows": joined.num_rows, "columns": joined.column_names, "profiles": profiles}


def get(definitions: Definitions, given: Any) -> Any:
    """Read the features of one key."""
    said = {name: text if equals else None for name, equals, text in (each.partition("=") for each in given.key)}
    definitions.references(given.features.split(","))
    store = opened(definitions)
    with told(definitions):
        reader = OnlineReader(store, definitions, given.features.split(","))
        unknown = [name for name, text in said.items() if name not in reader.keys or text is None]
        if unknown:
            raise UseError(f"key {unknown[0]!r}: must be {' '.join(f'{each}=VALUE' for each in reader.keys)}")
        key = {name: typed(name, str(text), reader.keys[name]) for name, text in said.items()}
        (found,) = reader.read([key])
    # Readers of JSON that take each number for a float would read another one.
    exact = {
        name: str(each.value)
        for name, each in found.items()
        if isinstance(each.value, int) and abs(each.value) > _EXACT
    }
    return {"features": {name: {**asdict(each), "value": exact.get(name, each.value)} for name, each in found.items()}}
