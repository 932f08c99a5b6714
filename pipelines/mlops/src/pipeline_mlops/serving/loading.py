"""The model that is served: from registry and bucket, checked by its digest, and kept for a start without MLflow."""

import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from pipeline_mlops.artifact import MODEL_FILE, PROFILE_FILE, digest, loads
from pipeline_mlops.drift import Profile, Window, read_profile
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Model, State
from pipeline_mlops.serving.registry import Registry, Version
from pipeline_mlops.serving.settings import ApiSettings

_VERSION_FILE = "version.json"


@dataclass(frozen=True)
class Loaded:
    """A version in memory."""

    version: str
    tags: Mapping[str, str]
    state: State
    window: Window
    since: float
    """When it was loaded, in seconds since 1970."""

    @property
    def quality(self) -> dict[str, float]:
        """What training measured."""
        wanted = ("precision", "recall", "f1")
        return {name: float(self.tags[f"metric.{name}"]) for name in wanted if f"metric.{name}" in self.tags}


class Loader:
    """Brings the version of the alias into memory; one call at a time."""

    def __init__(self, settings: ApiSettings, model: Model, registry: Registry) -> None:
        self._settings = settings
        self._model = model
        self._registry = registry

    def newest(self, current: Loaded | None) -> Loaded | None:
        """Look which version has the alias, and load it where another one is loaded.

        Returns:
            None where the current one has it still.

        Raises:
            FailedError: registry or bucket don't answer, or the files aren't what the registry says.
        """
        version = self._registry.version()
        if current is not None and current.version == version.number and current.tags == version.tags:
            return None
        content, described = self._registry.files(version)
        loaded = self._loaded(version, content, described)
        self._keep(version, content, described)
        return loaded

    def kept(self) -> Loaded | None:
        """Load the version that was served last, from the folder of this replica; None where there is none whole."""
        folder = self._settings.model_cache
        try:
            plain = json.loads((folder / _VERSION_FILE).read_text())
            version = Version(plain["version"], "", plain["tags"])
            here = folder / digest_of(version)
            return self._loaded(version, (here / MODEL_FILE).read_bytes(), (here / PROFILE_FILE).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, FailedError) as error:
            structlog.get_logger().warning("what was kept of the model can't be used", reason=str(error))
            return None

    def _loaded(self, version: Version, content: bytes, described: bytes) -> Loaded:
        name = f"{self._settings.model} version {version.number}"
        if digest(content) != digest_of(version):
            raise FailedError(f"{name}: its file isn't the one that was registered (SHA-256); it isn't loaded")
        state = loads(content, self._model.trusted)
        try:
            profile: Profile = read_profile(json.loads(described))
            self._model.find(state, ["a first text warms up what is made once"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FailedError(f"{name}: can't be used by this code: {error}") from None
        return Loaded(version.number, version.tags, state, Window(profile, self._settings.drift_texts), time.time())

    def _keep(self, version: Version, content: bytes, described: bytes) -> None:
        """Keep it for a start without MLflow; where that fails, such a start has no model, and nothing else happens."""
        folder = self._settings.model_cache
        try:
            here = folder / digest_of(version)
            here.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(here / MODEL_FILE, content)
            _write(here / PROFILE_FILE, described)
            plain: dict[str, Any] = {"version": version.number, "tags": dict(version.tags)}
            _write(folder / _VERSION_FILE, json.dumps(plain).encode())
            for each in folder.iterdir():
                if each.is_dir() and each != here:
                    for file in (MODEL_FILE, PROFILE_FILE):
                        (each / file).unlink(missing_ok=True)
                    each.rmdir()
        except OSError as error:
            structlog.get_logger().warning("the model can't be kept for a start without MLflow", reason=error.strerror)


def digest_of(version: Version) -> str:
    """What the registry says of the file.

    Raises:
        FailedError: nothing, or no digest.
    """
    found = version.tags.get("model_digest", "")
    if len(found) != 64 or not found.isalnum():
        raise FailedError(
            f"version {version.number}: has no tag model_digest, so it wasn't registered by model-training"
        )
    return found


def _write(file: Path, content: bytes) -> None:
    """Replace a file as a whole: a start that is killed leaves the one before."""
    handle, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(handle, "wb") as made:
        made.write(content)
    Path(name).replace(file)
