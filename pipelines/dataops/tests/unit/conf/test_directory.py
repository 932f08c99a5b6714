"""Buckets and keys: the platform's file alone has them."""

import datetime as dt
import subprocess
from pathlib import Path

import pytest
from pipeline_shared.settings import SettingsError

from conf.directory.base import created_at, load_directory, platform_file

CHECKOUT_FILE = Path(__file__).parents[5] / "config/platforms/dataops.yaml"


def test_a_pod_finds_the_platforms_file_where_its_volume_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATAOPS_PLATFORM_FILE", "CONFIG_DIR", "BUCKET_CONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    assert platform_file() == CHECKOUT_FILE
    monkeypatch.setenv("CONFIG_DIR", "/app/config")
    assert platform_file() == Path("/app/config/minio-buckets.yaml")
    monkeypatch.setenv("DATAOPS_PLATFORM_FILE", "/a.yaml")
    assert platform_file() == Path("/a.yaml")


def test_buckets_are_found_by_their_tags_whatever_they_are_called(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(
        CHECKOUT_FILE.read_text().replace("dataops-staging-raw", "first").replace("dataops-pro", "last-pro")
    )
    found = load_directory(file)
    assert (found.raw.name, found.transformed.name, found.production.name) == (
        "first",
        "dataops-staging-transformed",
        "last-production",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "can't be read: No such file or directory; DATAOPS_PLATFORM_FILE names"),
        ("a: [", "is no file of a platform"),
        ("metadata: {}", "is no file of a platform"),
        ("bucket_groups: {a: {buckets: [{name: b}]}}", "0 buckets have the tags"),
    ],
)
def test_a_file_that_is_no_platforms_is_named(tmp_path: Path, text: str | None, said: str) -> None:
    file = tmp_path / "a.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(SettingsError, match=f"a.yaml: {said}"):
        load_directory(file)


def test_a_key_has_the_moment_in_utc_to_the_millisecond() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    moment = created_at(dt.datetime(2025, 9, 11, 14, 34, 56, 789_999, tzinfo=zone))
    assert moment == "2025-09-11:12:34:56:789"
    raw = load_directory(CHECKOUT_FILE).raw
    key = raw.key("objects", dataset="binance", table_name="raw_btcusdt", created_at=moment)
    assert key == "binance/raw_btcusdt/created_at=2025-09-11:12:34:56:789"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"dataset": "Binance"}, "dataset is 'Binance', which is not of the form"),
        ({"table_name": "a/b"}, "table_name is 'a/b'"),
        ({"created_at": "2025-09-11"}, "created_at is '2025-09-11'"),
    ],
)
def test_a_value_of_another_form_makes_no_key(values: dict[str, str], said: str) -> None:
    given = {"dataset": "binance", "table_name": "raw", "created_at": "2025-09-11:12:34:56:789"} | values
    with pytest.raises(SettingsError, match=said):
        load_directory(CHECKOUT_FILE).raw.key("objects", **given)


@pytest.mark.parametrize("layer", ["raw", "transformed", "production"])
@pytest.mark.parametrize("path", ["objects", "reports"])
def test_keys_are_those_of_bucketworks_path(layer: str, path: str) -> None:
    bucket = getattr(load_directory(CHECKOUT_FILE), layer)
    values = {
        "dataset": "binance",
        "table_name": "raw_binance_btcusdt_spot",
        "created_at": "2025-09-11:12:34:56:789",
        "run_id": "20250911123456-abc123",
    }
    wanted = {name: value for name, value in values.items() if f"{{{name}}}" in bucket.paths[path]}
    options = [word for name, value in wanted.items() for word in (f"--{name.replace('_', '-')}", value)]
    command = [str(CHECKOUT_FILE.parents[2] / "bin/bucketworks"), "path", bucket.name, path, *options]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT_FILE.parents[2])
    assert said.stdout.strip() == bucket.key(path, **wanted)
