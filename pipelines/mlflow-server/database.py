"""Brings the database of MLflow to the revision of the MLflow that is installed, or says in one sentence why not."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_logger = logging.getLogger("mlflow.database")
# Between two tries, and between two lines that say that we wait; seconds.
_PAUSE = 0.5
_TELL = 10
# One of several servers that start at once migrates, the others wait for it.
_TURN = "SELECT pg_advisory_lock(hashtext('bucketworks mlflow'))"
# What an operator has to change; everything else passes, for example too many connections. Before a login is made
# psycopg knows no code of the error.
_REFUSALS = (
    "authentication failed",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects",
    "does not exist",
    "permission denied",
    "not permitted to log in",
)


class DatabaseError(Exception):
    """What an operator can fix; nothing was changed."""


def settle(uri: str) -> None:
    """Wait for the database, and migrate it where it is older than the MLflow that is installed.

    Args:
        uri: as SQLAlchemy has it. What it doesn't say stands in variables of the environment, PGHOST and so on.

    Raises:
        DatabaseError: it is of a newer MLflow, or refuses the login.
    """
    with _turn(uri) as connection:
        found = _revision(connection)
        wanted, known = _installed()
        if found == wanted:
            return
        if found is not None and found not in known:
            raise DatabaseError(
                f"database {connection.info.dbname} is of a newer MLflow: {_version()} knows no revision {found},"
                f" and ends at {wanted}; nothing was changed. Run that MLflow, or restore a copy from before"
            )
        _logger.info("database %s goes from revision %s to %s", connection.info.dbname, found or "none", wanted)
        _migrate(uri)
        _logger.info("database %s has revision %s", connection.info.dbname, wanted)


@contextmanager
def turn(uri: str) -> Iterator[None]:
    """Have the others wait that start at the same time.

    Raises:
        DatabaseError: the database refuses the login.
    """
    with _turn(uri):
        yield


@contextmanager
def _turn(uri: str) -> "Iterator[psycopg.Connection[tuple[str]]]":
    with _connected("postgresql" + uri[uri.index("://") :]) as connection:
        connection.execute(_TURN)
        yield connection


def _connected(address: str) -> "psycopg.Connection[tuple[str]]":
    told = 0.0
    while True:
        try:
            return psycopg.connect(address, connect_timeout=5, autocommit=True, application_name="mlflow")
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            if refuses(reason):
                raise DatabaseError(
                    f"PostgreSQL refuses MLflow: {reason}; make up makes its database and role"
                ) from None
            if time.monotonic() - told > _TELL:
                told = time.monotonic()
                _logger.warning("waiting for PostgreSQL: %s", reason)
            time.sleep(_PAUSE)


def refuses(reason: str) -> bool:
    """Whether an answer of PostgreSQL is a refusal for good."""
    return "FATAL" in reason and any(each in reason for each in _REFUSALS)


def _revision(connection: "psycopg.Connection[tuple[str]]") -> str | None:
    there = connection.execute("SELECT to_regclass('public.alembic_version')::text").fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def _installed() -> tuple[str, set[str]]:
    """Read the newest revision, and all, from the files of MLflow's migrations: loading MLflow takes seconds."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    scripts = ScriptDirectory(str(_package() / "store" / "db_migrations"))
    newest = scripts.get_current_head()
    if newest is None:
        raise DatabaseError("the MLflow that is installed has no migrations; install it again: make mlflow-server")
    return newest, {each.revision for each in scripts.walk_revisions()}


def _package() -> Path:
    from importlib.util import find_spec  # noqa: PLC0415

    spec = find_spec("mlflow")
    if spec is None or spec.origin is None:
        raise DatabaseError("MLflow isn't installed here: make mlflow-server")
    return Path(spec.origin).parent


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415

    return f"MLflow {version('mlflow')}"


def _migrate(uri: str) -> None:
    """As `mlflow db upgrade`, which takes the password on its command line."""
    from mlflow.store.db import utils  # noqa: PLC0415  takes seconds, which a database of today doesn't pay

    engine = utils.create_sqlalchemy_engine(uri)
    if utils._is_empty_database(engine):
        utils._initialize_tables(engine)
    else:
        utils._upgrade_db(engine)
    engine.dispose()
