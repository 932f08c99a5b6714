"""Opens Feast's store of a platform, and says in a sentence what a server did wrong."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator

import psycopg
import pyarrow as pa
import sqlalchemy.exc
from feast import FeatureStore
from feast.errors import FeastObjectNotFoundException
from feast.repo_config import RepoConfig
from pipeline_shared.connections import postgres
from pipeline_shared.log import hide
from pipeline_shared.settings import load_minio_settings, load_postgres_settings

from pipeline_features import settings
from pipeline_features.definitions import Definitions
from pipeline_features.failed import FailedError


def opened(definitions: Definitions, *, makes: bool = False) -> FeatureStore:
    """Open the store with the servers that the environment names.

    Args:
        definitions: of the platform.
        makes: whether the registry's tables are made where they are missing.

    Raises:
        SettingsError: a variable is missing or wrong.
        FailedError: PostgreSQL isn't there, or refuses.
    """
    _quiet()
    filled = settings.filled(definitions)
    if not makes:
        filled["registry"]["schema_mode"] = "skip"
    hide(load_minio_settings().secret_key.get_secret_value())
    hide(load_postgres_settings().password.get_secret_value())
    with told(definitions):
        _check_database(definitions)
        return FeatureStore(config=RepoConfig(**filled))


@contextlib.contextmanager
def alone(definitions: Definitions) -> Iterator[None]:
    """Hold the platform's lock: two runs at once would write an older value over a newer one.

    It ends with its connection, whatever ends the process.

    Raises:
        FailedError: another run has it, or PostgreSQL isn't there.
    """
    with told(definitions), postgres(load_postgres_settings()) as connection:
        key = f"bucketworks features {definitions.platform}"
        found = connection.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [key]).fetchone()
        if found != (True,):
            raise FailedError(f"{_of(definitions)}: another run of apply or materialize is at work; wait for it")
        yield


@contextlib.contextmanager
def told(definitions: Definitions) -> Iterator[None]:
    """Turn what servers say into a sentence.

    Raises:
        FailedError: for what libraries raise of a server that isn't there or refuses, or of files that don't fit.
    """
    database = os.environ.get("PG_DATABASE", "")
    try:
        yield
    except FeastObjectNotFoundException as error:
        raise FailedError(f"{_of(definitions)}: {_first(error)}; run bucketworks feature apply first") from None
    except sqlalchemy.exc.DBAPIError as error:
        raise _database_fault(error.orig, database) from None
    except psycopg.Error as error:
        raise _database_fault(error, database) from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise FailedError(f"s3://{definitions.bucket}: a file doesn't fit its definition: {_first(error)}") from None
    except OSError as error:
        raise FailedError(f"s3://{definitions.bucket}: {_first(error)}") from None


def _check_database(definitions: Definitions) -> None:
    """Connect once, so that a server that is away is told before anything is asked of it."""
    schema, user = definitions.database_schema, os.environ.get("PG_USER")
    with postgres(load_postgres_settings()) as connection:
        found = connection.execute(
            "SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = %s", [schema]
        ).fetchone()
    if found is None:
        raise FailedError(
            f"PostgreSQL: the database has no schema {schema}; run bucketworks migrate, docs/features.md says with what"
        )
    if found != (True,):
        raise FailedError(
            f"PostgreSQL: role {user} may make no table in schema {schema}; docs/features.md has its rights"
        )


def _database_fault(error: BaseException | None, database: str) -> FailedError:
    first = _first(error)
    if isinstance(error, psycopg.errors.UndefinedTable):
        return FailedError(f"PostgreSQL: {first}; run bucketworks feature apply first")
    if isinstance(error, psycopg.OperationalError):
        return FailedError(f"PostgreSQL: database {database} can't be reached, or refuses the login: {first}")
    return FailedError(f"PostgreSQL: {first}")


def _of(definitions: Definitions) -> str:
    return f"features of {definitions.platform}"


def _first(error: BaseException | None) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _quiet() -> None:
    """What Feast tells of itself is no word of ours, and its progress bars are for terminals."""
    warnings.filterwarnings("ignore", module="feast")
    logging.getLogger("feast").setLevel(logging.ERROR)
    os.environ.setdefault("TQDM_DISABLE", "1")
