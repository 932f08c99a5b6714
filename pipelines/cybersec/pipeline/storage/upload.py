"""The one write to a bucket: a new object, over nobody's, and never twice."""

import base64
import hashlib
import re
import time
from datetime import timedelta
from pathlib import Path

import structlog
import urllib3
from minio.error import InvalidResponseError, S3Error, ServerError
from pipeline_shared.connections import ANSWER_SECONDS, http_pool, minio_client
from pipeline_shared.settings import MinioSettings

from pipeline.failed import FailedError

TRIES = 4
FIRST_PAUSE_SECONDS = 0.5
MOST_BYTES = 5 * 2**30  # of one request; S3 takes no condition on several
_MOMENT = timedelta(minutes=15)


class UploadError(FailedError):
    """The object isn't there, for certain: nothing was sent, or each answer said so."""


class UnknownOutcomeError(FailedError):
    """A request was sent and its answer was lost: the object may be there, whatever was answered later."""


class Upload:
    """Puts one file below a key that nobody has.

    Its key may write and not read, so what lies below a key is told apart by conditions alone: "nobody's" by
    `If-None-Match: *`, "mine already, its answer was lost" by `If-Match` with the file's MD5. No other run's file has
    that one, as each holds its run's id.
    """

    def __init__(self, settings: MinioSettings, file: Path, bucket: str) -> None:
        if file.stat().st_size > MOST_BYTES:
            raise UploadError(f"{file.name}: is larger than {MOST_BYTES} bytes; take fewer rows at a time")
        self._bucket = bucket
        self._endpoint = settings.endpoint
        self._client = minio_client(settings)
        # A body is sent under the limit of the connection: a slow server gets as long for it as for an answer.
        self._http: urllib3.PoolManager = http_pool(settings, connect_seconds=ANSWER_SECONDS)
        self._file = file
        with file.open("rb") as content:
            self._md5 = hashlib.file_digest(content, "md5").digest()
        self._unknown = False

    def put(self, key: str, *, sent_before: bool) -> bool:
        """Make the object, trying again while the server is away.

        Args:
            key: the object's key.
            sent_before: an earlier process may have sent it already.

        Returns:
            Whether the object is this file; False where another one has the key.

        Raises:
            UploadError: the server refuses, or can't be reached: nothing is there.
            UnknownOutcomeError: nobody knows, as an answer was lost, or an earlier process may have sent it.
        """
        self._unknown = sent_before
        reason = ""
        for attempt in range(TRIES):
            try:
                return self._once(key)
            except (urllib3.exceptions.HTTPError, InvalidResponseError, ServerError, _BusyError) as error:
                reason = _sentence(error, self._endpoint)
                structlog.get_logger().warning("upload failed", attempt=attempt + 1, reason=reason)
            except S3Error as error:
                raise self._failure(
                    f"{self._bucket}/{key}: the server refuses it: {error.code}: {error.message}"
                ) from None
            if attempt + 1 < TRIES:
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt)
        raise self._failure(reason)

    def _failure(self, reason: str) -> UploadError | UnknownOutcomeError:
        return (UnknownOutcomeError if self._unknown else UploadError)(reason)

    def _once(self, key: str) -> bool:
        if self._send(key, {"If-None-Match": "*"}):
            return True
        return self._unknown and self._send(key, {"If-Match": f'"{self._md5.hex()}"'})

    def _send(self, key: str, condition: dict[str, str]) -> bool:
        url = self._client.presigned_put_object(self._bucket, key, expires=_MOMENT)
        size = str(self._file.stat().st_size)
        headers = {"Content-MD5": base64.b64encode(self._md5).decode(), "Content-Length": size, **condition}
        with self._file.open("rb") as content:
            try:
                answer = self._http.request("PUT", url, body=content, headers=headers)
            except urllib3.exceptions.NewConnectionError:
                raise  # nothing was sent
            except urllib3.exceptions.HTTPError:
                self._unknown = True
                raise
        if answer.status in (200, 412):
            return answer.status == 200
        said = answer.data.decode(errors="replace")
        if answer.status == 404 and "If-Match" in condition:
            return False  # nothing lies there any more
        if answer.status >= 500 or answer.status == 409:
            self._unknown = self._unknown or answer.status >= 500
            raise _BusyError(f"answered {answer.status}: {_code(said)}")
        raise self._failure(f"{self._bucket}/{key}: the server refuses it ({answer.status}): {_code(said)}")


class _BusyError(Exception):
    """The server can't now, and may later."""


def _code(answer: str) -> str:
    found = re.search(r"<Code>(\w+)</Code><Message>([^<]*)", answer)
    return f"{found[1]}: {found[2]}" if found else answer[:200]


def _sentence(error: Exception, endpoint: str) -> str:
    if isinstance(error, urllib3.exceptions.HTTPError):
        return f"MinIO at {endpoint} can't be reached: {str(error).rpartition('): ')[2] or type(error).__name__}"
    return f"MinIO at {endpoint}: {error}"
