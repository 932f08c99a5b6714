"""The project that the tests of a server run on: `test/pipelines/bucketworks-python.test.ts` makes it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from minio import Minio

HOME = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ended:
    """What a program came to."""

    code: int
    output: str
    said: str


@dataclass(frozen=True)
class Place:
    """A copy of the project, with a platform of two buckets and a local server of its own."""

    project: str
    spec: str
    port: str
    root_user: str
    root_password: str
    airflow: str
    uv: str

    @property
    def bucketworks(self) -> Path:
        return Path(self.project, "bin", "bucketworks")

    @property
    def endpoint(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def root(self) -> Minio:
        """The server, by the key of root: what somebody does by hand."""
        user, password = (Path(file).read_text().strip() for file in (self.root_user, self.root_password))
        return Minio(self.endpoint, user, password, secure=False)

    def key(self, identity: str) -> dict[str, str]:
        """The key of an identity, as the variables of the source."""
        shown = self.run(str(self.bucketworks), "key", "show", identity, "--format", "json", "--stdout")
        key = json.loads(shown.output)
        return {"MINIO_ACCESS_KEY": key["accessKey"], "MINIO_SECRET_KEY": key["secretKey"]}

    @cached_property
    def worker(self) -> dict[str, str]:
        """What a worker away from any checkout has in its environment."""
        return {"BUCKETWORKS": str(self.bucketworks), "MINIO_ENDPOINT": self.endpoint, **self.key("health-check")}

    def run(self, *command: str, env: Mapping[str, str] | None = None, folder: Path | None = None) -> Ended:
        """Run a program with this environment, and more."""
        around = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PLACE"}}
        found = subprocess.run(
            command, cwd=folder, env={**around, **(env or {})}, capture_output=True, text=True, check=False
        )
        return Ended(found.returncode, found.stdout, found.stderr)

    def program(self, name: str, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run `python3 scripts/mlops/NAME`, as the source's command lines do."""
        settings = {"BUCKETWORKS": str(self.bucketworks), **(env or {})}
        folder = Path(self.project, "python")
        return self.run(sys.executable, f"scripts/mlops/{name}", *arguments, env=settings, folder=folder)


def place() -> Place:
    """Where the tests run."""
    return Place(**json.loads(os.environ["PLACE"]))
