"""Objects of a run: put once over nobody's, and read in exactly the version that was recorded."""

import base64
import hashlib
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import structlog
import urllib3
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError
from pipeline_shared.connections import ANSWER_SECONDS, http_pool, minio_client
from pipeline_shared.settings import MinioSettings
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from pipeline_dataops.errors import StepError

MOST_BYTES = 5 * 2**30
"""Of one request; S3 takes no condition on the parts of several."""
TRIES = 4
_MOMENT = timedelta(minutes=15)
_PART_BYTES = 2**20


class _AwayError(Exception):
    """The server can't now, and may later."""


@dataclass(frozen=True)
class Stored:
    """An object as the server has it: its version, and what its writer said of it."""

    version_id: str
    metadata: Mapping[str, str]

    @property
    def sha256(self) -> str:
        """Of its bytes, as its writer said."""
        return self.metadata.get("sha256", "")


class Objects:
    """Objects of one bucket, with one key. Of a server that is away, each call asks four times over some seconds."""

    def __init__(self, settings: MinioSettings, bucket: str) -> None:
        self._client = minio_client(settings)
        # A body is sent under the limit of the connection: a slow server gets as long for it as for an answer.
        self._http: urllib3.PoolManager = http_pool(settings, connect_seconds=ANSWER_SECONDS)
        self._endpoint = settings.endpoint
        self._bucket = bucket

    def put_new(self, key: str, file: Path, metadata: Mapping[str, str]) -> Stored | None:
        """Put a file below a key that nobody has.

        Args:
            key: the object's key.
            file: its content.
            metadata: ASCII texts by name in lower case, with `run-id`; the file's `sha256` is added. An object with
                the same two is this one, whose answer was lost.

        Returns:
            The version that was made, or was made before; None where another object has the key.

        Raises:
            StepError: the server is away or refuses.
        """
        if file.stat().st_size > MOST_BYTES:
            raise StepError(f"{self._place(key)}: more than {MOST_BYTES} bytes; extract less at a time")
        with file.open("rb") as content:
            md5 = hashlib.file_digest(content, "md5").digest()
        said = {**metadata, "sha256": sha256_of(file)}
        for attempt in self._tries():
            with attempt:
                if (version := self._send(key, file, md5, said)) is not None:
                    return Stored(version, said)
        there = self.stat(key)
        mine = there is not None and all(there.metadata.get(name) == said[name] for name in ("run-id", "sha256"))
        return there if mine else None

    def stat(self, key: str) -> Stored | None:
        """Answer the newest version of an object; None where there is none.

        Raises:
            StepError: the server is away or refuses.
        """
        for attempt in self._tries():
            with attempt:
                try:
                    found = self._client.stat_object(self._bucket, key)
                except S3Error as error:
                    if error.code == "NoSuchKey":
                        return None
                    self._refused(key, error)
                except (MinioException, urllib3.exceptions.HTTPError) as error:
                    self._away(error)
        named = {name.lower(): str(value) for name, value in (found.metadata or {}).items()}
        prefix = "x-amz-meta-"
        said = {name.removeprefix(prefix): value for name, value in named.items() if name.startswith(prefix)}
        return Stored(found.version_id or "", said)

    def fetch(self, key: str, version_id: str | None, sha256: str | None, file: Path) -> str:
        """Write exactly this version into a file.

        Args:
            key: the object's key.
            version_id: None is the newest version, which a key without the right to former ones may read.
            sha256: what the bytes are expected to have; None expects nothing.
            file: where to.

        Returns:
            The version that was read.

        Raises:
            StepError: the server is away or refuses, the version is gone, or its bytes aren't those of the SHA-256.
        """
        place = self._place(key) + (f"?versionId={version_id}" if version_id else "")
        found_version = ""
        for attempt in self._tries():
            with attempt:
                try:
                    answer = self._client.get_object(self._bucket, key, version_id=version_id)
                    try:
                        found_version = answer.headers.get("x-amz-version-id", "")
                        with file.open("wb") as sink:
                            for part in answer.stream(_PART_BYTES):
                                sink.write(part)
                    finally:
                        answer.close()
                        answer.release_conn()
                except S3Error as error:
                    self._refused(place.removeprefix(self._place("")), error)
                except (MinioException, urllib3.exceptions.HTTPError) as error:
                    self._away(error)
        if sha256 is not None and (found := sha256_of(file)) != sha256:
            raise StepError(f"{place}: has other bytes than were recorded: SHA-256 {found}, recorded {sha256}")
        return found_version

    def _send(self, key: str, file: Path, md5: bytes, metadata: Mapping[str, str]) -> str | None:
        headers = {
            "Content-MD5": base64.b64encode(md5).decode(),
            "Content-Length": str(file.stat().st_size),
            "If-None-Match": "*",
        }
        named = {f"x-amz-meta-{name}": value for name, value in metadata.items()}
        try:
            url = self._client.get_presigned_url(
                "PUT", self._bucket, key, expires=_MOMENT, extra_query_params=dict(named)
            )
            with file.open("rb") as content:
                answer = self._http.request("PUT", url, body=content, headers=headers)
        except S3Error as error:
            self._refused(key, error)
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            self._away(error)
        if answer.status == 412:
            return None
        said = answer.data.decode(errors="replace")
        if answer.status >= 500 or answer.status == 409:
            raise _AwayError(f"MinIO at {self._endpoint} answered {answer.status}: {_code(said)}")
        if answer.status != 200:
            raise StepError(f"{self._place(key)}: the server refuses it ({answer.status}): {_code(said)}")
        if not (version := answer.headers.get("x-amz-version-id")):
            raise StepError(
                f"{self._place(key)}: the bucket keeps no versions; deploy the platform, which switches them on"
            )
        return version

    def _tries(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception_type(_AwayError),
            stop=stop_after_attempt(TRIES),
            wait=wait_exponential(multiplier=0.5, max=5),
            before_sleep=_say,
            retry_error_callback=_give_up,
            sleep=time.sleep,
        )

    def _away(self, error: Exception) -> NoReturn:
        if isinstance(error, urllib3.exceptions.HTTPError):
            reason = str(error).rpartition("): ")[2] or type(error).__name__
            raise _AwayError(f"MinIO at {self._endpoint} can't be reached: {reason}") from None
        if isinstance(error, InvalidResponseError | ServerError):
            raise _AwayError(f"MinIO at {self._endpoint}: {error}") from None
        raise StepError(f"MinIO at {self._endpoint}: {error}") from None

    def _refused(self, key: str, error: S3Error) -> NoReturn:
        if error.response.status >= 500:
            raise _AwayError(f"MinIO at {self._endpoint} answered {error.response.status}: {error.code}") from None
        raise StepError(f"{self._place(key)}: the server refuses it: {error.code}: {error.message}") from None

    def _place(self, key: str) -> str:
        return f"s3://{self._bucket}/{key}"


def sha256_of(file: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _say(state: RetryCallState) -> None:
    reason = str(state.outcome.exception()) if state.outcome else ""
    structlog.get_logger().warning("asked again", attempt=state.attempt_number, reason=reason)


def _give_up(state: RetryCallState) -> NoReturn:
    reason = state.outcome.exception() if state.outcome else None
    raise StepError(f"{reason}; run this step again when it answers") from None


def _code(answer: str) -> str:
    found = re.search(r"<Code>(\w+)</Code><Message>([^<]*)", answer)
    if found:
        return f"{found[1]}: {found[2]}"
    try:
        said = json.loads(answer)
        return f"{said['Code']}: {said['Message']}"
    except (ValueError, KeyError, TypeError):
        return answer[:200]
