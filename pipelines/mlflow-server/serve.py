"""Runs MLflow's server: tracking, registry and the way to artifacts; `bucketworks services` and the image start it.

Settings are variables, so that no secret stands on a command line: PGHOST, PGPORT, PGDATABASE, PGUSER, PGPASSWORD and
PGSSLMODE of the database, MLFLOW_ARTIFACTS_DESTINATION, MLFLOW_S3_ENDPOINT_URL and AWS_* of the bucket server,
MLFLOW_SERVER_ALLOWED_HOSTS.
It ends as uvicorn: `mlflow server` would stay beside it, with nine more processes and a gigabyte (docs/mlflow.md).
"""

import argparse
import json
import logging
import logging.config
import os
import secrets
import shutil
import sys
import warnings
from pathlib import Path

import logins
from database import DatabaseError, settle, turn

HERE = Path(__file__).parent
# Where the database is, and who logs in, stands in the variables that every client of PostgreSQL reads.
_DATABASE = "postgresql+psycopg://"
_NEEDED = ("PGHOST", "PGUSER", "PGPASSWORD", "PGDATABASE", "MLFLOW_ARTIFACTS_DESTINATION", "AWS_SECRET_ACCESS_KEY")
# What `mlflow server` tells its workers; mlflow.server.constants has these names.
_ALWAYS = {
    "_MLFLOW_SERVER_FILE_STORE": _DATABASE,
    "_MLFLOW_SERVER_REGISTRY_STORE": _DATABASE,
    "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
    "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    "_MLFLOW_SGI_NAME": "uvicorn",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "PYTHONWARNINGS": "ignore",
}
_ADMIN = "admin"
# Who is logged in reads; what else each may do, roles say. A login is checked by its slow hash twice a minute, not at
# each request: one that somebody takes away in MLflow itself opens for half a minute yet.
_SETTINGS = f"""[mlflow]
default_permission = READ
database_uri = {_DATABASE}
admin_username = {_ADMIN}
authorization_function = logins:authorize
auth_cache_ttl_seconds = 30
"""
# By their files, where nobody gives them.
_SECRETS = {"MLFLOW_AUTH_ADMIN_PASSWORD": "admin-password", "MLFLOW_FLASK_SERVER_SECRET_KEY": "session-key"}
# MLflow asks for the one, its exporter for the other.
_METRICS = ("prometheus_multiproc_dir", "PROMETHEUS_MULTIPROC_DIR")


def main() -> None:
    """Settle the database and become uvicorn."""
    args = _arguments()
    logging.config.dictConfig(json.loads(args.log_config.read_text()))
    try:
        lacking = [name for name in _NEEDED if not os.environ.get(name)]
        if lacking:
            _end(f"{lacking[0]} isn't set; bucketworks services up gives it, on Kubernetes a Secret")
        # Before anything of MLflow is loaded: it reads them then.
        destination = os.environ["MLFLOW_ARTIFACTS_DESTINATION"]
        os.environ |= {**_ALWAYS, "_MLFLOW_SERVER_ARTIFACT_DESTINATION": destination}
        os.environ["WEB_CONCURRENCY"] = str(args.workers)
        if args.scratch:
            _empty(args.scratch)
            os.environ["TMPDIR"] = str(args.scratch)
        warnings.simplefilter("ignore")
        settle(_DATABASE)
        if args.metrics:
            _empty(args.metrics)
            os.environ |= dict.fromkeys(_METRICS, str(args.metrics))
        if args.auth:
            _ask_for_logins(args.auth, args.logins)
    except (DatabaseError, logins.LoginsError) as error:
        _end(str(error))
    uvicorn = [str(HERE / "listen.py"), f"--log-config={args.log_config}", f"--host={args.host}", f"--port={args.port}"]
    if args.certificate:
        uvicorn += [f"--certificate={args.certificate}", f"--key={args.key}"]
    os.execv(sys.executable, [sys.executable, *uvicorn])  # noqa: S606  our own arguments


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--log-config", type=Path, required=True, help="of Python's logging, as JSON")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--metrics", type=Path, help="folder for Prometheus; it is emptied. Without it there are none")
    parser.add_argument("--scratch", type=Path, help="folder in which uploads wait; it is emptied. Default: TMPDIR")
    parser.add_argument("--certificate", type=Path, help="as PEM, read again when it is renewed; default: plain HTTP")
    parser.add_argument("--key", type=Path, help="of the certificate")
    parser.add_argument("--auth", type=Path, help="folder of the admin's password and a key of sessions")
    parser.add_argument("--logins", type=Path, help="everybody else's logins, as JSON; both: everybody has to log in")
    args = parser.parse_args()
    if (args.auth is None) != (args.logins is None):
        parser.error("--auth and --logins go together")
    if (args.certificate is None) != (args.key is None):
        parser.error("--certificate and --key go together")
    return args


def _end(sentence: str) -> None:
    logging.getLogger("mlflow").error(sentence)
    sys.exit(1)


def _empty(folder: Path) -> None:
    """Remove what processes left that ended."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)


def _ask_for_logins(folder: Path, file: Path) -> None:
    """Have MLflow's basic auth: users as the file says, and an admin whose password nobody chose."""
    found = logins.read(file)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, kept in _SECRETS.items():
        if not os.environ.get(name):
            os.environ[name] = _kept(folder / kept)
    settings = folder / "basic_auth.ini"
    _write(settings, _SETTINGS)
    os.environ |= {"MLFLOW_AUTH_CONFIG_PATH": str(settings), logins.FILE: str(file)}
    from mlflow.server.auth import bootstrap_admin_user, store  # noqa: PLC0415  it reads its settings when it is loaded

    with turn(_DATABASE):
        bootstrap_admin_user()
        logins.settle(store, found, (_ADMIN, os.environ["MLFLOW_AUTH_ADMIN_PASSWORD"]))
    store.engine.dispose()


def _kept(path: Path) -> str:
    if not path.exists():
        _write(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


if __name__ == "__main__":
    main()
