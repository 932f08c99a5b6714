"""Log of a step: JSON lines on standard error, with the run's id, step (as `service`), table and project in each."""

import structlog
from pipeline_shared.log import configure_log, hide
from pipeline_shared.settings import MinioSettings, PostgresSettings


def begin_log(run_id: str, step: str, table: str, project: str) -> None:
    """Begin the log of a step."""
    configure_log(run_id, service=step, platform="dataops")
    structlog.contextvars.bind_contextvars(table=table, project=project)


def hide_logins(minio: MinioSettings, postgres: PostgresSettings) -> None:
    """Mask the secrets of both logins wherever they come up in a line."""
    hide(minio.secret_key.get_secret_value(), postgres.password.get_secret_value())
