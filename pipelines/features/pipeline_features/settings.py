"""`feature_store.yaml` of a platform: Feast's own configuration, with names of variables for servers and secrets.

What a variable holds is put in after the file was parsed, so that a password may hold whatever it likes.
"""

import os
import re
from typing import Any, cast

import yaml
from pipeline_shared.settings import SettingsError, load_settings

from pipeline_features.definitions import Definitions

VARIABLES = {
    "MINIO_ENDPOINT": "",
    "MINIO_SECURE": "false",
    "MINIO_ACCESS_KEY": "",
    "MINIO_SECRET_KEY": "",
    "AWS_REGION": "us-east-1",
    "AWS_CA_BUNDLE": "",
    "PG_HOST": "",
    "PG_PORT": "",
    "PG_USER": "",
    "PG_PASSWORD": "",
    "PG_DATABASE": "",
    "PGSSLMODE": "prefer",
    "PGSSLROOTCERT": "",
}
"""What the configuration names, and what stands for one that is missing."""

CONNECT_SECONDS = 5
# A server that went away without a word ends the wait too.
_ANSWER_MS = 60_000


def project(platform: str) -> str:
    """Feast's name of a platform: it takes no dashes."""
    return platform.replace("-", "_")


def document(definitions: Definitions) -> dict[str, Any]:
    """Make the configuration; it depends on the definitions alone and holds no secret."""
    schema = definitions.database_schema
    return {
        "project": project(definitions.platform),
        "provider": "local",
        "registry": {
            "registry_type": "sql",
            # Who and where is in connect_args: in an address a password would have to be escaped.
            "path": "postgresql+psycopg://",
            "cache_ttl_seconds": 60,
            # A run that was killed leaves its views in that state; their values are whole.
            "serve_features_while_materializing": True,
            "sqlalchemy_config_kwargs": {
                "pool_pre_ping": True,
                "connect_args": {
                    "host": "${PG_HOST}",
                    "port": "${PG_PORT}",
                    "user": "${PG_USER}",
                    "password": "${PG_PASSWORD}",
                    "dbname": "${PG_DATABASE}",
                    "sslmode": "${PGSSLMODE}",
                    "sslrootcert": "${PGSSLROOTCERT}",
                    "connect_timeout": CONNECT_SECONDS,
                    "tcp_user_timeout": _ANSWER_MS,
                    "application_name": "bucketworks-features",
                    "options": f"-c search_path={schema}",
                },
            },
        },
        "offline_store": {
            "type": "pipeline_features.offline.BucketOfflineStore",
            "endpoint": "${MINIO_ENDPOINT}",
            "secure": "${MINIO_SECURE}",
            "region": "${AWS_REGION}",
            "access_key": "${MINIO_ACCESS_KEY}",
            "secret_key": "${MINIO_SECRET_KEY}",
            "ca_file": "${AWS_CA_BUNDLE}",
        },
        "online_store": {
            "type": "postgres",
            "host": "${PG_HOST}",
            "port": "${PG_PORT}",
            "user": "${PG_USER}",
            "password": "${PG_PASSWORD}",
            "database": "${PG_DATABASE}",
            "db_schema": schema,
            "sslmode": "${PGSSLMODE}",
            "sslrootcert_path": "${PGSSLROOTCERT}",
            "keepalives_idle": 10,
        },
        "entity_key_serialization_version": 3,
        # Else every row of the time is written, and the last one in the file wins.
        "materialization": {"pull_latest_features": True},
    }


def text(definitions: Definitions) -> str:
    """Write the configuration as Feast's own commands read it."""
    head = f"# The feature store of {definitions.platform}: generated, the platform's file says what it holds.\n"
    return head + yaml.safe_dump(document(definitions), sort_keys=False)


def filled(definitions: Definitions) -> dict[str, Any]:
    """Make the configuration with what the variables hold. It holds secrets.

    Raises:
        SettingsError: names every variable that is missing or wrong.
    """
    load_settings()
    values = {name: os.environ.get(name) or usual for name, usual in VARIABLES.items()}
    _check_tls(values)
    return cast("dict[str, Any]", _filled(document(definitions), values))


def _check_tls(values: dict[str, str]) -> None:
    mode, root = values["PGSSLMODE"], values["PGSSLROOTCERT"]
    if mode in ("verify-ca", "verify-full") and root == "":
        raise SettingsError(
            f"settings: PGSSLROOTCERT: missing; PGSSLMODE={mode} needs the CA of the server, or `system`"
        )


def _filled(part: Any, values: dict[str, str]) -> Any:
    if isinstance(part, dict):
        made = {name: _filled(each, values) for name, each in part.items()}
        return {name: each for name, each in made.items() if each is not None}
    if not isinstance(part, str):
        return part
    name = re.fullmatch(r"\$\{(\w+)\}", part)
    if name is None:
        return part
    value = values[name[1]]
    if value == "":
        return None
    return int(value) if name[1] == "PG_PORT" else value
