"""Copies exactly one version of an object to production, over nobody's object, and never twice.

MinIO takes no condition on the target of a copy of its own (CopyObject), so the bytes go through here.
"""

import tempfile
from pathlib import Path

from conf.base import Place
from pipeline_dataops.errors import StepError
from pipeline_dataops.objects import Objects
from pipeline_dataops.query.catalog import Version


def copy(place: Place, source: Version, run_id: str, sha256: str | None = None) -> Version:
    """Put a version under the same key of production; where this run has put it already, leave it.

    Args:
        place: a key that reads the source, and reads and writes production.
        source: what is copied.
        run_id: the run it is of.
        sha256: of the bytes that are expected; None takes them as they are.

    Returns:
        The version that production has now.

    Raises:
        StepError: a server is away or refuses, the source holds other bytes, or another object has the key.
    """
    bucket = place.directory.production.name
    with tempfile.TemporaryDirectory(prefix="promote-", dir=place.data) as folder:
        file = Path(folder) / "object"
        Objects(place.minio, source.bucket).fetch(source.key, source.version_id, sha256, file)
        made = Objects(place.minio, bucket).put_new(source.key, file, {"run-id": run_id})
    if made is None:
        raise StepError(
            f"s3://{bucket}/{source.key}: another object has this key, and nothing was changed; look at who put it, "
            "`reconcile` names all objects that no promotion has"
        )
    return Version(bucket, source.key, made.version_id)
