"""The files of features in the platform's bucket: whether they can be read, and profiles beside them."""

import io

from minio import Minio
from minio.error import MinioException, S3Error
from urllib3.exceptions import HTTPError

from pipeline_features.failed import FailedError

_MOST_BYTES = 16 * 1024 * 1024
_PROFILES = "_profiles/"


def has_files(client: Minio, bucket: str, prefix: str) -> bool:
    """See whether a view has files, which its key may list.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    uri = f"s3://{bucket}/{prefix}"
    try:
        return any(
            str(each.object_name).endswith(".parquet") for each in client.list_objects(bucket, prefix, recursive=True)
        )
    except (MinioException, HTTPError, OSError) as error:
        raise _told(error, uri) from None


def profile_key(prefix: str) -> str:
    """Answer where the reference profile of the view with this prefix is."""
    return f"{_PROFILES}{prefix}profile.json"


def read_profile(client: Minio, bucket: str, prefix: str) -> bytes | None:
    """Read the profile of the data that models of this view were trained on; None where nobody kept one.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    key = profile_key(prefix)
    try:
        answer = client.get_object(bucket, key)
        try:
            return bytes(answer.read(_MOST_BYTES))
        finally:
            answer.close()
            answer.release_conn()
    except (MinioException, HTTPError, OSError) as error:
        if isinstance(error, S3Error) and error.code == "NoSuchKey":
            return None
        raise _told(error, f"s3://{bucket}/{key}") from None


def write_profile(client: Minio, bucket: str, prefix: str, content: bytes) -> str:
    """Keep a profile; answers its address.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    key = profile_key(prefix)
    uri = f"s3://{bucket}/{key}"
    try:
        client.put_object(bucket, key, io.BytesIO(content), len(content), "application/json")
    except (MinioException, HTTPError, OSError) as error:
        raise _told(error, uri) from None
    return uri


def _told(error: Exception, uri: str) -> FailedError:
    if isinstance(error, S3Error):
        hint = "; the key is another server's, or was replaced" if error.code == "InvalidAccessKeyId" else ""
        return FailedError(f"{uri}: the server refuses ({error.code}): {error.message}{hint}")
    return FailedError(f"{uri}: the server doesn't answer ({type(error).__name__}); is MINIO_ENDPOINT right?")
