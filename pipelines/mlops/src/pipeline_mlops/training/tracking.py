"""What MLflow keeps of a training: a run with parameters, metrics and files, and a version of the registered model.

One plan (texts, configuration, code) is one run: a training that was killed is found again by it and goes on. The
process that found it last is the one that writes; one that still runs beside it ends before it writes again.
"""

import os
import tempfile
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import mlflow
import structlog
from mlflow.exceptions import MlflowException
from pipeline_shared.log import hide
from pipeline_shared.masking import masked

from pipeline_mlops.failed import FailedError

CHECKPOINT = "checkpoint"
_CHECKPOINT_FILE = "state.skops"
_WRITER = "writer"
_T = TypeVar("_T")
# Limits of its own go on for minutes before they say that nobody is there.
_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


@dataclass(frozen=True)
class Registered:
    """A version of a registered model."""

    version: str
    new: bool
    alias: str
    """What became of the alias, in words."""


class Tracking:
    """The run of one plan, at the server that MLFLOW_TRACKING_URI names."""

    def __init__(self, model: str, plan: str) -> None:
        """Find the run of a plan that hasn't ended, or begin one.

        Raises:
            FailedError: the variable is missing, or the server isn't there or refuses.
        """
        uri = os.environ.get("MLFLOW_TRACKING_URI", "")
        if not uri.startswith(("http://", "https://")):
            raise FailedError(
                "MLFLOW_TRACKING_URI: names no server, for example http://127.0.0.1:5000; see docs/mlflow.md"
            )
        hide(*(os.environ.get(f"MLFLOW_TRACKING_{each}", "") for each in ("PASSWORD", "TOKEN")))
        try:
            hide(urlsplit(uri).password or "")
        except ValueError:  # what it says may hold the password
            raise FailedError("MLFLOW_TRACKING_URI: is no URL, for example http://127.0.0.1:5000") from None
        for name, value in _SETTINGS.items():
            os.environ.setdefault(name, value)
        self._client = mlflow.MlflowClient(uri)
        self._model = model
        self._writer = uuid.uuid4().hex
        self.run, self.resumed = self._asked(lambda: self._find_or_begin(plan))
        self._asked(lambda: self._client.set_tag(self.run, _WRITER, self._writer))

    def _find_or_begin(self, plan: str) -> tuple[str, bool]:
        client = self._client
        found = client.get_experiment_by_name(self._model)
        experiment = found.experiment_id if found else client.create_experiment(self._model)
        running = client.search_runs([experiment], f"tags.plan = '{plan}' and attributes.status = 'RUNNING'")
        if running:
            return str(running[0].info.run_id), True
        made = client.create_run(
            experiment, run_name=f"{self._model} {plan[:8]}", tags={"plan": plan, "model": self._model}
        )
        return str(made.info.run_id), False

    def checkpoint(self, content: bytes) -> None:
        """Keep the state after an epoch, in place of the one before.

        Raises:
            FailedError: another process has taken the run over meanwhile.
        """
        self.check_writer()
        with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
            file = Path(folder) / _CHECKPOINT_FILE
            file.write_bytes(content)
            self._asked(lambda: self._client.log_artifact(self.run, str(file), CHECKPOINT))

    def check_writer(self) -> None:
        """See that the run is still this process's.

        Raises:
            FailedError: another one has taken it over.
        """
        tags = self._asked(lambda: self._client.get_run(self.run)).data.tags
        if tags.get(_WRITER) != self._writer:
            raise FailedError(
                f"run {self.run}: another training of the same texts, configuration and code was started meanwhile, and"
                " goes on with this run; this one ends, and wrote nothing since"
            )

    def last_checkpoint(self) -> bytes | None:
        """Read the newest state that was kept, or nothing."""
        path = f"{CHECKPOINT}/{_CHECKPOINT_FILE}"
        if path not in [each.path for each in self._asked(lambda: self._client.list_artifacts(self.run, CHECKPOINT))]:
            return None
        with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
            got = self._asked(lambda: self._client.download_artifacts(self.run, path, folder))
            return Path(got).read_bytes()

    def log(self, params: Mapping[str, object], metrics: Mapping[str, float], tags: Mapping[str, str]) -> None:
        """Write parameters, metrics and tags of the run; the same once more changes nothing."""

        def write() -> None:
            for name, value in params.items():
                self._client.log_param(self.run, name, value)
            for name, number in metrics.items():
                self._client.log_metric(self.run, name, number)
            for name, text in tags.items():
                self._client.set_tag(self.run, name, text)

        self._asked(write)

    def files(self, folder: Path) -> None:
        """Store the files of the model."""
        self._asked(lambda: self._client.log_artifacts(self.run, str(folder), "model"))

    def end(self, status: str) -> None:
        """End the run: FINISHED, or FAILED."""
        self._asked(lambda: self._client.set_terminated(self.run, status))

    def register(self, description: str, tags: Mapping[str, str], alias: str, *, move: bool) -> Registered:
        """Make a version of the run's model; one of the same model digest, data and commit is it already.

        Args:
            description: of the registered model.
            tags: of the version.
            alias: set where nobody has it yet.
            move: set it also where another version has it.
        """
        return self._asked(lambda: self._register(description, tags, alias, move=move))

    def _register(self, description: str, tags: Mapping[str, str], alias: str, *, move: bool) -> Registered:
        client = self._client
        try:
            client.create_registered_model(self._model, description=description)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        known = ("model_digest", "semantic_version", "data_version", "commit")
        same = [
            each
            for each in client.search_model_versions(f"name = '{self._model}'")
            if all(each.tags.get(name) == tags[name] for name in known)
        ]
        if same:
            version = max(same, key=lambda each: int(each.version))
        else:
            source = f"{client.get_run(self.run).info.artifact_uri}/model"
            version = client.create_model_version(self._model, source, self.run, tags=dict(tags))
        return Registered(str(version.version), not same, self._set_alias(str(version.version), alias, move=move))

    def _set_alias(self, version: str, alias: str, *, move: bool) -> str:
        holder = dict(self._client.get_registered_model(self._model).aliases).get(alias)
        if str(holder) == version:
            return f"has the alias {alias}"
        if holder is not None and not move:
            return f"is without the alias {alias}, which version {holder} keeps: bucketworks models promote moves it"
        self._client.set_registered_model_alias(self._model, alias, version)
        return f"has the alias {alias} now" + ("" if holder is None else f", which version {holder} had")

    def _asked(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        except (MlflowException, OSError) as error:
            # Addresses with passwords are in it.
            said = str(masked((str(error).splitlines() or [type(error).__name__])[0], "reason"))
            structlog.get_logger().error("MLflow doesn't do what it was asked for", reason=said)
            raise FailedError(
                f"MLflow at MLFLOW_TRACKING_URI: {said}; run the same command again, it goes on from there"
            ) from None


def describe(run: str, made: str, loader: str) -> dict[str, Any]:
    """MLflow's `MLmodel`: how `mlflow models serve` and `mlflow.pyfunc.load_model` load these files.

    Args:
        run: id of the run.
        made: when, as `2026-11-30 08:00:00.000000`.
        loader: module that loads it.
    """
    return {
        "artifact_path": "model",
        "flavors": {"python_function": {"loader_module": loader, "python_version": "3.11.0"}},
        "run_id": run,
        "utc_time_created": made,
    }
