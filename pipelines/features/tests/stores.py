"""A feature store of a test's own, on the platform's servers: its definitions, its files, and the command."""

import datetime as dt
import importlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
from forked_command import Answer, forked
from minio import Minio

import pipeline_features.cli
import pipeline_features.commands  # noqa: F401

# Copies of this process run the commands, with what is loaded here: a second for each, else.
for _late in (
    "feast.infra.online_stores.postgres_online_store.postgres",
    "feast.infra.passthrough_provider",
    "ibis.backends.duckdb",
    "sqlalchemy.dialects.postgresql.psycopg",
):
    importlib.import_module(_late)
COMMANDS = distribution("features-pipeline").entry_points
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
BUCKET = "mlops-features"
Env = dict[str, str]


def feature(name: str, kind: str = "float64", **said: Any) -> dict[str, Any]:
    """Answer one as `bucketworks` resolves it."""
    usual = {"name": name, "type": kind, "description": "", "least": None, "most": None, "nullShare": 0}
    return {**usual, **said}


def view(name: str, fields: Sequence[dict[str, Any]], **said: Any) -> dict[str, Any]:
    """Answer a view of users, as `bucketworks` resolves it."""
    usual = {
        "description": "",
        "entities": ["user"],
        "timestamp": "event_timestamp",
        "created": "created_at",
        "ttlSeconds": 30 * 86_400,
        "online": True,
    }
    return {"name": name, "prefix": "", "fields": list(fields), **usual, **said}


@dataclass
class Store:
    """One platform's, named after the test."""

    platform: str
    folder: Path
    env: Env
    """The issued key and login of the feature store."""
    writer: Minio
    """Of who computes features."""
    views: list[dict[str, Any]]
    files: int = field(default=0)

    def definitions(self) -> str:
        """Answer what `bucketworks` would hand over."""
        entities = [{"name": "user", "key": "user_id", "type": "string", "description": ""}]
        plain = {"platform": self.platform, "store": "feast", "bucket": BUCKET, "schema": "features"}
        views = [{**each, "prefix": each["prefix"] or self.prefix(each["name"])} for each in self.views]
        return json.dumps({**plain, "entities": entities, "views": views})

    def prefix(self, name: str) -> str:
        """Answer where the files of a view are."""
        return f"tests/{self.platform}/{name}/"

    def put(self, name: str, rows: Sequence[Mapping[str, Any]], schema: pa.Schema | None = None) -> None:
        """Add a file to a view, a row for each; `created_at` is `event_timestamp` where nothing is said."""
        made = [{"created_at": each.get("event_timestamp"), **each} for each in rows]
        content = io.BytesIO()
        pyarrow.parquet.write_table(pa.Table.from_pylist(made, schema=schema), content)
        self.files += 1
        key = f"{self.prefix(name)}date={NOW:%Y%m%d}/{self.files:04}.parquet"
        self.writer.put_object(BUCKET, key, io.BytesIO(content.getvalue()), len(content.getvalue()))

    def run(self, *words: str, before: str = "", **env: str) -> Answer:
        """Run a command in a copy of this process, which runs the program `before` first."""
        given = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "FEATURES": self.definitions()}
        return forked(COMMANDS, ("features", *words), before, self.folder, {**given, **self.env, **env})

    def done(self, *words: str, **env: str) -> Any:
        """Run a command that succeeds; answers what it prints."""
        answer = self.run(*words, **env)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def get(self, user: str, features: str) -> dict[str, Any]:
        """Read online; answers the values by feature."""
        found = self.done("get", "--features", features, f"user_id={user}")["features"]
        return {name.partition(":")[2]: each["value"] for name, each in found.items()}


def clicks(user: str, at: dt.datetime, count: float | None, **more: Any) -> dict[str, Any]:
    """Answer a row of the view that most tests have."""
    return {"user_id": user, "event_timestamp": at, "clicks": count, **more}
