"""Rows of a table in another PostgreSQL, by a login that may read and nothing else."""

from collections.abc import Iterator

import psycopg
import pyarrow as pa
from pipeline_shared.settings import PostgresSettings, SettingsError
from psycopg.sql import SQL, Identifier
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict

from conf.extract.base import PostgresSource
from pipeline_dataops.extract.values import compare_columns, table_of
from pipeline_dataops.extract.window import Window
from pipeline_dataops.warehouse import warehouse

BATCH_ROWS = 20_000
_PREFIX = "SOURCE_PG_"


class SourceLogin(PostgresSettings):
    """Where the other database is, and a login of it."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, env_ignore_empty=True)


def source_login() -> SourceLogin:
    """Read it from the environment.

    Raises:
        SettingsError: names each variable that is missing or wrong.
    """
    try:
        return SourceLogin()
    except ValidationError as error:
        faults = [f"{_PREFIX}{str(each['loc'][0]).upper()}: {each['msg'].lower()}" for each in error.errors()]
        raise SettingsError("\n  ".join(["settings: the source's login is missing or wrong", *faults])) from None


def read_postgres(source: PostgresSource, schema: pa.Schema, window: Window) -> Iterator[pa.Table]:
    """Read the rows of a window in the order of their cursor, as they were at one moment.

    Raises:
        StepError: the database is away or refuses, or the table has other columns or values than the schema.
    """
    login = source_login()
    place = f"{login.host}:{login.port}/{login.database} {source.schema_name}.{source.table}"
    name, cursor = Identifier(source.schema_name, source.table), Identifier(source.incremental.cursor)
    with warehouse(login) as connection:
        connection.read_only = True
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = connection.execute(SQL("SELECT * FROM {} LIMIT 0").format(name)).description or []
        compare_columns([each.name for each in found], schema.names, place)
        columns = SQL(", ").join(map(Identifier, schema.names))
        wanted = SQL("SELECT {} FROM {} WHERE {} >= %s AND {} < %s ORDER BY {}")
        with connection.cursor(name="rows") as rows:
            rows.itersize = BATCH_ROWS
            rows.execute(wanted.format(columns, name, cursor, cursor, cursor), [window.begin, window.end])
            while batch := rows.fetchmany(BATCH_ROWS):
                yield table_of(batch, schema, place)
