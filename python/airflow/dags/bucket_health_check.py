"""Looks at the platform's buckets every hour: the task fails where one is unhealthy, else its result is the score."""

from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG

from scripts.mlops.bucket_validator import BucketValidator


def validate_buckets(**_context: Any) -> float | None:
    """Validate, by the environment of the worker (docs/python.md)."""
    report = BucketValidator("config/minio-buckets.yaml").validate_all_buckets()
    if report.unhealthy_buckets > 0:
        raise RuntimeError(f"{report.unhealthy_buckets} unhealthy buckets")
    return report.overall_health_score


with DAG(
    dag_id="bucket_health_check",
    schedule="@hourly",
    start_date=datetime(2025, 9, 11, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
):
    validate_task = PythonOperator(task_id="validate_buckets", python_callable=validate_buckets)
