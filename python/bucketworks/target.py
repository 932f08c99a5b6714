"""Which platform file, stage and server a call means, as arguments of the command."""

import os
from dataclasses import dataclass, field
from typing import Final, Literal

from bucketworks.decode import decoded
from bucketworks.errors import InvalidSpecError
from bucketworks.program import FINDINGS, Program

StrPath = str | os.PathLike[str]

# The variables by which the source's programs log in to the server of the file's `minio_config`.
_KEY: Final = ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")


@dataclass(frozen=True, slots=True)
class _Connection:
    endpoint: str
    secure: bool


@dataclass(frozen=True, slots=True)
class _Platform:
    name: str
    environment: str | None


@dataclass(frozen=True, slots=True)
class _Model:
    schemaVersion: Literal[1]  # noqa: N815 - as all JSON of the command names it
    connection: _Connection | None
    platforms: tuple[_Platform, ...]


@dataclass(slots=True)
class Target:
    """What a call is about; the command judges all of it.

    `config_path` is a platform file; None leaves it to the command, which has CONFIG_DIR and BUCKET_CONFIG_FILE, then
    the platforms of the stack. `environment` is a stage; None is ENVIRONMENT, else `metadata.environment` of the file.
    `server` is the URL of a server beside the stack's, to which MINIO_ACCESS_KEY and MINIO_SECRET_KEY are the key.
    """

    program: Program
    config_path: StrPath | None = None
    environment: str | None = None
    server: str | None = None
    _known: _Model | None = field(default=None, init=False)

    @property
    def stage(self) -> str | None:
        """The stage; None leaves it to the command."""
        named = self._named_stage()
        if named or self.config_path is None:
            return named
        return next((each.environment for each in self._model().platforms), None)

    def _named_stage(self) -> str | None:
        return self.environment or os.environ.get("BUCKETWORKS_STAGE") or os.environ.get("ENVIRONMENT") or None

    def arguments(self, *, tries_keys: bool = True) -> list[str]:
        """Options of commands that look at a server, and the file.

        :param tries_keys: whether the command tries the keys of identities, too
        """
        stage, url = self.stage, self._server()
        return [
            *([] if stage is None else [f"--stage={stage}"]),
            # Keys of identities come from a stack, and beside a named server there is none.
            *([] if url is None else [f"--server={url}", *(["--no-identities"] if tries_keys else [])]),
            *self.file(),
        ]

    def file(self) -> list[str]:
        """The platform file as the last argument: no option, whatever its name."""
        return [] if self.config_path is None else ["--", os.fspath(self.config_path)]

    def _server(self) -> str | None:
        """Away from a checkout there is no stack: by the source's variables, its file names the server."""
        url = self.server or os.environ.get("BUCKETWORKS_SERVER")
        if url or not all(os.environ.get(name) for name in _KEY):
            return url or None
        connection = self._model().connection
        return None if connection is None else f"{'https' if connection.secure else 'http'}://{connection.endpoint}"

    def _model(self) -> _Model:
        """What the file says, with this environment's variables."""
        if self._known is None:
            # what is read here is the same in every stage, unless its overlay says otherwise
            stage = self._named_stage() or "dev"
            ended = self.program.run("explain", "--format=json", f"--stage={stage}", *self.file())
            if ended.code == FINDINGS:
                raise InvalidSpecError(ended.said)
            self._known = decoded(_Model, ended.output, "bucketworks explain")
        return self._known
