"""Settings of a data program, from the environment: names as key files and role files have them."""

import re
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_EXPECTED = {
    "MINIO_ENDPOINT": "host and port of the S3 API, for example localhost:9000",
    "MINIO_ACCESS_KEY": "access key of this program's service account",
    "MINIO_SECRET_KEY": "secret key of this program's service account",
    "MINIO_SECURE": "true where the server has TLS, else false",
    "PG_HOST": "host of PostgreSQL, for example localhost",
    "PG_PORT": "port of PostgreSQL from 1 to 65535, for example 5432",
    "PG_USER": "role of this program in the database",
    "PG_PASSWORD": "password of that role; nothing runs without it",
    "PG_DATABASE": "name of the database, for example mlops_db",
}


class SettingsError(Exception):
    """Variables that are missing or wrong: one message for all of them."""


class MinioSettings(BaseSettings):
    """Where MinIO is, and the key of one service account."""

    model_config = SettingsConfigDict(env_prefix="MINIO_", env_ignore_empty=True)

    endpoint: str
    access_key: str
    secret_key: SecretStr
    secure: bool = False
    ca_file: str | None = Field(default=None, validation_alias="AWS_CA_BUNDLE")

    @field_validator("endpoint")
    @classmethod
    def _s3_api(cls, value: str) -> str:
        if "://" in value:
            raise ValueError("has a scheme; leave it out, MINIO_SECURE says whether the server has TLS")
        if not re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?", value):
            raise ValueError("is no host and port")
        port = re.search(r":(\d+)$", value)
        if port and not 1 <= int(port[1]) <= 65535:
            raise ValueError("has a port that is not from 1 to 65535")
        if value.endswith(":9001"):
            raise ValueError("is the port of the web console, which takes no S3 calls; the S3 API has port 9000")
        return value


class PostgresSettings(BaseSettings):
    """Where PostgreSQL is, and the login of one role."""

    model_config = SettingsConfigDict(env_prefix="PG_", env_ignore_empty=True)

    host: str
    port: int = Field(ge=1, le=65535)
    user: str
    password: SecretStr
    database: str


def load_settings() -> tuple[MinioSettings, PostgresSettings]:
    """Read both from the environment.

    Raises:
        SettingsError: names every variable that is missing or wrong, with what is expected of it.
    """
    minio, postgres = _load(MinioSettings, PostgresSettings)
    return minio, postgres


def load_minio_settings() -> MinioSettings:
    """Read those of MinIO alone, for a program without a database.

    Raises:
        SettingsError: as `load_settings`.
    """
    minio: MinioSettings
    (minio,) = _load(MinioSettings)
    return minio


def load_postgres_settings() -> PostgresSettings:
    """Read those of PostgreSQL alone.

    Raises:
        SettingsError: as `load_settings`.
    """
    postgres: PostgresSettings
    (postgres,) = _load(PostgresSettings)
    return postgres


def _load(*kinds: type[BaseSettings]) -> list[Any]:
    faults: list[str] = []
    found: list[Any] = []
    for kind in kinds:
        try:
            found.append(kind())
        except ValidationError as error:
            prefix = str(kind.model_config["env_prefix"])
            faults += [_sentence(prefix, each) for each in error.errors(include_url=False, include_context=False)]
    if faults:
        count = f"{len(faults)} variables are" if len(faults) > 1 else "1 variable is"
        raise SettingsError("\n  ".join([f"settings: {count} missing or wrong, so nothing was run", *faults]))
    return found


def _sentence(prefix: str, fault: Any) -> str:
    field = str(fault["loc"][0])
    name = field if field.isupper() else f"{prefix}{field.upper()}"
    expected = _EXPECTED.get(name, "")
    if fault["type"] == "missing":
        return f"{name}: missing; {expected}"
    said = str(fault["msg"]).removeprefix("Value error, ")
    # Never the value of a secret.
    shown = "" if "PASSWORD" in name or "KEY" in name else f"{str(fault['input'])!r} "
    return f"{name}: {shown}{said}; expected: {expected}"
