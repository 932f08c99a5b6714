"""The warehouse: a connection whose faults end a step with a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from pipeline_shared.connections import postgres
from pipeline_shared.settings import PostgresSettings

from metadata.core import Connection
from pipeline_dataops.errors import StepError


@contextmanager
def warehouse(settings: PostgresSettings) -> Iterator[Connection]:
    """Log in; the transaction is committed at the end, and rolled back by any error.

    Raises:
        StepError: the server is away, refuses the login or a statement.
    """
    place = f"PostgreSQL at {settings.host}:{settings.port}"
    try:
        with postgres(settings) as connection:
            yield connection
    except psycopg.errors.InsufficientPrivilege as error:
        raise StepError(f"{place}: role {settings.user} may not do this: {error.diag.message_primary}") from None
    except psycopg.errors.UndefinedTable as error:
        raise StepError(f"{place}: {error.diag.message_primary}; make it by the table's migration") from None
    except psycopg.errors.ForeignKeyViolation as error:
        raise StepError(f"{place}: {error.diag.message_detail}; make the table by its migration") from None
    except psycopg.OperationalError as error:
        raise StepError(f"{place}: {_line(error)}; run this step again when it answers") from None
    except psycopg.Error as error:
        raise StepError(f"{place}: {error.diag.message_primary or _line(error)}") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
