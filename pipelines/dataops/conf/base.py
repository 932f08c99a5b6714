"""What a step works with: the table's file and schema, both servers, buckets, and a folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pipeline_shared.settings import MinioSettings, PostgresSettings, SettingsError, load_settings
from psycopg import sql
from pydantic import ValidationError

from conf.directory.base import Directory, load_directory, platform_file
from conf.environment.base import Environment, load_environment, take_credentials
from conf.general.base import TableConf
from schema.base import TableSchema
from schema.core import load_schema

TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Place:
    """What each step of one table is given; `data` is a folder for files of its own, which nobody else relies on."""

    table: TableConf
    schema: TableSchema
    minio: MinioSettings
    postgres: PostgresSettings
    directory: Directory
    environment: Environment
    data: Path

    @property
    def dataset(self) -> str:
        """First part of this table's keys."""
        return self.environment.dataset or self.table.dataset

    @property
    def raw_rows(self) -> sql.Identifier:
        """Name of the warehouse's table of raw rows."""
        return sql.Identifier(self.environment.raw_schema, self.table.table)

    @property
    def processed_rows(self) -> sql.Identifier:
        """Name of the warehouse's table of processed rows, in staging."""
        return sql.Identifier(self.environment.processed_schema, self.table.processed_table)


def load_place(table: str | None, data: Path) -> Place:
    """Bring together what a step of a table needs, and ask nothing of any server.

    Args:
        table: name of the raw table; None takes BIGQUERY_RAW_TABLE_NAME.
        data: folder for files of the step.

    Raises:
        SettingsError: says what is missing or wrong.
    """
    take_credentials()
    environment = load_environment()
    conf = load_table(chosen(table, environment))
    if environment.processed_table not in (None, conf.processed_table):
        raise SettingsError(
            f"BIGQUERY_TRANSFORMED_TABLE_NAME is {environment.processed_table!r}, but {conf.table} is transformed to "
            f"{conf.processed_table!r}: conf/tables/{conf.table}.yaml"
        )
    minio, postgres = load_settings()
    directory = load_directory(platform_file(), raw_bucket=environment.raw_bucket)
    return Place(conf, load_schema(conf.table), minio, postgres, directory, environment, data)


def chosen(table: str | None, environment: Environment) -> str:
    """Answer the table that is meant.

    Raises:
        SettingsError: none is named, or two.
    """
    if table is None and environment.table is None:
        raise SettingsError(f"--table is missing, and BIGQUERY_RAW_TABLE_NAME isn't set; there is {known_tables()}")
    if table is not None and environment.table not in (None, table):
        raise SettingsError(
            f"--table is {table!r}, but BIGQUERY_RAW_TABLE_NAME is {environment.table!r}; leave one out"
        )
    return str(table or environment.table)


def known_tables(folder: Path = TABLES) -> list[str]:
    """Answer the names of all tables that have a file."""
    return sorted(each.stem for each in folder.glob("*.yaml"))


def load_table(name: str, folder: Path = TABLES) -> TableConf:
    """Read a table's file.

    Raises:
        SettingsError: there is no such table, or names each fault of its file.
    """
    file = folder / f"{name}.yaml"
    if name not in known_tables(folder):
        raise SettingsError(f"table {name!r}: has no file {file}; there is {known_tables(folder)}")
    try:
        conf = TableConf.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: is no UTF-8, at byte {error.start}; save it as UTF-8") from None
    except yaml.YAMLError as error:
        raise SettingsError(f"{file}: is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        faults = [_fault(each) for each in error.errors(include_url=False)]
        raise SettingsError("\n  ".join([f"{file}: {len(faults)} faults", *faults])) from None
    if conf.table != name:
        raise SettingsError(f"{file}: has table {conf.table!r}; it must be called as its file, {name!r}")
    return conf


def _fault(fault: Mapping[str, Any]) -> str:
    place = ".".join(map(str, fault["loc"])) or "file"
    return f"{place}: {fault['input']!r}: {fault['msg'].removeprefix('Value error, ')}"
