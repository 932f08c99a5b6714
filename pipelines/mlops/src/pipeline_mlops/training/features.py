"""What the feature store keeps of a model's texts: numbers of each text, as a file of Parquet a version of data.

Columns are those of the view `texts` in `config/platforms/mlops.yaml`: `text_id` (MD5 of the text), `event_timestamp`
and `created_at` (both the moment of the run, UTC: a made text was true at no other), and the numbers. A file is added
once and never changed.
"""

import csv
import datetime as dt
import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from minio import Minio

from pipeline_mlops import objects
from pipeline_mlops.drift import features_of
from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Row

VIEW = "feature_group=texts/version=1/"
"""Where the view `texts` begins in the bucket of features."""
WHOLE = ("characters", "words")
"""Numbers that are counts (int64)."""
SHARES = ("digit_share", "capital_share", "foreign_share")
"""Numbers from 0 to 1 (float64)."""


def text_id(text: str) -> str:
    """The key of a text."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def numbers(rows: Sequence[Row], moment: dt.datetime) -> list[dict[str, Any]]:
    """Describe each text once; none of the numbers holds it."""
    made = {}
    for row in rows:
        observed = features_of(row.text, ())
        counts = {name: int(observed[name]) for name in WHOLE}
        shares = {name: observed[name] for name in SHARES}
        key = text_id(row.text)
        made[key] = {"text_id": key, "event_timestamp": moment, "created_at": moment, **counts, **shares}
    return list(made.values())


def store(client: Minio, version: str, rows: Sequence[Row], moment: dt.datetime) -> tuple[str, bool]:
    """Add the features of a version of data to the view, unless they are there.

    Args:
        client: with a key that reads and writes the bucket.
        version: of the data, which names the file.
        rows: its texts.
        moment: of now.

    Returns:
        the address of the file, and whether it is new.

    Raises:
        FailedError: pyarrow isn't installed, the server isn't there, or refuses.
    """
    bucket = os.environ.get("FEATURES_BUCKET") or "mlops-features"
    for name in objects.names(client, bucket, VIEW):
        if name.endswith(f"/{version}.parquet"):
            return f"s3://{bucket}/{name}", False
    name = f"{VIEW}date={moment:%Y%m%d}/{version}.parquet"
    objects.put(client, bucket, name, _parquet(numbers(rows, moment)), "application/vnd.apache.parquet")
    return f"s3://{bucket}/{name}", True


def write_labels(file: Path, learnt: Sequence[Row], held_out: Sequence[Row], moment: dt.datetime) -> int:
    """Write what a training set is joined to: a line of CSV a text, with its count of identities; answers how many."""
    with file.open("w", newline="") as opened:
        out = csv.writer(opened, lineterminator="\n")
        out.writerow(("text_id", "event_timestamp", "held_out", "entities"))
        for is_held_out, rows in ((0, learnt), (1, held_out)):
            out.writerows((text_id(row.text), moment.isoformat(), is_held_out, len(row.spans)) for row in rows)
    return len(learnt) + len(held_out)


def _parquet(described: list[dict[str, Any]]) -> bytes:
    try:
        import pyarrow as pa  # noqa: PLC0415  what serves models has none
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError:
        raise FailedError(
            "pyarrow isn't installed here; run model-features from the packages of make pipelines-packages"
        ) from None
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(described), out)
    return out.getvalue()
