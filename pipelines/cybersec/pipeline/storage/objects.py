"""Objects read with a key that may: what lies in a bucket, and the content of one."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error

from pipeline.failed import FailedError

_PIECE_BYTES = 2**20
_GONE = ("NoSuchKey", "MethodNotAllowed", "PreconditionFailed")


class StorageError(FailedError):
    """A bucket can't be read."""


class ChangedError(Exception):
    """An object isn't any more what a listing said: another run takes what is there now."""


@dataclass(frozen=True)
class Listed:
    """One object, as a listing shows it."""

    key: str
    size: int
    etag: str
    stored_at: dt.datetime


@contextlib.contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn what a server or the way to it says into a sentence about what was to be read."""
    try:
        yield
    except S3Error as error:
        raise StorageError(f"{what}: can't be read: {error.code}: {error.message}") from None
    except urllib3.exceptions.HTTPError as error:
        reason = str(error).rpartition("): ")[2] or type(error).__name__
        raise StorageError(f"{what}: can't be read, MinIO can't be reached: {reason}") from None
    except MinioException as error:
        raise StorageError(f"{what}: can't be read: {error}") from None


def listing(client: Minio, bucket: str, prefix: str = "") -> list[Listed]:
    """Answer all objects below a prefix, by key.

    Raises:
        StorageError: the server isn't there or refuses.
    """
    with reading(f"the list of {bucket}/{prefix}"):
        return [
            Listed(str(each.object_name), each.size or 0, (each.etag or "").strip('"'), each.last_modified)
            for each in client.list_objects(bucket, prefix=prefix, recursive=True)
            if each.last_modified is not None
        ]


def fetch(client: Minio, bucket: str, found: Listed, to: Path) -> str:
    """Copy an object into a file, a piece at a time.

    Returns:
        The version that was read.

    Raises:
        ChangedError: it is gone, or another one has its key since.
        StorageError: the server isn't there or refuses.
    """
    with reading(f"{bucket}/{found.key}"):
        try:
            answer = client.get_object(bucket, found.key, request_headers={"If-Match": f'"{found.etag}"'})
        except S3Error as error:
            if error.code in _GONE:
                raise ChangedError(f"{bucket}/{found.key}") from None
            raise
        try:
            with to.open("wb") as file:
                for piece in answer.stream(_PIECE_BYTES):
                    file.write(piece)
        finally:
            answer.close()
            answer.release_conn()
        if to.stat().st_size != found.size:
            raise StorageError(f"{bucket}/{found.key}: ends after {to.stat().st_size} of {found.size} bytes")
        return answer.headers.get("x-amz-version-id", "null")
