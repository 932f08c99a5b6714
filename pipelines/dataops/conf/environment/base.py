"""Variables under the names that the pipeline had on Google Cloud, and what each means here: docs/dataops.md."""

import json
import os
from pathlib import Path

from pipeline_shared.settings import SettingsError
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from conf.extract.base import URL
from conf.general.model import SnakeCase

_CREDENTIALS = (
    *("MINIO_ENDPOINT", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "MINIO_SECURE", "AWS_CA_BUNDLE"),
    *("PG_HOST", "PG_PORT", "PG_USER", "PG_PASSWORD", "PG_DATABASE"),
    *("SOURCE_PG_HOST", "SOURCE_PG_PORT", "SOURCE_PG_USER", "SOURCE_PG_PASSWORD", "SOURCE_PG_DATABASE"),
)


class Environment(BaseSettings):
    """What may be another than the table's file says; each has its place in docs/dataops.md."""

    model_config = SettingsConfigDict(env_ignore_empty=True)

    project: str = Field(default="dataops", validation_alias="PROJECT_ID", pattern=r"^[a-z][a-z0-9-]*$")
    raw_bucket: str | None = Field(
        default=None, validation_alias="GCS_BUCKET_NAME", pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
    )
    dataset: SnakeCase | None = Field(default=None, validation_alias="GCS_BUCKET_PROJECT_NAME")
    raw_schema: SnakeCase = Field(default="staging", validation_alias="BIGQUERY_RAW_DATASET")
    table: SnakeCase | None = Field(default=None, validation_alias="BIGQUERY_RAW_TABLE_NAME")
    processed_schema: SnakeCase = Field(default="staging", validation_alias="BIGQUERY_TRANSFORMED_DATASET")
    processed_table: SnakeCase | None = Field(default=None, validation_alias="BIGQUERY_TRANSFORMED_TABLE_NAME")
    source_url: str | None = Field(default=None, validation_alias="SOURCE_URL", pattern=URL)
    source_file: str | None = Field(default=None, validation_alias="SOURCE_FILE")
    duckdb_memory: str = Field(default="3GB", validation_alias="DATAOPS_DUCKDB_MEMORY", pattern=r"^[1-9]\d*[MG]B$")
    spark_master: str = Field(default="local[*]", validation_alias="DATAOPS_SPARK_MASTER")


def load_environment() -> Environment:
    """Read them.

    Raises:
        SettingsError: names each variable that has a wrong form.
    """
    try:
        return Environment()
    except ValidationError as error:
        faults = [f"{each['loc'][0]}: {each['input']!r}: {each['msg']}" for each in error.errors(include_url=False)]
        raise SettingsError("\n  ".join(["settings: wrong variables, so nothing was run", *faults])) from None


def take_credentials() -> None:
    """Set variables of logins that aren't set from the JSON file that GOOGLE_APPLICATION_CREDENTIALS names.

    Raises:
        SettingsError: the file can't be read, is no JSON object, or holds other names or values than logins have.
    """
    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS")
    if not named:
        return
    place = f"GOOGLE_APPLICATION_CREDENTIALS: {named}"
    try:
        said = json.loads(Path(named).read_text())
    except OSError as error:
        raise SettingsError(f"{place}: can't be read: {error.strerror}") from None
    except ValueError:
        raise SettingsError(f"{place}: is no JSON") from None
    if not isinstance(said, dict):
        raise SettingsError(f"{place}: must hold one JSON object")
    if said.get("type") == "service_account":
        raise SettingsError(f"{place}: is a key of Google Cloud, which opens nothing here; it may hold {_CREDENTIALS}")
    unknown = sorted(set(said) - set(_CREDENTIALS))
    if unknown or not all(isinstance(each, str) for each in said.values()):
        raise SettingsError(
            f"{place}: has {unknown or 'values that are no text'}; it may hold texts for {_CREDENTIALS}"
        )
    for name, value in said.items():
        os.environ.setdefault(name, value)
