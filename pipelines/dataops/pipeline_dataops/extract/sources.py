"""The source of a run: which one, which stretch of it, and its rows."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pydantic import ValidationError

from conf.base import Place
from conf.extract.base import FileSource, HttpSource, PostgresSource
from pipeline_dataops.errors import StepError
from pipeline_dataops.extract.file_source import read_file
from pipeline_dataops.extract.http_source import read_http
from pipeline_dataops.extract.postgres_source import read_postgres, source_login
from pipeline_dataops.extract.window import Window
from pipeline_dataops.objects import sha256_of
from schema.base import arrow_schema

AnySource = HttpSource | PostgresSource | FileSource


def source_of(place: Place) -> AnySource:
    """Answer the table's source, at the address that SOURCE_URL or SOURCE_FILE names instead of its file's.

    Raises:
        StepError: SOURCE_FILE is of another kind.
    """
    source = place.table.source
    if isinstance(source, HttpSource) and place.environment.source_url:
        return source.model_copy(update={"url": place.environment.source_url})
    if isinstance(source, FileSource) and place.environment.source_file:
        try:
            return source.model_validate({**source.model_dump(), "path": place.environment.source_file})
        except ValidationError:
            raise StepError(f"SOURCE_FILE: {place.environment.source_file}: must end in .csv or .parquet") from None
    return source


def described(source: AnySource) -> str:
    """Say where rows come from, without secrets; of a file also which content.

    Raises:
        StepError: a file can't be read.
    """
    if isinstance(source, HttpSource):
        return source.url + "?" + "&".join(f"{name}={value}" for name, value in source.parameters.items())
    if isinstance(source, PostgresSource):
        login = source_login()
        return f"postgres://{login.host}:{login.port}/{login.database}/{source.schema_name}.{source.table}"
    try:
        return f"file {source.path} sha256:{sha256_of(Path(source.path))}"
    except OSError as error:
        raise StepError(f"{source.path}: can't be read: {error.strerror or error}") from None


def rows_of(source: AnySource, place: Place, window: Window | None) -> Iterator[pa.Table]:
    """Read the rows of a run, some at a time, in the columns and types of the raw schema.

    Raises:
        StepError: says what can't be read, where.
    """
    schema = arrow_schema(place.schema.raw)
    if isinstance(source, FileSource):
        return read_file(source, schema)
    if window is None:
        raise StepError(f"{described(source)}: is read by windows of time, and this run has none; start another run")
    return (
        read_http(source, schema, window) if isinstance(source, HttpSource) else read_postgres(source, schema, window)
    )
