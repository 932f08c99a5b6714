"""The first stages of `dvc.yaml`, of data: fetch, validate, prepare. Each reads and writes files of one folder."""

import datetime as dt
import json
import os
import subprocess
from pathlib import Path

from minio import Minio

from pipeline_mlops import objects
from pipeline_mlops.config import ModelConfig
from pipeline_mlops.failed import FailedError
from pipeline_mlops.training import data

TEXTS_FILE = "texts.jsonl"
LEARNT_FILE = "learnt.jsonl"
HELD_OUT_FILE = "held-out.jsonl"
_REPORTS = {"validation.md": "text/markdown; charset=utf-8", "validation.json": "application/json"}


def fetch(client: Minio, config: ModelConfig, folder: Path) -> int:
    """Bring the version of data that the configuration names; answers its size in bytes.

    Raises:
        FailedError: it isn't there, or the server isn't or refuses; that was tried three times where it can pass.
    """
    content = data.fetch(client, config)
    write(folder / TEXTS_FILE, content)
    return len(content)


def validate(client: Minio, config: ModelConfig, folder: Path, run: str) -> str:
    """Have both gates judge the texts, and leave their report in the bucket of results, whatever it says.

    Args:
        client: with a key that may write there.
        config: of the model.
        folder: of the texts; the report is written there, too.
        run: id of the run, a part of the report's address.

    Returns:
        what was judged, and where the report is.

    Raises:
        FailedError: something fails, which is named; or no report can be left.
    """
    words = [config.model, str(folder / TEXTS_FILE), "--report", str(folder)]
    words += ["--learnt", str(config.data.texts), "--held-out", str(config.data.held_out)]
    # Without the key of this program: the gates ask nobody.
    env = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    try:
        gate = subprocess.run(  # noqa: S603  words of this file and of checked configuration
            ["data-gate", *words],  # noqa: S607  of an environment of its own, which PATH names
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise FailedError("data-gate isn't on PATH; make data-gates installs it, docs/mlops-data.md") from None
    said = (gate.stdout + gate.stderr).strip()
    if gate.returncode not in {0, 1}:
        raise FailedError(said)
    try:
        report = _store(client, config.model, folder, run)
    except (FailedError, OSError) as error:  # the second: of a gate that left no report
        raise FailedError(f"{said}\n{error}; what there is of the report is in {folder}") from None
    if gate.returncode == 1:
        raise FailedError(f"{said}\nreport: {report}")
    return f"{said}; report: {report}"


def prepare(config: ModelConfig, folder: Path) -> tuple[int, int]:
    """Part the texts: training reads those to learn from, and never the others; answers how many each has."""
    learnt, held_out = data.rows((folder / TEXTS_FILE).read_bytes(), TEXTS_FILE)
    if not learnt or not held_out:
        raise FailedError(
            f"{config.model}: {TEXTS_FILE} has {len(learnt)} texts to learn from and {len(held_out)} to judge by"
        )
    for name, rows in ((LEARNT_FILE, learnt), (HELD_OUT_FILE, held_out)):
        write(folder / name, "".join(f"{json.dumps(row.plain(), ensure_ascii=False)}\n" for row in rows).encode())
    return len(learnt), len(held_out)


def _store(client: Minio, model: str, folder: Path, run: str) -> str:
    bucket = os.environ.get("QUALITY_BUCKET") or "mlops-quality"
    prefix = f"suite={model}/date={dt.datetime.now(dt.UTC):%Y%m%d}/run_id={run}/"
    for name, kind in _REPORTS.items():
        objects.put(client, bucket, f"{prefix}{name}", (folder / name).read_bytes(), kind)
    return f"s3://{bucket}/{prefix}validation.md"


def write(file: Path, content: bytes) -> None:
    """Write a file of the folder, which is made where there is none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
