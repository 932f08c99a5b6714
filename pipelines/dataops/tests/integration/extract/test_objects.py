"""Objects with a real server: put once over nobody's, and what the server says is told."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from minio import Minio
from minio.credentials.providers import StaticProvider
from minio.minioadmin import MinioAdmin
from pipeline_shared.log import new_run_id
from places import PlaceOf

from pipeline_dataops.errors import StepError
from pipeline_dataops.objects import TRIES, Objects

RAW = "dataops-staging-raw"
GONE = "dataops-without-versions"


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Answer how long was waited; nobody waits."""
    waited: list[float] = []
    monkeypatch.setattr("pipeline_dataops.objects.time.sleep", waited.append)
    return waited


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "content"
    made.write_bytes(b"content")
    return made


def test_a_file_that_is_put_again_is_the_version_that_is_there(place_of: PlaceOf, file: Path, root: Minio) -> None:
    objects, key, said = Objects(place_of("loader").minio, RAW), f"a test/{new_run_id()}=:", {"run-id": new_run_id()}
    first = objects.put_new(key, file, said)
    assert first is not None
    assert objects.put_new(key, file, said) == objects.stat(key)
    assert objects.put_new(key, file, {"run-id": new_run_id()}) is None
    assert objects.stat(key) == first
    versions = [each.version_id for each in root.list_objects(RAW, prefix=key, include_version=True)]
    assert versions == [first.version_id]


def test_exactly_the_recorded_bytes_are_fetched(place_of: PlaceOf, file: Path, tmp_path: Path) -> None:
    objects, key = Objects(place_of("loader").minio, RAW), f"a test/{new_run_id()}"
    stored = objects.put_new(key, file, {"run-id": "a"})
    assert stored is not None
    objects.fetch(key, stored.version_id, stored.sha256, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"content"
    with pytest.raises(StepError, match=r"versionId=.*: has other bytes than were recorded: SHA-256"):
        objects.fetch(key, stored.version_id, "0" * 64, tmp_path / "fetched")
    with pytest.raises(StepError, match="the server refuses it: NoSuchVersion"):
        objects.fetch(key, "00000000-0000-0000-0000-000000000000", stored.sha256, tmp_path / "fetched")


def test_a_bucket_without_room_is_told(place_of: PlaceOf, file: Path, root: Minio, logins: Any) -> None:
    key = logins["root"]
    provider = StaticProvider(key["MINIO_ACCESS_KEY"], key["MINIO_SECRET_KEY"])
    admin = MinioAdmin(endpoint=logins["loader"]["MINIO_ENDPOINT"], credentials=provider, secure=False)
    objects = Objects(place_of("loader").minio, RAW)
    admin.bucket_quota_set(RAW, 1)
    try:
        with pytest.raises(StepError, match=r"s3://dataops-staging-raw/a: the server refuses it \(\d+\): .*Quota"):
            objects.put_new("a", file, {"run-id": "a"})
    finally:
        admin.bucket_quota_clear(RAW)
    assert root.bucket_exists(RAW)


def test_a_bucket_without_versions_is_refused(place_of: PlaceOf, file: Path, root: Minio, logins: Any) -> None:
    place = place_of("loader", **logins["root"])
    if not root.bucket_exists(GONE):
        root.make_bucket(GONE)
    with pytest.raises(StepError, match="the bucket keeps no versions; deploy the platform"):
        Objects(place.minio, GONE).put_new(new_run_id(), file, {"run-id": "a"})
    with pytest.raises(StepError, match="the server refuses it: NoSuchBucket"):
        Objects(place.minio, "dataops-nowhere").fetch("a", "b", "c", file)


class _Busy(http.server.BaseHTTPRequestHandler):
    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        body = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"
        self.send_response(503)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def busy() -> Iterator[str]:
    """A server that never has time."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Busy)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_without_time_is_asked_four_times(
    place_of: PlaceOf, file: Path, busy: str, pauses: list[float]
) -> None:
    objects = Objects(place_of("loader", MINIO_ENDPOINT=busy).minio, RAW)
    for ask in (
        lambda: objects.put_new("a", file, {"run-id": "a"}),
        lambda: objects.stat("a"),
        lambda: objects.fetch("a", "b", "c", file),
    ):
        pauses.clear()
        with pytest.raises(StepError, match=f"MinIO at {busy}.*; run this step again when it answers"):
            ask()
        assert len(pauses) == TRIES - 1
