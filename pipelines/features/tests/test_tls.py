"""A bucket server that proves who it is: its CA is the one that the environment names, and no other is believed."""

from collections.abc import Callable

from pipeline_shared.connections import minio_client
from pipeline_shared.settings import MinioSettings
from pydantic import SecretStr
from stores import BUCKET, HOUR, NOW, Env, Store, clicks

Make = Callable[..., Store]


def test_files_are_read_from_a_server_whose_ca_is_named_and_from_no_other(make: Make, logins: dict[str, Env]) -> None:
    given = logins["secure"]
    store = make()
    store.env = {**store.env, **given}
    store.writer = minio_client(
        MinioSettings(
            endpoint=given["MINIO_ENDPOINT"],
            access_key=given["MINIO_ACCESS_KEY"],
            secret_key=SecretStr(given["MINIO_SECRET_KEY"]),
            secure=True,
            AWS_CA_BUNDLE=given["AWS_CA_BUNDLE"],
        )
    )
    store.writer.make_bucket(BUCKET)
    store.done("apply")
    store.put("activity", [clicks("ada", NOW - HOUR, 3)])
    store.done("materialize")
    assert store.get("ada", "activity") == {"clicks": 3}
    stranger = store.run("materialize", AWS_CA_BUNDLE="")
    assert stranger.returncode == 3
    assert "the server doesn't answer" in stranger.stderr
