"""A small model in the folder of a replica, for an API that starts without MLflow and MinIO."""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_servers import CONFIGS, Env, free_port

from models.identity_masker import MODEL
from pipeline_mlops.artifact import MODEL_FILE, PROFILE_FILE, digest, dumps
from pipeline_mlops.config import load_config
from pipeline_mlops.drift import features_of, profile


@functools.cache
def _files() -> tuple[bytes, bytes]:
    parameters = {**load_config("identity-masker").training.parameters, "hashed_features": 4096}
    rows = list(MODEL.generate(42, 200, held_out=False))
    learnt = MODEL.learn(MODEL.begin(42, parameters), MODEL.prepare(rows, parameters), 0)
    described = profile(features_of(row.text, row.spans) for row in rows)
    return dumps(MODEL.finish(learnt)), json.dumps(described).encode()


def keep(cache: Path, *, tags: Mapping[str, str] | None = None, **said: Any) -> None:
    """Write what a replica that served version 7 has kept; `said` is put into its description."""
    keep_files(cache, *_files(), tags=tags, **said)


def keep_files(
    cache: Path, content: bytes, described: bytes, *, tags: Mapping[str, str] | None = None, **said: Any
) -> None:
    """Write a model's file and profile as a replica keeps them."""
    here = cache / digest(content)
    here.mkdir(parents=True, exist_ok=True)
    (here / MODEL_FILE).write_bytes(content)
    (here / PROFILE_FILE).write_bytes(described)
    plain = {"model": "identity-masker", "alias": "production", "version": "7"}
    plain["tags"] = {"model_digest": digest(content), **(tags or {})}  # type: ignore[assignment]
    (cache / "version.json").write_text(json.dumps({**plain, **said}))


def alone(**settings: str) -> Env:
    """Settings of an API whose registry and bucket are away."""
    return {
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}",
        "MINIO_ENDPOINT": "127.0.0.1:9",
        "MINIO_ACCESS_KEY": "nobody",
        "MINIO_SECRET_KEY": "nobody-nobody",
        "MODEL_CONFIGS": str(CONFIGS),
        **settings,
    }
