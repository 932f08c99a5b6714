"""Connections to MinIO and PostgreSQL. Nothing is tried again behind the caller's back."""

from typing import Any

import psycopg
import urllib3
from minio import Minio

from pipeline_shared.settings import MinioSettings, PostgresSettings

CONNECT_SECONDS = 5
ANSWER_SECONDS = 60


def http_pool(settings: MinioSettings, *, connect_seconds: float = CONNECT_SECONDS) -> urllib3.PoolManager:
    """HTTP with limits of time, and no second try: a write whose answer was lost is judged by who sent it."""
    timeout = urllib3.Timeout(connect=connect_seconds, read=ANSWER_SECONDS)
    return urllib3.PoolManager(timeout=timeout, retries=False, ca_certs=settings.ca_file, cert_reqs="CERT_REQUIRED")


def minio_client(settings: MinioSettings) -> Minio:
    """Make a client of S3 with the key of the settings; it asks nothing of the server yet."""
    return Minio(
        endpoint=settings.endpoint,
        access_key=settings.access_key,
        secret_key=settings.secret_key.get_secret_value(),
        secure=settings.secure,
        http_client=http_pool(settings),
    )


def postgres(settings: PostgresSettings) -> psycopg.Connection[tuple[Any, ...]]:
    """Log in to the database of the settings.

    Raises:
        psycopg.OperationalError: the server isn't there, or refuses the login.
    """
    return psycopg.connect(
        host=settings.host,
        port=settings.port,
        user=settings.user,
        password=settings.password.get_secret_value(),
        dbname=settings.database,
        connect_timeout=CONNECT_SECONDS,
        # A server that vanished without a word ends the wait too: statement_timeout is the server's own.
        tcp_user_timeout=ANSWER_SECONDS * 1000,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        application_name="bucketworks-pipeline",
        options=f"-c statement_timeout={ANSWER_SECONDS}s",
    )
