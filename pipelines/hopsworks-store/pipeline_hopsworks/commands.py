"""What each command does on a Hopsworks server; a function has the command's name, and answers what is printed."""

from typing import Any, NoReturn

from hsfs.feature import Feature

from pipeline_features.definitions import Definitions
from pipeline_features.failed import FailedError, RefusedError, UseError
from pipeline_hopsworks.connection import feature_store
from pipeline_hopsworks.groups import VERSION, Difference, Group, asked, compare
from pipeline_hopsworks.settings import HopsworksSettings, load

_THERE = "Hopsworks does it in its own place: "


def apply(definitions: Definitions, _given: Any) -> Any:
    """Bring the project's feature groups to the definitions; nothing is ever removed.

    Raises:
        RefusedError: a feature would be gone or mean something else under the same name; nothing was applied.
    """
    settings = load()
    with feature_store(settings) as store:
        found = _plan(store, definitions)
        refusals = [line for _, _, each in found for line in each.refusals]
        if refusals:
            lines = "\n  ".join(refusals)
            raise RefusedError(
                f"nothing was applied: models read features by these names\n  {lines}\n"
                "  give what changed another name, as a view NAME_v2, and remove the former one when nothing reads it"
            )
        source = _source(store, settings, definitions) if any(there is None for _, there, _ in found) else None
        for wanted, there, difference in found:
            if there is None:
                _make(store, wanted, source)
            elif difference.changes:
                _change(there, wanted, difference)
    return {"changes": [line for _, _, each in found for line in each.changes], "left": []}


def status(definitions: Definitions, _given: Any) -> Any:
    """Tell what is applied. What is online there, nobody has brought there from here."""
    with feature_store(load()) as store:
        found = _plan(store, definitions)
    views = [
        {
            "name": view.name,
            "features": len(view.fields),
            "online": False,
            "applied": there is not None,
            "materialized": None,
            "rows": 0,
            "newest": None,
        }
        for view, (_, there, _) in zip(definitions.views, found, strict=True)
    ]
    return {
        "changes": [line for _, _, each in found for line in each.changes],
        "refusals": [line for _, _, each in found for line in each.refusals],
        "left": [],
        "views": views,
    }


def materialize(_definitions: Definitions, _given: Any) -> NoReturn:
    """Refuse: values reach Hopsworks' online store through its own Kafka."""
    raise UseError(f"materialize: {_THERE}values go online by insert() of its client or by a job of the project")


def training_set(_definitions: Definitions, _given: Any) -> NoReturn:
    """Refuse: Hopsworks joins by its query service or by Spark."""
    raise UseError(f"training-set: {_THERE}create_training_data() of a feature view on these groups joins to labels")


def get(_definitions: Definitions, _given: Any) -> NoReturn:
    """Refuse: a feature view of the project serves what its own jobs brought online."""
    raise UseError(f"get: {_THERE}get_feature_vector() of a feature view answers what is online")


def yaml(_definitions: Definitions, _given: Any) -> NoReturn:
    """Refuse: that file is Feast's."""
    raise UseError("yaml: feature_store.yaml is Feast's; with store hopsworks there is none")


def _plan(store: Any, definitions: Definitions) -> list[tuple[Group, Any, Difference]]:
    """Each view's group, what the server has of its name, and what differs."""
    found = []
    for view in definitions.views:
        wanted = asked(definitions, view)
        there = store.get_feature_group(wanted.name, VERSION)
        found.append((wanted, there, compare(wanted, None if there is None else _group(there))))
    return found


def _group(there: Any) -> Group:
    if getattr(there, "data_source", None) is None or there.data_source.path is None:
        raise FailedError(
            f"feature group {there.name}: one of this name is there, and isn't of files in a bucket; rename the view"
        )
    return Group(
        name=there.name,
        description=there.description or "",
        keys=list(there.primary_key),
        event_time=there.event_time,
        path=there.data_source.path,
        ttl=int(there.ttl or 0),
        columns={each.name: each.type for each in there.columns},
        texts={each.name: each.description for each in there.columns if each.description},
    )


def _source(store: Any, settings: HopsworksSettings, definitions: Definitions) -> Any:
    """Answer the project's way to the bucket.

    Raises:
        FailedError: it leads to another bucket.
    """
    source = store.get_data_source(settings.connector)
    bucket = getattr(source.storage_connector, "bucket", None)
    if bucket != definitions.bucket:
        raise FailedError(
            f"storage connector {settings.connector} of project {settings.project} leads to {bucket or 'no bucket'}, "
            f"the features are in {definitions.bucket}; name another connector of kind S3 in bucketworks:hopsworks"
        )
    return source


def _make(store: Any, wanted: Group, source: Any) -> None:
    source.path = wanted.path
    store.create_external_feature_group(
        wanted.name,
        version=VERSION,
        description=wanted.description,
        data_source=source,
        data_format="PARQUET",
        primary_key=wanted.keys,
        event_time=wanted.event_time,
        features=[_feature(wanted, each) for each in wanted.columns],
        ttl=float(wanted.ttl),
        ttl_enabled=True,
        statistics_config=False,
    ).save()


def _change(there: Any, wanted: Group, difference: Difference) -> None:
    if difference.new:
        there.append_features([_feature(wanted, each) for each in difference.new])
    if wanted.description != (there.description or ""):
        there.update_description(wanted.description)
    texts = {each.name: each.description or "" for each in there.columns}
    for name, text in texts.items():
        if wanted.texts.get(name, "") != text:
            there.update_feature_description(name, wanted.texts.get(name, ""))


def _feature(wanted: Group, name: str) -> Feature:
    return Feature(name, wanted.columns[name], description=wanted.texts.get(name), primary=name in wanted.keys)
