"""The server as `bucketworks buckets` lists it: what a person looks at first where something is wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bucketworks.decode import decoded
from bucketworks.errors import InvalidSpecError
from bucketworks.program import FINDINGS
from bucketworks.target import Target


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket on the server; `platform` is the one whose file names it."""

    name: str
    created_at: str
    platform: str | None

    @property
    def creation_date(self) -> datetime:
        """When it was made, as a time."""
        return datetime.fromisoformat(self.created_at)


@dataclass(frozen=True, slots=True)
class _Listed:
    schemaVersion: Literal[1]  # noqa: N815 - as all JSON of the command names it
    buckets: tuple[Bucket, ...]


class MinioClient:
    """Asks the server of a stage, by the credentials that the command has for it."""

    def __init__(self, target: Target) -> None:
        """Keep what is asked; nothing is, before a method is called."""
        self._target = target

    def list_buckets(self) -> list[Bucket]:
        """All buckets that the credentials may know of.

        :raises CouldNotLookError: where the server is away, or refuses
        """
        ended = self._target.program.run("buckets", "--format=json", *self._target.arguments(tries_keys=False))
        if ended.code == FINDINGS and not ended.output.strip():
            raise InvalidSpecError(ended.said)
        return list(decoded(_Listed, ended.output, "bucketworks buckets").buckets)
