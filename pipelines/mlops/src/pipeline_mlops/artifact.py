"""A trained model as files: `model.skops`, its card, and the profile of what it was trained on."""

import hashlib
import io
import json
import re
import zipfile
from typing import Any

import skops.io

from pipeline_mlops.failed import FailedError

MODEL_FILE = "model.skops"
CARD_FILE = "model_card.json"
PROFILE_FILE = "profile.json"
# The oldest time that a file within a ZIP can have.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


def dumps(state: Any) -> bytes:
    """Save a state so that equal states are equal bytes.

    skops names parts by where they lay in memory and writes the time of day: here parts are numbered by their order,
    and the time is none.
    """
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(state))) as written:
        schema = json.loads(written.read("schema.json"))
        content = {each: written.read(each) for each in written.namelist() if each != "schema.json"}
    ids: dict[str, str] = {}
    _number(schema, ids)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in sorted((_renamed(name, ids), data) for name, data in content.items()):
            made.writestr(zipfile.ZipInfo(name, _NO_TIME), data, zipfile.ZIP_DEFLATED)
        made.writestr(zipfile.ZipInfo("schema.json", _NO_TIME), json.dumps(schema), zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def loads(content: bytes, trusted: tuple[str, ...]) -> Any:
    """Read a state back; nothing that the file holds is run.

    Raises:
        FailedError: it is no such file, or holds a type that isn't trusted.
    """
    try:
        return skops.io.loads(content, trusted=list(trusted))
    except Exception as error:  # whatever a file that isn't ours leads to, in a parser of many formats
        said = (str(error).splitlines() or [type(error).__name__])[0]
        raise FailedError(f"{MODEL_FILE}: can't be loaded: {said}") from None


def digest(content: bytes) -> str:
    """SHA-256, by which a file is known."""
    return hashlib.sha256(content).hexdigest()


def _number(node: Any, ids: dict[str, str]) -> None:
    if isinstance(node, dict):
        if "__id__" in node:
            node["__id__"] = int(ids.setdefault(str(node["__id__"]), str(len(ids) + 1)))
        if isinstance(node.get("file"), str):
            node["file"] = _renamed(node["file"], ids)
        for each in node.values():
            _number(each, ids)
    elif isinstance(node, list):
        for each in node:
            _number(each, ids)


def _renamed(name: str, ids: dict[str, str]) -> str:
    """Of a file `140...448.npy`, whose name is an id."""
    return re.sub(r"^\d+", lambda match: ids.setdefault(match[0], str(len(ids) + 1)), name)
