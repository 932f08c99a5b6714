"""provision.py create|change|refresh|destroy LIST WORKERS: brings a server to what LIST has, by MinIO's Python SDK.

LIST is a JSON file of objects with bucket, expireDays, policy and document. Server and credentials come by MINIO_ENDPOINT,
MINIO_USER and MINIO_PASSWORD. `refresh` reads and compares; it ends with 1 where something differs.
"""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import urllib3
from minio import Minio, MinioAdmin
from minio.commonconfig import ENABLED, Filter
from minio.credentials import StaticProvider
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
from minio.versioningconfig import VersioningConfig

Wanted = dict[str, Any]


def in_order(document: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """What two policies have in common that say the same: the server answers actions in any order."""
    return [(each["Effect"], sorted(each["Action"])) for each in document["Statement"]]


def main(step: str, path: str, workers: int) -> int:
    with open(path, encoding="utf-8") as file:
        wanted: list[Wanted] = json.load(file)
    endpoint, user, password = (os.environ[f"MINIO_{name}"] for name in ("ENDPOINT", "USER", "PASSWORD"))
    http = urllib3.PoolManager(maxsize=workers)
    s3 = Minio(endpoint, user, password, secure=False, region="us-east-1", http_client=http)
    admin = MinioAdmin(
        endpoint=endpoint, credentials=StaticProvider(user, password), secure=False, http_client=http, region="us-east-1"
    )

    def ensure(each: Wanted) -> bool:
        bucket = each["bucket"]
        if not s3.bucket_exists(bucket):
            s3.make_bucket(bucket)
        s3.set_bucket_versioning(bucket, VersioningConfig(ENABLED))
        expiration = Expiration(days=each["expireDays"])
        rule = Rule(ENABLED, rule_filter=Filter(prefix=""), rule_id="retention", expiration=expiration)
        s3.set_bucket_lifecycle(bucket, LifecycleConfig([rule]))
        admin.policy_add(each["policy"], policy=each["document"])
        return True

    def same(each: Wanted) -> bool:
        versioning = s3.get_bucket_versioning(each["bucket"])
        lifecycle = s3.get_bucket_lifecycle(each["bucket"])
        document = in_order(json.loads(admin.policy_info(each["policy"])))
        days = [rule.expiration and rule.expiration.days for rule in lifecycle.rules] if lifecycle else []
        found = (versioning.status, days, document)
        expected = (ENABLED, [each["expireDays"]], in_order(each["document"]))
        if found != expected:
            print(f"{each['bucket']}: {found} where {expected} was set", file=sys.stderr)
        return found == expected

    def remove(each: Wanted) -> bool:
        s3.remove_bucket(each["bucket"])
        admin.policy_remove(each["policy"])
        return True

    steps: dict[str, Callable[[Wanted], bool]] = {
        "create": ensure,
        "change": ensure,
        "refresh": same,
        "destroy": remove,
    }
    with ThreadPoolExecutor(workers) as pool:
        return 0 if all(pool.map(steps[step], wanted)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
