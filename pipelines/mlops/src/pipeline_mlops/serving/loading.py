"""The model that is served: from registry and bucket, checked by its digest, and kept for a start without MLflow."""

import json
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import structlog

from pipeline_mlops.artifact import MODEL_FILE, PROFILE_FILE, digest, loads
from pipeline_mlops.drift import Profile, Window, read_profile
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Model, State
from pipeline_mlops.serving.registry import Registry, Version
from pipeline_mlops.serving.settings import ApiSettings

_VERSION_FILE = "version.json"
_DRAFT = ".draft-"
_FOLDER = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Loaded:
    """A version in memory."""

    version: str
    tags: Mapping[str, str]
    state: State
    window: Window
    since: float
    """When it was loaded, in seconds since 1970."""
    quality: Mapping[str, float]
    """What training measured, from 0 to 1."""


class Windows:
    """The newest texts of each version, as numbers: aliases of one version share one, whichever of them is asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: WeakValueDictionary[tuple[str, str], Window] = WeakValueDictionary()

    def of(self, version: Version, profile: Profile, size: int) -> Window:
        """Answer the window of a version that is loaded already, or begin one."""
        with self._lock:
            return self._of.setdefault((version.number, digest_of(version)), Window(profile, size))


class Loader:
    """Brings the version of the alias into memory; one call at a time."""

    def __init__(self, settings: ApiSettings, model: Model, registry: Registry, windows: Windows) -> None:
        self._settings = settings
        self.model = model
        self._registry = registry
        self._windows = windows

    def newest(self, current: Loaded | None) -> Loaded | None:
        """Look which version is to be served, and load it where another one is loaded.

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
        """Load the version of this model and alias that was served last, from the folder of this replica.

        Returns:
            None where there is none whole, or what is there is of another model or alias.
        """
        folder = self._settings.model_cache
        try:
            plain = json.loads((folder / _VERSION_FILE).read_text())
            if (plain.get("model"), plain.get("alias")) != self._asked():
                structlog.get_logger().warning(
                    "what was kept is of another model or alias", model=plain.get("model"), alias=plain.get("alias")
                )
                return None
            number = self._settings.model_version
            if number is not None and plain["version"] != str(number):
                return None
            version = Version(plain["version"], "", plain["tags"])
            here = folder / digest_of(version)
            return self._loaded(version, (here / MODEL_FILE).read_bytes(), (here / PROFILE_FILE).read_bytes())
        except FileNotFoundError:
            return None
        except Exception as error:  # whatever a damaged file leads to: a start without it asks the registry again
            reason = f"{type(error).__name__}: {error}"
            structlog.get_logger().warning("what was kept of the model can't be used", reason=reason)
            return None

    def _asked(self) -> tuple[str, str]:
        return self._settings.model, self._settings.model_alias

    def _loaded(self, version: Version, content: bytes, described: bytes) -> Loaded:
        name = f"{self._settings.model} version {version.number}"
        if digest(content) != digest_of(version):
            raise FailedError(f"{name}: its file isn't the one that was registered (SHA-256); it isn't loaded")
        state = loads(content, self.model.trusted)
        try:
            profile: Profile = read_profile(json.loads(described))
            self.model.find(state, ["a first text warms up what is made once"])
        except Exception as error:  # of a model's own code, on a state of another code
            raise FailedError(f"{name}: can't be used by this code: {type(error).__name__}: {error}") from None
        window = self._windows.of(version, profile, self._settings.drift_texts)
        return Loaded(version.number, version.tags, state, window, time.time(), _quality(version))

    def _keep(self, version: Version, content: bytes, described: bytes) -> None:
        """Keep it for a start without MLflow; where that fails, such a start has no model, and nothing else happens."""
        folder = self._settings.model_cache
        try:
            here = folder / digest_of(version)
            here.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(here / MODEL_FILE, content)
            _write(here / PROFILE_FILE, described)
            model, alias = self._asked()
            plain: dict[str, Any] = {"model": model, "alias": alias, "version": version.number}
            _write(folder / _VERSION_FILE, json.dumps(plain | {"tags": dict(version.tags)}).encode())
            for each in (*folder.glob(f"{_DRAFT}*"), *here.glob(f"{_DRAFT}*")):
                each.unlink(missing_ok=True)
            # By their names: what else lies there isn't ours.
            for each in folder.iterdir():
                if each.is_dir() and each != here and _FOLDER.fullmatch(each.name):
                    shutil.rmtree(each)
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


def _quality(version: Version) -> dict[str, float]:
    """What training measured. Tags can be changed by hand: one that is no such number is left out."""
    found = {}
    for name in ("precision", "recall", "f1"):
        said = version.tags.get(f"metric.{name}")
        if said is None:
            continue
        try:
            number = float(said)
        except ValueError:
            number = -1
        if 0 <= number <= 1:
            found[name] = number
        else:
            structlog.get_logger().warning(
                "a tag is left out: it is to be a number from 0 to 1",
                version=version.number,
                tag=f"metric.{name}",
                value=said[:100],
            )
    return found


def _write(file: Path, content: bytes) -> None:
    """Replace a file as a whole: a start that is killed leaves the one before, and a draft that the next removes."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=_DRAFT)
    with os.fdopen(handle, "wb") as made:
        made.write(content)
    Path(name).replace(file)
