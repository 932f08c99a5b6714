"""Copies exactly one version of an object to production, over nobody's object, and never twice.

MinIO takes no condition on the target of a copy of its own (CopyObject), so the bytes go through here.
"""

import base64
import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import urllib3
from minio import Minio
from minio.error import MinioException, S3Error
from pipeline_shared.connections import ANSWER_SECONDS, http_pool, minio_client
from pipeline_shared.settings import MinioSettings

from pipeline_dataops.errors import StepError
from pipeline_dataops.query.catalog import Version

MOST_BYTES = 5 * 2**30
"""Of one request; S3 takes no condition on the parts of several."""
_PART = 2**20


@dataclass(frozen=True)
class _Content:
    version_id: str
    size: int
    md5: bytes
    sha256: str


class Copier:
    """Copies with one key, by files in a folder."""

    def __init__(self, settings: MinioSettings, folder: Path) -> None:
        self._client: Minio = minio_client(settings)
        # A body is sent under the limit of the connection: a slow server gets as long for it as for an answer.
        self._http: urllib3.PoolManager = http_pool(settings, connect_seconds=ANSWER_SECONDS)
        self._endpoint = settings.endpoint
        self._folder = folder

    def copy(self, source: Version, bucket: str, sha256: str | None = None) -> Version:
        """Put a version under the same key of another bucket; where it lies there already, leave it.

        Args:
            source: what is copied.
            bucket: where to; it has versions.
            sha256: of the bytes that are expected; None takes them as they are.

        Returns:
            The version that the bucket has now.

        Raises:
            StepError: a server is away or refuses, the source holds other bytes, or another object has the key.
        """
        with tempfile.TemporaryFile(dir=self._folder) as file:
            read = self._read(source.bucket, source.key, source.version_id, file)
            if sha256 not in (None, read.sha256):
                raise StepError(
                    f"{source}: holds other bytes than the run recorded: SHA-256 {read.sha256}, not {sha256}"
                )
            made = self._put(bucket, source.key, read, file)
        if made is None:
            there = self._read(bucket, source.key, None, None)
            if there.sha256 != read.sha256:
                raise StepError(
                    f"s3://{bucket}/{source.key}: another object has this key, with version {there.version_id}; "
                    "nothing was changed: look at who put it, `reconcile` names objects that no promotion has"
                )
            made = there.version_id
        return Version(bucket, source.key, made)

    def current(self, wanted: Version, file: BinaryIO) -> None:
        """Read an object as it is now into a file.

        Raises:
            StepError: it can't be read, or is another version than the wanted one.
        """
        found = self._read(wanted.bucket, wanted.key, None, file).version_id
        if found != wanted.version_id:
            raise StepError(f"{wanted}: the object is another version now, {found}; `reconcile` names all such objects")
        file.seek(0)

    def _read(self, bucket: str, key: str, version_id: str | None, file: BinaryIO | None) -> _Content:
        sums = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        size = 0
        place = f"s3://{bucket}/{key}" + (f"?versionId={version_id}" if version_id else "")
        try:
            answer = self._client.get_object(bucket, key, version_id=version_id)
            try:
                for part in answer.stream(_PART):
                    size += len(part)
                    for each in sums:
                        each.update(part)
                    if file is not None:
                        file.write(part)
            finally:
                answer.close()
                answer.release_conn()
        except S3Error as error:
            raise StepError(f"{place}: can't be read: {error.code}: {error.message}") from None
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StepError(f"{place}: can't be read: {self._said(error)}") from None
        found = answer.headers.get("x-amz-version-id", "")
        return _Content(found, size, sums[0].digest(), sums[1].hexdigest())

    def _put(self, bucket: str, key: str, content: _Content, file: BinaryIO) -> str | None:
        """Answer the new version; None where an object has the key."""
        place = f"s3://{bucket}/{key}"
        if content.size > MOST_BYTES:
            raise StepError(
                f"{place}: {content.size} bytes are more than the {MOST_BYTES} of one request; extract less at a time"
            )
        file.seek(0)
        headers = {
            "Content-MD5": base64.b64encode(content.md5).decode(),
            "Content-Length": str(content.size),
            "If-None-Match": "*",
        }
        try:
            url = self._client.presigned_put_object(bucket, key)
            answer = self._http.request("PUT", url, body=file, headers=headers)
        except S3Error as error:
            raise StepError(f"{place}: can't be written: {error.code}: {error.message}") from None
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise StepError(
                f"{place}: can't be written: {self._said(error)}; promote again, it goes on from here"
            ) from None
        if answer.status == 412:
            return None
        if answer.status != 200:
            raise StepError(
                f"{place}: the server refuses it ({answer.status}): {answer.data.decode(errors='replace')[:300]}"
            )
        made = answer.headers.get("x-amz-version-id")
        if not made:
            raise StepError(
                f"{place}: the bucket keeps no versions, so nobody could say which one was promoted; switch them on"
            )
        return made

    def _said(self, error: Exception) -> str:
        if isinstance(error, urllib3.exceptions.HTTPError):
            return (
                f"MinIO at {self._endpoint} can't be reached: {str(error).rpartition('): ')[2] or type(error).__name__}"
            )
        return str(error)
