"""The other side of a join as a Parquet file that any engine reads: from a CSV file, or from a table of staging."""

from pathlib import Path

import pyarrow as pa
from psycopg import sql

from conf.transform.base import Partner
from metadata.core import Connection
from pipeline_dataops.errors import StepError
from pipeline_dataops.transform.structure import dtype
from pipeline_dataops.typed_csv import copied, typed


def partner_file(conf: Partner, tables: Path, connection: Connection, file: Path) -> Path:
    """Write a partner's columns, in the types of the YAML.

    Args:
        conf: which partner, with which columns.
        tables: the folder that holds CSV files.
        connection: a login that may read the table of staging.
        file: the Parquet file to write.

    Raises:
        StepError: the file isn't there, lacks a column, or holds a value of another type.
    """
    schema = pa.schema([(name, dtype(kind).to_pyarrow()) for name, kind in conf.columns.items()])
    rows = tables / (conf.file or "")
    try:
        if conf.table is not None:
            query = sql.SQL("SELECT {} FROM staging.{}").format(
                sql.SQL(", ").join(map(sql.Identifier, schema.names)), sql.Identifier(conf.table)
            )
            rows = copied(connection, query, file.with_suffix(".csv"))
        return typed(rows, schema, file)
    except OSError as error:
        raise StepError(f"transform.join.with: {rows} can't be read: {error.strerror}") from None
    except (pa.ArrowException, KeyError) as error:
        said = str(error).splitlines()[0]
        raise StepError(f"transform.join.with: {conf.file or conf.table} isn't as with.columns says: {said}") from None
