"""The texts of a model: made from its configuration, and kept by their content as DVC keeps files.

One line of JSON a text; `held_out` says which are to judge by. Their version is the MD5 of the file, DVC's name for it:
whatever was trained can be traced to exactly these texts, and nothing is ever written over.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from minio import Minio

from pipeline_mlops import objects
from pipeline_mlops.config import ModelConfig
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Model, Row

_MOST_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True)
class Texts:
    """What a model learns from, and what it is judged by."""

    version: str
    learnt: list[Row]
    held_out: list[Row]


def bucket() -> str:
    """The bucket of data versions."""
    return os.environ.get("DATA_BUCKET") or "mlops-dvc"


def make(model: Model, config: ModelConfig) -> tuple[str, bytes]:
    """Make the texts that the configuration asks for; answers their version and the file."""
    lines = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in _made(model, config))
    content = lines.encode()
    return _version(content), content


def take(file: Path) -> tuple[str, bytes]:
    """Read texts that somebody else made; answers their version and the file. What is in them the gates judge.

    Raises:
        FailedError: it can't be read, is empty or too long.
    """
    try:
        size = file.stat().st_size
        content = file.read_bytes() if size <= _MOST_BYTES else b""
    except OSError as error:
        raise FailedError(f"{file}: can't be read ({error.strerror})") from None
    if content == b"":
        raise FailedError(f"{file}: has {size} bytes; texts have 1 to {_MOST_BYTES}")
    return _version(content), content


def store(client: Minio, version: str, content: bytes) -> str:
    """Put the file where DVC would; answers its address.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    objects.write(client, bucket(), _key(version), content)
    return _uri(version)


def load(client: Minio, config: ModelConfig) -> Texts:
    """Read the texts that the configuration names.

    Raises:
        FailedError: it names none, they aren't there, or aren't what their name says.
    """
    content = fetch(client, config)
    return Texts(config.data.version, *rows(content, _uri(config.data.version)))


def fetch(client: Minio, config: ModelConfig) -> bytes:
    """Read the file of the texts that the configuration names; it is what its name says.

    Raises:
        FailedError: as `load`.
    """
    version = config.data.version
    if version == "":
        raise FailedError(f"{config.model}: data.version is empty; run `model-data {config.model}`, which says it")
    try:
        content = objects.read(client, bucket(), _key(version), _MOST_BYTES)
    except objects.MissingError:
        raise FailedError(f"{_uri(version)}: isn't there; run `model-data {config.model}` first") from None
    if _version(content) != version:
        raise FailedError(f"{_uri(version)}: isn't what its name says (MD5); nothing was trained on it")
    return content


def rows(content: bytes, name: str) -> tuple[list[Row], list[Row]]:
    """Take a file of texts apart: those to learn from, and those to judge by.

    Raises:
        FailedError: a line isn't what `model-data` writes; `name` says of which file.
    """
    learnt: list[Row] = []
    held_out: list[Row] = []
    for number, line in enumerate(content.decode().split("\n"), 1):
        if line == "":
            continue
        try:
            plain = json.loads(line)
            (held_out if plain["held_out"] else learnt).append(Row.read(plain))
        except (ValueError, KeyError, TypeError):
            raise FailedError(f"{name}: line {number} isn't what `model-data` writes") from None
    return learnt, held_out


def _made(model: Model, config: ModelConfig) -> Iterator[dict[str, object]]:
    for held_out, count in ((False, config.data.texts), (True, config.data.held_out)):
        for row in model.generate(config.data.seed, count, held_out=held_out):
            yield {**row.plain(), "held_out": held_out}


def _version(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _uri(version: str) -> str:
    return f"s3://{bucket()}/{_key(version)}"


def _key(version: str) -> str:
    return f"files/md5/{version[:2]}/{version[2:]}"
