"""Objects of RAW, read with a key that may: what lies there, and what each file says of itself."""

import io
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from minio import Minio
from minio.error import S3Error

from pipeline.ingestion.files import RUN_ID_KEY
from pipeline.storage.layers import RAW
from pipeline.storage.objects import listing, reading


@dataclass(frozen=True)
class RawObject:
    """One object, by its own words."""

    path: str
    """`s3://bucket/file`"""
    size: int
    stored_at: str
    rows: int | None
    """None where it is no Parquet file."""
    run_id: str | None


def names(client: Minio) -> list[str]:
    """Answer the keys of all objects of RAW.

    Raises:
        StorageError: the server isn't there or refuses.
    """
    return [each.key for each in listing(client, RAW)]


def look_at(client: Minio, key: str) -> RawObject | None:
    """Read an object's end, where Parquet says how many rows it holds and of which run; None where none has the key.

    Raises:
        StorageError: the server isn't there or refuses.
    """
    with reading(f"{RAW}/{key}"):
        try:
            found = client.stat_object(RAW, key)
            size = found.size or 0
            rows, run_id = _footer(client, key, size)
        except S3Error as error:
            if error.code in ("NoSuchKey", "MethodNotAllowed"):
                return None
            raise
    stored = found.last_modified.isoformat() if found.last_modified else ""
    return RawObject(f"s3://{RAW}/{key}", size, stored, rows, run_id)


def _footer(client: Minio, key: str, size: int) -> tuple[int | None, str | None]:
    try:
        metadata = pq.read_metadata(pa.PythonFile(_Ranges(client, key, size), mode="r"))
    except (pa.ArrowException, OSError):  # of a broken end; the server's own faults are others
        return None, None
    said = (metadata.metadata or {}).get(RUN_ID_KEY.encode())
    return metadata.num_rows, said.decode(errors="replace") if said else None


class _Ranges(io.RawIOBase):
    """An object as a file of which only the parts that are read are fetched."""

    def __init__(self, client: Minio, key: str, size: int) -> None:
        super().__init__()
        self._client, self._key, self._size, self._at = client, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        length = self._size - self._at if size < 0 else min(size, self._size - self._at)
        if length <= 0:
            return b""
        answer = self._client.get_object(RAW, self._key, offset=self._at, length=length)
        try:
            content = answer.read()
        finally:
            answer.close()
            answer.release_conn()
        self._at += len(content)
        return content
