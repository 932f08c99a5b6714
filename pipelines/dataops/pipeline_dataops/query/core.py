"""Production step 3: prints rows of production, or of a promoted object, for who may read them."""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from pipeline_shared.settings import PostgresSettings, SettingsError
from psycopg.sql import SQL, Identifier, Placeholder

from conf.base import Place, load_place
from metadata.core import Connection
from pipeline_dataops.errors import StepError
from pipeline_dataops.objects import Objects
from pipeline_dataops.query.catalog import Promotion, promotion_of, promotions_of
from pipeline_dataops.query.printing import Rows, show
from pipeline_dataops.run_ids import given_run_id
from pipeline_dataops.warehouse import warehouse
from schema.base import columns
from schema.migration import ADDED


def query(given: argparse.Namespace) -> int:
    """Print rows of production, newest by their key first, or with --object those of a promoted object."""
    place = load_place(given.table, given.data)
    wanted = conditions(place, given.where)
    run_id = given_run_id(given.run_id) if given.run_id else None
    if given.object:
        if wanted:
            raise SettingsError(
                "--where chooses rows of the warehouse, and --object prints the object's; leave one out"
            )
        promotion, found = object_rows(place, run_id, given.limit)
        said = {"object": str(promotion.object), "rows": found.plain()}
        show(given.format, said, [f"object: {promotion.object}", *found.lines()])
        return 0
    if run_id is not None:
        wanted.append(("run_id", promoted(place, run_id).run_id))
    found = production_rows(place, wanted, given.limit)
    show(given.format, {"table": place.table.processed_table, "rows": found.plain()}, found.lines())
    return 0


def conditions(place: Place, words: Sequence[str]) -> list[tuple[str, str]]:
    """Read `KEY=VALUE` of the command line.

    Raises:
        SettingsError: a word has no `=`, or the table no such column.
    """
    names = [*column_names(place), *ADDED]
    found = []
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in names:
            raise SettingsError(f"--where {word!r}: must be COLUMN=VALUE, with a column of {names}")
        found.append((name, value))
    return found


def column_names(place: Place) -> list[str]:
    """Answer the names of processed columns, in their order."""
    return [name for name, _ in columns(place.schema.processed)]


def production_rows(place: Place, wanted: Sequence[tuple[str, str]], limit: int) -> Rows:
    """Read rows of production, newest by their key first.

    Args:
        place: the table, and a role that may read production.
        wanted: columns and the values that they shall have, as texts that the database reads by the column's type.
        limit: most rows.

    Raises:
        StepError: the database is away, or refuses.
        SettingsError: a value isn't one of its column's type.
    """
    names = [*column_names(place), *ADDED]
    tests = [SQL("{} = {}").format(Identifier(name), Placeholder()) for name, _ in wanted]
    statement = SQL("SELECT {} FROM production.{} {} ORDER BY {} LIMIT {}").format(
        SQL(", ").join(map(Identifier, names)),
        Identifier(place.table.processed_table),
        SQL("WHERE ") + SQL(" AND ").join(tests) if tests else SQL(""),
        SQL(", ").join(SQL("{} DESC").format(Identifier(key)) for key in place.schema.processed_keys),
        Placeholder(),
    )
    with reading(place.postgres) as connection:
        try:
            return Rows(names, connection.execute(statement, [*(value for _, value in wanted), limit]).fetchall())
        except UnicodeEncodeError:
            said = [f"{name}={value}" for name, value in wanted]
            raise SettingsError(f"{said}: a value must be text in UTF-8, and holds other bytes") from None
        except psycopg.DataError as error:
            said = [f"{name}={value}" for name, value in wanted]
            raise SettingsError(f"--where {said}: {error.diag.message_primary or error}") from None


@contextmanager
def reading(settings: PostgresSettings) -> Iterator[Connection]:
    """Log in to read; times without zone are UTC.

    Raises:
        StepError: the database is away or refuses.
    """
    with warehouse(settings) as connection:
        connection.read_only = True
        connection.execute("SET timezone = 'UTC'")
        yield connection


def promoted(place: Place, run_id: str | None) -> Promotion:
    """Find the promotion of a run of the table; None is the newest.

    Raises:
        StepError: there is none.
        SettingsError: the run is one of another table.
    """
    table = place.table.table
    with reading(place.postgres) as connection:
        if run_id is None:
            promotion = next(iter(promotions_of(connection, table)), None)
        else:
            promotion = promotion_of(connection, run_id)
    if promotion is None:
        raise StepError(f"{table}: {f'run {run_id} was not' if run_id else 'no run was'} promoted")
    if promotion.table_name != table:
        raise SettingsError(f"--run-id: run {run_id} is one of table {promotion.table_name}, not of {table}")
    return promotion


def object_rows(place: Place, run_id: str | None, limit: int) -> tuple[Promotion, Rows]:
    """Read rows of a promoted object: the version that the catalog names and no other.

    Args:
        place: the table, and a key and a role that may read production.
        run_id: of the promotion; None is the newest.
        limit: most rows, the first ones of the file.

    Raises:
        StepError: there is no such promotion, or its object can't be read or is another version now.
        SettingsError: the run is one of another table.
    """
    promotion = promoted(place, run_id)
    place.data.mkdir(parents=True, exist_ok=True)
    wanted = promotion.object
    with tempfile.TemporaryDirectory(prefix="query-", dir=place.data) as folder:
        file = Path(folder) / "object.parquet"
        found = Objects(place.minio, wanted.bucket).fetch(wanted.key, None, None, file)
        if found != wanted.version_id:
            raise StepError(f"{wanted}: the object is another version now, {found}; `reconcile` names all such objects")
        try:
            with pq.ParquetFile(file) as parquet:
                batch = next(parquet.iter_batches(batch_size=limit), None)
                names = parquet.schema_arrow.names
        except (pa.ArrowException, OSError) as error:
            raise StepError(f"{wanted}: is no Parquet file: {error}") from None
    rows = [] if batch is None else [tuple(row.values()) for row in batch.to_pylist()]
    return promotion, Rows(names, rows)
