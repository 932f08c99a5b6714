"""Airflow with a home of its own, in which the DAG lies as a worker has it."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from places import HOME, Ended


class AirflowHome:
    """One process of Airflow; its metadata are in SQLite."""

    def __init__(self, airflow: str, folder: Path, environment: Mapping[str, str]) -> None:
        shutil.copytree(HOME / "airflow" / "dags", folder / "dags")
        self.folder = folder
        self._log = folder / "said"
        self._answers, theirs = os.pipe()
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "AIRFLOW_HOME": str(folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
            "ANSWERS": str(theirs),
            **environment,
        }
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [Path(airflow).with_name("python"), HOME / "tests" / "airflow_commands.py"],
                cwd=folder,
                env=settings,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs],
            )
        os.close(theirs)

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
        """Run `airflow ARGUMENTS`."""
        before = self._log.stat().st_size
        asked = {"arguments": arguments, "environment": environment or {}}
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(asked)}\n".encode())
        self._process.stdin.flush()
        code = os.read(self._answers, 16)
        said = self._log.read_bytes()[before:].decode()
        assert code, said
        return Ended(int(code), said, "")

    def results(self, dag: str) -> list[object]:
        """What the tasks of a DAG returned (XCom), the latest last."""
        with closing(sqlite3.connect(self.folder / "airflow.db")) as metadata:
            asked = "SELECT value FROM xcom WHERE dag_id = ? AND key = 'return_value' ORDER BY timestamp"
            # SQLite's JSON column answers a number as itself
            rows = metadata.execute(asked, [dag]).fetchall()
            return [json.loads(value) if isinstance(value, str) else value for (value,) in rows]

    def close(self) -> None:
        self._process.communicate()
        os.close(self._answers)
