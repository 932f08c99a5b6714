"""`feature_store.yaml`: made of the definitions alone, without a secret, and with whatever a password holds."""

import json
from pathlib import Path

import pytest
import yaml
from feast.repo_config import RepoConfig, load_repo_config
from pipeline_shared.settings import SettingsError

from pipeline_features import settings
from pipeline_features.definitions import Definitions

PLAIN = {"platform": "ml-shop", "bucket": "shop-features", "schema": "features", "entities": [], "views": []}
GIVEN = {
    "MINIO_ENDPOINT": "minio.example:9000",
    "MINIO_SECURE": "true",
    "MINIO_ACCESS_KEY": "key-of-it",
    "MINIO_SECRET_KEY": "a ${PG_PASSWORD}: # secret",
    "AWS_CA_BUNDLE": "/etc/ca.crt",
    "PG_HOST": "postgres.example",
    "PG_PORT": "5432",
    "PG_USER": "shop_feature_store",
    "PG_PASSWORD": 'it\'s "all": $HOME {[#&*!|>%@`',
    "PG_DATABASE": "shop_db",
    "PGSSLMODE": "verify-full",
    "PGSSLROOTCERT": "/etc/database-ca.crt",
}


@pytest.fixture
def definitions() -> Definitions:
    """Those of a platform with a dash in its name."""
    return Definitions.model_validate_json(json.dumps(PLAIN))


def test_servers_ca_and_keys_are_named_by_variables_and_no_value_is_in_the_file(
    definitions: Definitions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    text = settings.text(definitions)
    for value in GIVEN.values():
        assert value not in text.replace("5432", "") or value in ("true", "5432")
    document = yaml.safe_load(text)
    assert document["project"] == "ml_shop"
    assert document["offline_store"]["endpoint"] == "${MINIO_ENDPOINT}"
    assert document["offline_store"]["ca_file"] == "${AWS_CA_BUNDLE}"
    assert document["online_store"]["password"] == "${PG_PASSWORD}"
    # Feast's own commands read it, where a password is plain text.
    monkeypatch.setenv("PG_PASSWORD", "plain")
    monkeypatch.setenv("MINIO_SECRET_KEY", "plain")
    (tmp_path / "feature_store.yaml").write_text(text, encoding="utf-8")
    assert load_repo_config(tmp_path, tmp_path / "feature_store.yaml").online_store.db_schema == "features"


def test_a_password_may_hold_whatever_it_likes(definitions: Definitions, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    config = RepoConfig(**settings.filled(definitions))
    assert config.online_store.password == GIVEN["PG_PASSWORD"]
    assert config.offline_store.secret_key == GIVEN["MINIO_SECRET_KEY"]
    assert (config.offline_store.secure, config.offline_store.ca_file) == (True, "/etc/ca.crt")
    connection = config.registry.sqlalchemy_config_kwargs["connect_args"]
    assert connection["password"] == GIVEN["PG_PASSWORD"]
    assert (connection["sslmode"], connection["sslrootcert"]) == ("verify-full", "/etc/database-ca.crt")


def test_a_server_that_proves_nothing_is_refused_where_a_proof_is_asked_for(
    definitions: Definitions, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**GIVEN, "PGSSLROOTCERT": ""}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="PGSSLROOTCERT: missing"):
        settings.filled(definitions)
