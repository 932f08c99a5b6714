"""Commands of training: model-data, model-training, and model-stage for DVC."""

import os
import re
import subprocess
from pathlib import Path
from typing import NoReturn

from pipeline_shared import stopping
from pipeline_shared.connections import minio_client
from pipeline_shared.log import configure_log, hide, new_run_id
from pipeline_shared.metrics import measured
from pipeline_shared.settings import load_minio_settings

from pipeline_mlops.command import end, parser
from pipeline_mlops.config import ModelConfig, load_config
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import code_of

_PLATFORM = "mlops"
# What a model is made by: these programs, those they share, configuration and pins. DVC's lock is made by the same run.
_PIPELINES = Path(__file__).parents[4]
_MADE = ":(exclude)mlops/dvc.lock"


def model_data() -> NoReturn:
    """Make the texts of a model, or take those of a file; prints where they are."""
    asked = parser("model-data", "make the texts that a model learns from, and store them as a version of data")
    asked.add_argument("model", help="the name of its file in configs/")
    asked.add_argument(
        "--file", type=Path, help="store these texts instead, one JSON object a line; nobody judges them yet"
    )
    given = asked.parse_args()

    def work() -> int:
        config = load_config(given.model)
        settings = load_minio_settings()
        hide(settings.secret_key.get_secret_value())
        configure_log(new_run_id(), service="model-data", platform=_PLATFORM)
        from pipeline_mlops.training import data  # noqa: PLC0415

        with measured(_PLATFORM, "model-data") as step:
            version, content = data.make(code_of(given.model), config) if given.file is None else data.take(given.file)
            uri = data.store(minio_client(settings), version, content)
            count = content.count(b"\n")
            step.rows = {"texts": count}
        made = f"{config.data.texts} texts to learn from and {config.data.held_out} to judge by"
        print(f"{uri}: {made if given.file is None else f'{count} lines of {given.file}'}")
        if version != config.data.version:
            raise FailedError(
                f"{given.model}: its configuration has data.version {config.data.version or 'empty'}, and the texts are"
                f' {version}; write version: "{version}" into configs/{given.model}.yaml to train on them'
            )
        return 0

    end("model-data", work)


def model_training() -> NoReturn:
    """Train a model and register it; prints which version it is."""
    asked = parser("model-training", "train a model on its version of data, and register it in MLflow")
    asked.add_argument("model", help="the name of its file in configs/")
    asked.add_argument(
        "--move-alias", action="store_true", help="give this version the alias although another one has it"
    )
    given = asked.parse_args()

    def work() -> int:
        config = load_config(given.model)
        settings = load_minio_settings()
        hide(settings.secret_key.get_secret_value())
        configure_log(new_run_id(), service="model-training", platform=_PLATFORM)
        stopping.listen()
        from pipeline_mlops.training.training import train  # noqa: PLC0415  scikit-learn and MLflow take seconds

        with measured(_PLATFORM, "model-training"):
            commit = commit_of(_PIPELINES)
            done = train(code_of(given.model), config, minio_client(settings), commit, move_alias=given.move_alias)
        is_new = "" if done.registered.new else ", which was there already"
        print(f"{given.model} version {done.registered.version}{is_new}: {done.registered.alias}")
        said = ", ".join(f"{name} {done.metrics[name]}" for name in ("precision", "recall", "f1"))
        print(f"{said} on {config.data.held_out} texts that it never saw; run {done.run}, digest {done.model_digest}")
        return 0

    end("model-training", work)


def model_stage() -> NoReturn:
    """Run one stage of dvc.yaml; prints what came of it."""
    asked = parser("model-stage", "run a stage of dvc.yaml on the files of a folder")
    asked.add_argument("stage", choices=["fetch", "validate", "prepare", "train", "evaluate"])
    asked.add_argument("model", help="the name of its file in configs/")
    asked.add_argument("--folder", type=Path, default=Path("data"), help="of its files (data)")
    given = asked.parse_args()

    def work() -> int:
        config = load_config(given.model)
        run = new_run_id()
        configure_log(run, service=f"model-{given.stage}", platform=_PLATFORM)
        with measured(_PLATFORM, f"model-{given.stage}"):
            print(_stage(given.stage, config, given.folder, run))
        return 0

    end("model-stage", work)


def _stage(stage: str, config: ModelConfig, folder: Path, run: str) -> str:
    """Run it; answers what came of it. Imports take seconds, so each stage has its own alone."""
    if stage in {"train", "evaluate"}:
        from pipeline_mlops.training import model_stages  # noqa: PLC0415

        model = code_of(config.model)
        if stage == "train":
            return f"digest {model_stages.train(model, config, folder)}"
        return f"f1 {model_stages.evaluate(model, config, folder)['f1']}"

    from pipeline_mlops.training import data_stages  # noqa: PLC0415

    if stage == "prepare":
        learnt, held_out = data_stages.prepare(config, folder)
        return f"{learnt} texts to learn from and {held_out} to judge by"
    settings = load_minio_settings()
    hide(settings.secret_key.get_secret_value())
    if stage == "fetch":
        return f"{data_stages.fetch(minio_client(settings), config, folder)} bytes of version {config.data.version}"
    return data_stages.validate(minio_client(settings), config, folder, run)


def commit_of(folder: Path) -> str:
    """The commit of the image, or of the checkout of a folder; `-dirty` where it isn't as it was committed."""
    of_image = os.environ.get("GIT_COMMIT_HASH", "")
    found = of_image or _git(folder, "rev-parse", "HEAD")
    if not re.fullmatch(r"[0-9a-f]{7,64}", found):
        return "unknown"
    is_dirty = of_image == "" and _git(folder, "status", "--porcelain", "--", ".", _MADE) != ""
    return f"{found}-dirty" if is_dirty else found


def _git(folder: Path, *words: str) -> str:
    """What git says; nothing where there is none, or no checkout."""
    try:
        asked = subprocess.run(  # noqa: S603  words of this file
            ["git", *words],  # noqa: S607  the machine's own
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return asked.stdout.strip()
