"""Command `model-features`: the numbers of a model's texts, for the feature store."""

import datetime as dt
from pathlib import Path
from typing import NoReturn

from pipeline_shared.connections import minio_client
from pipeline_shared.log import configure_log, hide, new_run_id
from pipeline_shared.metrics import measured
from pipeline_shared.settings import load_minio_settings

from pipeline_mlops.command import end, parser
from pipeline_mlops.config import load_config
from pipeline_mlops.training import data, features

_PLATFORM = "mlops"


def model_features() -> NoReturn:
    """Add the features of the texts that a configuration names; prints where they are."""
    asked = parser("model-features", "add numbers of a model's texts to the feature store's bucket")
    asked.add_argument("model", help="the name of its file in configs/")
    asked.add_argument("--labels", type=Path, help="a CSV file to write, for bucketworks feature training-set")
    given = asked.parse_args()

    def work() -> int:
        config = load_config(given.model)
        settings = load_minio_settings()
        hide(settings.secret_key.get_secret_value())
        configure_log(new_run_id(), service="model-features", platform=_PLATFORM)
        client = minio_client(settings)
        with measured(_PLATFORM, "model-features") as step:
            texts = data.load(client, config)
            rows = [*texts.learnt, *texts.held_out]
            address, is_new = features.store(client, texts.version, rows, dt.datetime.now(dt.UTC))
            step.rows = {"texts": len(rows)}
            print(f"{address}: features of {len(rows)} texts{'' if is_new else ', which were there already'}")
            if given.labels is not None:
                # Later than the features, so that a training set knows them.
                count = features.write_labels(given.labels, texts.learnt, texts.held_out, dt.datetime.now(dt.UTC))
                print(f"{given.labels}: {count} labels")
        return 0

    end("model-features", work)
