"""What the feature store is given of a model's texts: the columns that the platform declares, once, and no text."""

import csv
import datetime as dt
import io
import sys
from pathlib import Path

import pytest
import yaml
from minio import Minio
from model_servers import ROOT, Run, name_data
from pyarrow import parquet

from pipeline_mlops.failed import FailedError
from pipeline_mlops.model import Row, Span
from pipeline_mlops.training import features

MOMENT = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
TYPES = {"int64": "int64", "float64": "double"}


def test_features_are_those_that_the_platform_declares_and_hold_no_text() -> None:
    declared = yaml.safe_load((ROOT / "config/platforms/mlops.yaml").read_text())["features"]["views"]["texts"]
    rows = [Row("Ada King, 42", (Span("person", 0, 8),)), Row("Ada King, 42", ()), Row("Łódź", ())]
    table = parquet.read_table(io.BytesIO(features._parquet(features.numbers(rows, MOMENT))))
    assert declared["prefix"] == features.VIEW
    types = {field.name: str(field.type) for field in table.schema}
    moments = {"event_timestamp": "timestamp[us, tz=UTC]", "created_at": "timestamp[us, tz=UTC]"}
    fields = {name: TYPES[each["type"]] for name, each in declared["fields"].items()}
    assert types == {"text_id": "string", **moments, **fields}
    assert table.num_rows == 2, "a text that is there twice has one row"
    assert table.to_pylist()[0]["words"] == 3
    assert "Ada" not in str(table.to_pylist())


def test_without_pyarrow_features_are_refused_by_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FailedError, match="make pipelines-packages"):
        features._parquet([])


def test_features_of_a_version_of_data_are_added_once_with_the_key_of_the_data_step(
    run: Run, configs: Path, root: Minio, tmp_path: Path
) -> None:
    missing = run("model-features", "identity-masker", login="data", DATA_BUCKET="mlops-artifacts")
    assert missing.returncode == 1
    name_data(configs / "identity-masker.yaml", run("model-data", "identity-masker", login="data"))
    version = yaml.safe_load((configs / "identity-masker.yaml").read_text())["data"]["version"]
    labels = tmp_path / "labels.csv"
    first = run("model-features", "identity-masker", "--labels", str(labels), login="data")
    assert first.returncode == 0, first.stderr
    assert "already" not in first.stdout
    second = run("model-features", "identity-masker", login="data")
    assert (second.returncode, "which were there already" in second.stdout) == (0, True)

    names = [each.object_name for each in root.list_objects("mlops-features", features.VIEW, recursive=True)]
    [name] = [each for each in names if each is not None and each.endswith(f"/{version}.parquet")]
    made = parquet.read_table(io.BytesIO(root.get_object("mlops-features", name).read())).to_pylist()
    with labels.open() as opened:
        told = list(csv.DictReader(opened))
    assert {each["text_id"] for each in told} == {each["text_id"] for each in made}
    assert {each["held_out"] for each in told} == {"0", "1"}
    assert min(dt.datetime.fromisoformat(each["event_timestamp"]) for each in told) > made[0]["created_at"]


def test_a_key_that_may_not_write_features_is_refused(run: Run, configs: Path) -> None:
    name_data(configs / "identity-masker.yaml", run("model-data", "identity-masker", login="data"))
    refused = run("model-features", "identity-masker", login="training", FEATURES_BUCKET="mlops-quality")
    assert refused.returncode == 1
    assert "the server refuses (AccessDenied)" in refused.stderr
