"""A name with an address for each replica, as DNS has one of a headless Service."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from pipeline_mlops.drift_report import Replica, Trust, asked, each_address
from pipeline_mlops.failed import FailedError

NAME = "mlops-model-api-pods"


@contextmanager
def replica(address: str, port: int, index: float) -> Iterator[int]:
    """Serve the series of one replica; answers its port."""
    labels = 'model="identity-masker",version="3",feature="words"'

    class Metrics(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = f"# TYPE model_api_feature_drift gauge\nmodel_api_feature_drift{{{labels}}} {index}\n".encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer((address, port), Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def test_every_replica_behind_a_name_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        port = stack.enter_context(replica("127.0.0.1", 0, 0.1))
        stack.enter_context(replica("127.0.0.2", port, 0.4))
        of = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in ("127.0.0.2", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda name, *_, **__: {NAME: of * 2}[name])
        addresses = each_address([f"http://{NAME}:{port}"])
        monkeypatch.undo()
        found = asked(addresses)
    assert [(each.replica, each.index) for each in found] == [
        (f"http://127.0.0.1:{port}", 0.1),
        (f"http://127.0.0.2:{port}", 0.4),
    ]


def test_where_services_speak_tls_replicas_are_known_by_the_name_of_their_service(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BUCKETWORKS_SERVICES_CA_FILE", "/ca.crt")
    monkeypatch.setenv("BUCKETWORKS_SERVICES_DOMAIN", "mlops.svc.cluster.local")
    of = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 8000))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: of)
    trust = Trust("/ca.crt", f"{NAME}.mlops.svc.cluster.local")
    assert each_address([f"http://{NAME}:8000"]) == [Replica("https://10.0.0.1:8000", trust)]
    assert each_address(["http://models.example.com:8000"]) == [Replica("http://10.0.0.1:8000")]


def test_a_name_that_nobody_has_and_one_with_a_certificate_are_a_sentence() -> None:
    with pytest.raises(FailedError, match=r"^http://nobody\.invalid:8000: has no address: "):
        each_address(["http://nobody.invalid:8000"])
    with pytest.raises(FailedError, match="no certificate has; write http"):
        each_address([f"https://{NAME}:8000"])
