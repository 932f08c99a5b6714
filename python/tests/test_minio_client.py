"""Python's client of MinIO with a key that the platform issued."""

import io

import pytest
from minio import Minio, S3Error
from places import Place

from bucketworks import ProvisioningResult


def test_the_python_client_works_with_endpoint_key_pair_and_secure_false(
    place: Place, provisioned: ProvisioningResult
) -> None:
    key = place.key("clerk")
    client = Minio(place.endpoint, key["MINIO_ACCESS_KEY"], key["MINIO_SECRET_KEY"], secure=False)
    assert client.bucket_exists("invoices")
    client.put_object("invoices", "2025/one.txt", io.BytesIO(b"one"), 3)
    try:
        assert [each.object_name for each in client.list_objects("invoices", "2025/", recursive=True)] == [
            "2025/one.txt"
        ]
        answer = client.get_object("invoices", "2025/one.txt")
        assert answer.read() == b"one"
        answer.close()
    finally:
        client.remove_object("invoices", "2025/one.txt")
    with pytest.raises(S3Error, match="AccessDenied"):
        client.put_object("orders", "one.txt", io.BytesIO(b"one"), 3)
    with pytest.raises(S3Error, match="AccessDenied"):
        client.make_bucket("own-bucket")
