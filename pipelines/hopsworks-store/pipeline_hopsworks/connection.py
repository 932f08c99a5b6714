"""Logs in to a project of Hopsworks, and says in a sentence what its server did wrong."""

import contextlib
import io
import logging
import os
import signal
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any, NoReturn

import hopsworks
import requests
from hopsworks.client.exceptions import FeatureStoreException, HopsworksSSLClientError, ProjectException, RestAPIError
from pipeline_shared.log import hide

from pipeline_features.failed import FailedError
from pipeline_hopsworks.settings import HopsworksSettings

LIMIT_SECONDS = 120
"""How long a command may take: the client itself waits for ever."""
# The client takes an answer for what it should be: of another server, or another version of one, this is what comes.
_STRANGE = (FeatureStoreException, requests.exceptions.JSONDecodeError, KeyError, TypeError, AttributeError)


@contextlib.contextmanager
def feature_store(settings: HopsworksSettings, limit: int = LIMIT_SECONDS) -> Iterator[Any]:
    """Log in, open the project's feature store, and log out at the end.

    The engine `training` asks for definitions alone: no certificate of the project is written, and no data are read.

    Args:
        settings: of the project.
        limit: seconds that all of it may take.

    Raises:
        FailedError: the server isn't there, isn't who it should be, refuses the key, or has no such project.
    """
    hide(settings.api_key.get_secret_value())
    where = f"Hopsworks {settings.host}:{settings.port}"
    trusted = settings.trust_store_path
    with (
        told(where, settings),
        _limited(where, limit),
        tempfile.TemporaryDirectory() as folder,
        # Its client writes what it does to the program's output, and looks for a key of its own below the home folder.
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
        _surroundings(folder),
    ):
        warnings.simplefilter("ignore")
        logging.getLogger("hopsworks_common").setLevel(logging.ERROR)
        project = hopsworks.login(
            host=settings.host,
            port=settings.port,
            project=settings.project,
            api_key_value=settings.api_key.get_secret_value(),
            hostname_verification=True,
            trust_store_path=None if trusted is None else str(trusted),
            cert_folder=folder,
            engine="training",
        )
        try:
            yield project.get_feature_store()
        finally:
            hopsworks.logout()


@contextlib.contextmanager
def told(where: str, settings: HopsworksSettings) -> Iterator[None]:
    """Turn what the client raises into a sentence.

    Raises:
        FailedError: for what a server does that isn't there, or refuses.
    """
    try:
        yield
    except ProjectException:
        raise FailedError(
            f"{where}: no project {settings.project} is there for this key; fix project of bucketworks:hopsworks"
        ) from None
    except RestAPIError as error:
        raise FailedError(f"{where}: {_refusal(error, settings)}") from None
    except (HopsworksSSLClientError, requests.exceptions.SSLError) as error:
        reason = _reason(error.__cause__ or error)
        raise FailedError(
            f"{where}: its certificate isn't trusted ({reason}); name its CA as caFile of bucketworks:hopsworks"
        ) from None
    except _STRANGE as error:
        raise FailedError(
            f"{where}: its answer isn't what the client of Hopsworks {hopsworks.__version__} expects "
            f"({type(error).__name__}: {_reason(error)}); is it a Hopsworks server of that version?"
        ) from None
    except requests.exceptions.RequestException as error:
        raise FailedError(
            f"{where}: the server doesn't answer ({type(error).__name__}); is it there, and host and port right?"
        ) from None


def _refusal(error: RestAPIError, settings: HopsworksSettings) -> str:
    status = error.response.status_code
    if status in {401, 403}:
        return f"the API key is refused (status {status}); make one with the scopes project and featurestore"
    if "/storageconnectors/" in error.url and status == 404:
        return (
            f"project {settings.project} has no storage connector {settings.connector}; "
            "its owner makes one of kind S3 for the bucket"
        )
    said = error.user_message or _json(error).get("errorMsg") or error.response.reason
    return f"it refuses (status {status}): {said}"


def _json(error: RestAPIError) -> dict[str, Any]:
    try:
        answer = error.response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _reason(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


@contextlib.contextmanager
def _limited(where: str, seconds: int) -> Iterator[None]:
    def late(*_: object) -> NoReturn:
        raise FailedError(f"{where}: the server doesn't answer within {seconds} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _surroundings(home: str) -> Iterator[None]:
    """Take away what the client would believe rather than what it is told.

    An empty HOPSWORKS_TRUST_STORE_PATH would have it trust everybody.
    """
    before = dict(os.environ)
    for name in before:
        if name.startswith("HOPSWORKS_") or name in {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "REST_ENDPOINT"}:
            del os.environ[name]
    os.environ["HOME"] = home
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
