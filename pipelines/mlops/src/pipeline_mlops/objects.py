"""Objects of MinIO as these programs need them. Reading again, and writing the same content again, harms nothing."""

import io
from collections.abc import Callable
from typing import TypeVar

import tenacity
from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from pipeline_mlops.failed import FailedError

_T = TypeVar("_T")
_TRIES = 3
# Of a server that starts or has too much to do; a refusal stays one.
_PASSING = {"SlowDown", "ServiceUnavailable", "InternalError", "XMinioServerNotInitialized"}


class MissingError(FailedError):
    """There is no such object."""


def read(client: Minio, bucket: str, key: str, most: int) -> bytes:
    """Read a whole object.

    Args:
        client: with a key that may read it.
        bucket: where it lies.
        key: its name.
        most: bytes; of a longer one nothing is kept.

    Raises:
        MissingError: there is none.
        FailedError: it is too long, the server isn't there, or refuses.
    """

    def once() -> bytes:
        answer = client.get_object(bucket, key)
        try:
            content = answer.read(most + 1)
        finally:
            answer.close()
            answer.release_conn()
        if len(content) > most:
            raise FailedError(f"s3://{bucket}/{key}: has more than {most} bytes, so it isn't what is looked for")
        return bytes(content)

    return _tried(once, f"s3://{bucket}/{key}")


def write(client: Minio, bucket: str, key: str, content: bytes) -> bool:
    """Write an object that is named by its content; one of that name and length is it already.

    Returns:
        True where it was written, False where it was there.

    Raises:
        FailedError: the server isn't there, or refuses.
    """

    def once() -> bool:
        try:
            if client.stat_object(bucket, key).size == len(content):
                return False
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
        client.put_object(bucket, key, io.BytesIO(content), len(content))
        return True

    return _tried(once, f"s3://{bucket}/{key}")


def put(client: Minio, bucket: str, key: str, content: bytes, kind: str) -> None:
    """Write an object of a name that nobody else has; a key that may only write is enough.

    Args:
        client: with a key that may write it.
        bucket: where it is to lie.
        key: its name.
        content: of it.
        kind: its media type.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    _tried(lambda: client.put_object(bucket, key, io.BytesIO(content), len(content), kind), f"s3://{bucket}/{key}")


def names(client: Minio, bucket: str, prefix: str) -> list[str]:
    """List the objects below a prefix.

    Raises:
        FailedError: the server isn't there, or refuses.
    """

    def once() -> list[str]:
        found = client.list_objects(bucket, prefix, recursive=True)
        return [each.object_name for each in found if each.object_name is not None]

    return _tried(once, f"s3://{bucket}/{prefix}")


def _tried(once: Callable[[], _T], uri: str) -> _T:
    tries = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_passes),
        stop=tenacity.stop_after_attempt(_TRIES),
        wait=tenacity.wait_exponential(multiplier=0.3, max=3),
        reraise=True,
    )
    try:
        return tries(once)
    except S3Error as error:
        if error.code == "NoSuchKey":
            raise MissingError(f"{uri}: isn't there") from None
        raise FailedError(f"{uri}: the server refuses ({error.code}): {error.message}") from None
    except (MinioException, HTTPError, OSError) as error:
        raise FailedError(f"{uri}: the server doesn't answer ({type(error).__name__})") from None


def _passes(error: BaseException) -> bool:
    if isinstance(error, S3Error):
        return error.code in _PASSING
    return isinstance(error, HTTPError | OSError)
