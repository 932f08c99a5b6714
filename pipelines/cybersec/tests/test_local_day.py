"""The day of `make pipelines`, its scripts as they are, with the keys of these servers in the place of a checkout's."""

import io
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from minio import Minio
from pipeline.storage.layers import EVAL, RAW
from servers import Logins
from test_detection import keys

PIPELINES = Path(__file__).parents[2]
ACCOUNTS = {
    "cybersec-ingestion-job": "ingestion",
    "cybersec-reconciliation-job": "auditor",
    "cybersec-transformation-job": "transformation",
    "cybersec-training-job": "training",
    "cybersec-evaluation-job": "evaluation",
}
# Answers `key show ACCOUNT`, and `explain` with what keeps objects for how long.
BUCKETWORKS = """#!/bin/sh
[ "$1" = explain ] || exec cat "keys/$3"
echo '{"platforms": [{"buckets": [{"name": "cybersec-ml-raw", "retentionDays": 7},
  {"name": "cybersec-ml-silver", "retentionDays": null}]}]}'
"""


@pytest.fixture
def checkout(tmp_path: Path, logins: Logins) -> Path:
    """The scripts, and another platform that says when it is run."""

    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    write("bin/bucketworks", BUCKETWORKS).chmod(0o700)
    for account, login in ACCOUNTS.items():
        write(f"keys/{account}", "".join(f"{name}={shlex.quote(text)}\n" for name, text in logins[login].items()))
    for role in ("cybersec_ingestion", "cybersec_auditor"):
        write(f".bucketworks/postgres/roles/{role}.env", "")
    (tmp_path / ".bucketworks/pipelines").mkdir()
    (tmp_path / ".bucketworks/pipelines/venv").symlink_to(sys.prefix)
    write("pipelines/dataops/local.sh", "echo the other platform is run\n")
    write("pipelines/cybersec/local.sh", "")
    for name in ("local.sh", "logins.sh", "cybersec/local.sh"):
        shutil.copy(PIPELINES / name, tmp_path / "pipelines" / name)
    return tmp_path


@pytest.mark.usefixtures("empty", "silver")
def test_what_nobody_ingested_is_named_and_stops_neither_the_day_nor_the_other_platform(
    checkout: Path, root: Minio
) -> None:
    root.put_object(RAW, "notes.txt", io.BytesIO(b"notes"), 5)
    env = {"PATH": os.environ["PATH"]}
    day = ["sh", "pipelines/local.sh"]
    done = subprocess.run(day, cwd=checkout, env=env, capture_output=True, text=True, check=False)
    root.remove_object(RAW, "notes.txt")
    assert done.returncode == 1
    assert f"refused: s3://{RAW}/notes.txt: notes.txt: isn't network_events_" in done.stdout
    assert len(keys(root, EVAL)) == 2, done.stderr
    assert f"object without row: s3://{RAW}/notes.txt" in done.stdout
    assert "the other platform is run" in done.stdout
    assert done.stderr.endswith("pipelines: failed or has findings: cybersec; see above\n")
