"""Requests a second of model-api beside `mlflow models serve`: the same model, the same callers, one after the other.

Run by `make bench`; needs `make mlflow-server load-test`. Prints a line a server: requests a second, p50 and
p99 in milliseconds. Each has one worker, which is MLflow's default.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml
from kept_model import keep_files
from model_servers import MLFLOW, ROOT, free_port, serving
from running_api import Signer, api

from models.identity_masker import MODEL
from pipeline_mlops.artifact import CARD_FILE, MODEL_FILE, PROFILE_FILE, dumps
from pipeline_mlops.config import load_config
from pipeline_mlops.drift import features_of, profile
from pipeline_mlops.training.tracking import describe

USERS = 16
SECONDS = 20
ROUNDS = 2
LOCUST = ROOT / ".bucketworks" / "pipelines" / "load-test" / "bin" / "locust"
TEXTS = 1000
CALLER = """
import json, os, pathlib, random
from locust import FastHttpUser, constant, task

BODIES = json.loads(pathlib.Path(os.environ["BENCH_BODIES"]).read_text())

class Caller(FastHttpUser):
    wait_time = constant(0)

    @task
    def ask(self):
        with self.client.post(
            os.environ["BENCH_PATH"],
            data=random.choice(BODIES),
            headers={"Content-Type": "application/json", "Authorization": os.environ["BENCH_TOKEN"]},
            catch_response=True,
        ) as answer:
            if answer.status_code != 200 or b"kind" not in answer.content:
                answer.failure("no answer")
"""


def trained(folder: Path) -> list[str]:
    """Train the configured model, and put it where both servers read it; answers texts in which it finds something."""
    config = load_config("identity-masker")
    # How many texts it learnt from changes nothing of its speed.
    rows = list(MODEL.generate(config.data.seed, 500, held_out=False))
    prepared = MODEL.prepare(rows, config.training.parameters)
    state = MODEL.begin(config.training.seed, config.training.parameters)
    for epoch in range(config.training.epochs):
        state = MODEL.learn(state, prepared, epoch)
    content = dumps(MODEL.finish(state))
    found = MODEL.find(MODEL.finish(state), [each.text for each in rows])
    described = json.dumps(profile(features_of(row.text, spans) for row, spans in zip(rows, found, strict=True)))
    keep_files(folder / "api" / "cache", content, described.encode())
    model = folder / "mlflow-model"
    model.mkdir()
    (model / MODEL_FILE).write_bytes(content)
    (model / PROFILE_FILE).write_text(described)
    (model / CARD_FILE).write_text(json.dumps({"model": config.model}))
    (model / "MLmodel").write_text(
        yaml.safe_dump(describe("0", "2026-01-01 00:00:00.000000", "pipeline_mlops.mlflow_loader"))
    )
    texts = [each.text for each in MODEL.generate(1, TEXTS, held_out=True)]
    spans = MODEL.find(MODEL.finish(state), texts)
    return [text for text, some in zip(texts, spans, strict=True) if some]


def measured(
    folder: Path, name: str, url: str, path: str, bodies: Sequence[object], token: str
) -> tuple[float, float, float]:
    """Have callers ask for a while; answers requests a second, p50 and p99 in milliseconds."""
    caller = folder / "caller.py"
    caller.write_text(CALLER)
    asked = folder / "bodies.json"
    asked.write_text(json.dumps([json.dumps(each) for each in bodies]))
    out = folder / name
    command = [
        str(LOCUST),
        "-f",
        str(caller),
        "--headless",
        "--only-summary",
        "--csv",
        str(out),
    ]
    command += ["-u", str(USERS), "-r", str(USERS), "-t", f"{SECONDS}s", "-H", url, "--exit-code-on-error", "1"]
    env = {"BENCH_PATH": path, "BENCH_BODIES": str(asked), "BENCH_TOKEN": f"Bearer {token}"}

    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{name}: requests failed\n{done.stdout}{done.stderr}")
    with Path(f"{out}_stats.csv").open() as lines:
        total = next(each for each in csv.DictReader(lines) if each["Name"] == "Aggregated")
    return float(total["Requests/s"]), float(total["50%"]), float(total["99%"])


def main() -> None:
    """Measure both, in turn."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        texts = trained(folder)
        port = free_port()
        (folder / "mlflow").mkdir()
        command = [
            str(MLFLOW),
            "models",
            "serve",
            "-m",
            str(folder / "mlflow-model"),
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
        ]
        mlflow = f"http://127.0.0.1:{port}"
        env = {"PYTHONPATH": str(ROOT / "pipelines" / "mlops" / "src"), "MLFLOW_DISABLE_TELEMETRY": "true"}
        path = f"{MLFLOW.parent}:/usr/bin:/bin"
        away = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "MINIO_ENDPOINT": "127.0.0.1:9", "MINIO_ACCESS_KEY": "x"}
        away |= {"MINIO_SECRET_KEY": "x" * 8, "REQUESTS_PER_MINUTE": "100000000"}
        signer = Signer(folder / "keys")
        with (
            serving([*command, "--env-manager", "local"], f"{mlflow}/ping", folder / "mlflow", {**env, "PATH": path}),
            api(folder / "api", away, signer=signer) as served,
        ):
            token = signer.token("predictor", exp=2**31)
            for each in range(1, ROUNDS + 1):
                for name, url, route, bodies in (
                    (
                        "mlflow models serve",
                        mlflow,
                        "/invocations",
                        [{"dataframe_records": [{"text": one}]} for one in texts],
                    ),
                    ("model-api", served.url, "/predict", [{"text": one} for one in texts]),
                ):
                    rate, half, most = measured(folder, f"{name.split()[0]}-{each}", url, route, bodies, token)
                    print(f"{name:20} {rate:8.0f} requests/s  p50 {half:5.0f} ms  p99 {most:5.0f} ms", flush=True)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
