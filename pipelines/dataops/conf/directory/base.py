"""Buckets and keys, as the platform's own file has them: no name and no template stands here a second time."""

import datetime as dt
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pipeline_shared.settings import SettingsError

from conf.general.model import SNAKE_CASE

_CHECKOUT_FILE = Path(__file__).resolve().parents[4] / "config/platforms/dataops.yaml"
_FORMS = {
    "dataset": SNAKE_CASE,
    "table_name": SNAKE_CASE,
    "created_at": r"\d{4}-\d\d-\d\d:\d\d:\d\d:\d\d:\d{3}",
    "run_id": r"\d{14}-[a-z0-9]{6}",
}


@dataclass(frozen=True)
class Bucket:
    """A bucket, and the templates of its keys by name."""

    name: str
    paths: Mapping[str, str]

    def key(self, path: str, **values: str) -> str:
        """Fill a template of this bucket, in the forms of docs/paths.md.

        Args:
            path: the template's name, `objects` or `reports`.
            values: one for each placeholder, for example dataset="binance".

        Raises:
            SettingsError: there is no such template, or a value has another form.
        """
        if path not in self.paths:
            raise SettingsError(
                f"bucket {self.name}: has no path {path!r} in the platform's file; there is {list(self.paths)}"
            )

        def value(found: re.Match[str]) -> str:
            name = found[1]
            text = values.get(name, "")
            if not re.fullmatch(_FORMS.get(name, r"[A-Za-z0-9][A-Za-z0-9._-]*"), text):
                raise SettingsError(
                    f"bucket {self.name}, path {path}: {name} is {text!r}, which is not of the form of docs/paths.md"
                )
            return text

        return re.sub(r"\{(\w+)\}", value, self.paths[path])


@dataclass(frozen=True)
class Directory:
    """The three buckets of the pipeline, found by their tags `layer` and `data_type`."""

    raw: Bucket
    transformed: Bucket
    production: Bucket


def created_at(moment: dt.datetime) -> str:
    """Write a moment as keys have it, `2025-09-11:12:34:56:789` in UTC."""
    utc = moment.astimezone(dt.UTC)
    return f"{utc:%Y-%m-%d:%H:%M:%S}:{utc.microsecond // 1000:03}"


def platform_file() -> Path:
    """Find the platform's file: DATAOPS_PLATFORM_FILE, else the one that a pod is given, else the checkout's."""
    named = os.environ.get("DATAOPS_PLATFORM_FILE")
    if named:
        return Path(named)
    given = os.environ.get("CONFIG_DIR")
    return Path(given, os.environ.get("BUCKET_CONFIG_FILE", "minio-buckets.yaml")) if given else _CHECKOUT_FILE


def load_directory(file: Path, *, raw_bucket: str | None = None) -> Directory:
    """Read the buckets of a platform's file.

    Args:
        file: YAML of a platform, as `config/platforms/dataops.yaml`.
        raw_bucket: a name that stands for the raw bucket's own.

    Raises:
        SettingsError: the file can't be read, or hasn't exactly one bucket of a kind.
    """
    try:
        groups = yaml.safe_load(file.read_text())["bucket_groups"]
        buckets = [each for group in groups.values() for each in group["buckets"]]
    except OSError as error:
        raise SettingsError(
            f"{file}: can't be read: {error.strerror}; DATAOPS_PLATFORM_FILE names the platform's file"
        ) from None
    except (yaml.YAMLError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{file}: is no file of a platform: {type(error).__name__}; is expected: bucket_groups with buckets"
        ) from None
    raw = _tagged(file, buckets, "staging", "raw")
    return Directory(
        raw=Bucket(raw_bucket or raw.name, raw.paths),
        transformed=_tagged(file, buckets, "staging", "transformed"),
        production=_tagged(file, buckets, "production", "transformed"),
    )


def _tagged(file: Path, buckets: list[dict[str, Any]], layer: str, data_type: str) -> Bucket:
    wanted = {"layer": layer, "data_type": data_type}
    found = [each for each in buckets if wanted.items() <= each.get("tags", {}).items()]
    if len(found) != 1:
        raise SettingsError(f"{file}: {len(found)} buckets have the tags {wanted}; exactly one must have them")
    return Bucket(found[0]["name"], found[0].get("paths", {}))
