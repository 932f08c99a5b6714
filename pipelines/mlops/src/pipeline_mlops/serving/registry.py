"""The version that has the alias, from MLflow's REST API, and its files, from the bucket.

MLflow is asked for names alone; its client would bring 100 MB into the memory of each replica. The files come by the
API's own key, which may read the bucket and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3
from minio import Minio

from pipeline_mlops import objects
from pipeline_mlops.artifact import MODEL_FILE, PROFILE_FILE
from pipeline_mlops.failed import FailedError
from pipeline_mlops.serving.settings import ApiSettings

_MOST_MODEL_BYTES = 512 * 1024 * 1024
_MOST_PROFILE_BYTES = 1024 * 1024


class NoVersionError(FailedError):
    """The registry answers, and nothing has the alias."""


class NoSuchVersionError(NoVersionError):
    """The registry answers, and has no version of the number in the settings."""


class RegistryError(FailedError):
    """The registry doesn't answer, refuses, or isn't one."""


@dataclass(frozen=True)
class Version:
    """A version of the registered model."""

    number: str
    source: str
    tags: Mapping[str, str]


class Registry:
    """One model and one alias at MLflow."""

    def __init__(self, settings: ApiSettings, client: Minio) -> None:
        self._settings = settings
        self._client = client
        authority = settings.mlflow_tracking_server_cert_path
        self._http = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=3, read=10),
            retries=False,
            ca_certs=None if authority is None else str(authority),
        )
        password = settings.mlflow_tracking_password
        self._headers = (
            urllib3.make_headers(basic_auth=f"{settings.mlflow_tracking_username}:{password.get_secret_value()}")
            if settings.mlflow_tracking_username is not None and password is not None
            else {}
        )

    def version(self) -> Version:
        """Ask for the version of the settings, or which version has the alias.

        Raises:
            NoVersionError: there is none.
            RegistryError: MLflow doesn't answer, refuses, or says what MLflow doesn't say.
        """
        model, alias, number = self._settings.model, self._settings.model_alias, self._settings.model_version
        base = self._settings.mlflow_tracking_uri.rstrip("/")
        if number is None:
            uri = f"{base}/api/2.0/mlflow/registered-models/alias?{urlencode({'name': model, 'alias': alias})}"
        else:
            uri = f"{base}/api/2.0/mlflow/model-versions/get?{urlencode({'name': model, 'version': number})}"
        try:
            answer = self._http.request("GET", uri, headers=self._headers)
        except urllib3.exceptions.HTTPError as error:
            raise RegistryError(f"MLflow at {base} doesn't answer ({type(error).__name__})") from None
        plain = _plain(answer.data)
        if answer.status in (400, 404) and plain.get("error_code") in (
            "RESOURCE_DOES_NOT_EXIST",
            "INVALID_PARAMETER_VALUE",
        ):
            if number is not None:
                raise NoSuchVersionError(
                    f"{model} has no version {number}; `bucketworks models list` says which there are"
                )
            raise NoVersionError(
                f"{model} has no version with the alias {alias}; train one with `make model`"
                f" (model-training {model}), or give it to one with `bucketworks models promote`"
            )
        if answer.status != 200:
            said = plain.get("error_code", "no JSON")
            asked = "which version has the alias" if number is None else f"what version {number} is"
            raise RegistryError(f"MLflow at {base} refuses to say {asked}: {answer.status} {said}")
        try:
            found = plain["model_version"]
            tags = {str(each["key"]): str(each.get("value") or "") for each in found.get("tags", [])}
            return Version(str(found["version"]), str(found["source"]), tags)
        except (KeyError, TypeError, AttributeError):
            raise RegistryError(
                f"what answers at {base} isn't MLflow: 200 without a version; is it a proxy with a page for the login?"
            ) from None

    def files(self, version: Version) -> tuple[bytes, bytes]:
        """Read model and profile of a version.

        Raises:
            FailedError: they aren't there, or the server isn't or refuses.
        """
        place = self._place(version)
        bucket = self._settings.model_bucket
        return (
            objects.read(self._client, bucket, f"{place}{MODEL_FILE}", _MOST_MODEL_BYTES),
            objects.read(self._client, bucket, f"{place}{PROFILE_FILE}", _MOST_PROFILE_BYTES),
        )

    def _place(self, version: Version) -> str:
        """Where MLflow keeps `mlflow-artifacts:/1/RUN/artifacts/model` in the bucket."""
        settings = self._settings
        for scheme in ("mlflow-artifacts:/", f"s3://{settings.model_bucket}/{settings.model_prefix}"):
            if version.source.startswith(scheme):
                within = version.source.removeprefix(scheme).strip("/")
                if ".." not in within.split("/"):
                    return f"{settings.model_prefix}{within}/"
        raise FailedError(
            f"{settings.model} version {version.number}: its files are at {version.source}, outside"
            f" s3://{settings.model_bucket}/{settings.model_prefix}"
        )


def _plain(content: bytes) -> dict[str, Any]:
    try:
        plain = json.loads(content)
    except ValueError:
        return {}
    return plain if isinstance(plain, dict) else {}
