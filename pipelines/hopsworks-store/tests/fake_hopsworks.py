"""A server that answers what the client of Hopsworks 5.2.1 asks of definitions, in the shape that its source reads.

It is no Hopsworks: it proves what is asked and how answers are taken, and nothing of what a real server does with them.
`fake_hopsworks.py FOLDER` serves until it is ended; its first line says where, as variables.
"""

import datetime as dt
import json
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

KEY = "right-key"
PROJECT = "lake"
CONNECTOR = "mlops_bucket"
_API = "/hopsworks-api/api"
_USER = {"uid": 10000, "username": "meb10000", "email": "ada@example.org"}
_STORE = {
    "featurestoreId": 67,
    "featurestoreName": f"{PROJECT}_featurestore",
    "offlineFeaturestoreName": f"{PROJECT}_featurestore",
    "onlineEnabled": True,
    "created": "2026-11-30T08:00:00.000Z",
    "projectName": PROJECT,
    "projectId": 119,
}
Answer = tuple[int, Any]


@dataclass
class Hopsworks:
    """What it holds, and what it was asked."""

    folder: Path
    bucket: str = "mlops-features"
    strange: bool = False
    """Whether it is another server, which answers each request with a page."""
    silent: threading.Event | None = None
    """It answers nothing until this is set."""
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def variables(self) -> dict[str, str]:
        """Settings of who may come in."""
        return {
            "HOPSWORKS_HOST": "localhost",
            "HOPSWORKS_PORT": str(self.port),
            "HOPSWORKS_PROJECT": PROJECT,
            "HOPSWORKS_CONNECTOR": CONNECTOR,
            "HOPSWORKS_API_KEY": KEY,
            "HOPSWORKS_TRUST_STORE_PATH": str(self.folder / "ca.pem"),
        }

    def answer(self, method: str, url: str, key: str | None, body: str) -> Answer:
        """Answer one request."""
        path = unquote(urlsplit(url).path).removeprefix(_API)
        self.asked.append(f"{method} {path}")
        if self.silent is not None:
            self.silent.wait(30)
        if key != f"ApiKey {KEY}":
            return 401, {"errorCode": 200003, "errorMsg": "Client not authorized for this invocation."}
        store = f"/project/119/featurestores/{_STORE['featurestoreId']}"
        fixed = {
            "/variables/versions": [{"software": "hopsworks", "version": "5.2.0"}],
            "/project": [{"project": {"name": PROJECT, "owner": _USER}, "user": _USER}],
            f"/project/getProjectInfo/{PROJECT}": {"projectId": 119, "projectName": PROJECT, "owner": "ada"},
            f"/project/119/featurestores/{PROJECT}_featurestore": _STORE,
            "/project/119/featurestores": [_STORE],
            f"{store}/storageconnectors/{CONNECTOR}": self._connector(),
        }
        if method == "GET" and path in fixed:
            return 200, fixed[path]
        groups = f"{store}/featuregroups"
        if method == "POST" and path == groups:
            made = {**json.loads(body), "id": len(self.groups) + 1, "type": "onDemandFeaturegroupDTO"}
            self.groups[made["name"]] = made
            return 201, made
        name = path.removeprefix(f"{groups}/")
        if method == "GET" and name in self.groups:
            return 200, [self.groups[name]]
        if method == "PUT" and path.startswith(f"{groups}/"):
            changed = {**json.loads(body), "type": "onDemandFeaturegroupDTO"}
            self.groups[changed["name"]] = changed
            return 200, changed
        code = 270009 if path.startswith(groups) else 150004
        return 404, {"errorCode": code, "errorMsg": "not found", "usrMsg": path}

    def _connector(self) -> dict[str, Any]:
        return {
            "type": "featurestoreS3ConnectorDTO",
            "id": 3,
            "featurestoreId": _STORE["featurestoreId"],
            "name": CONNECTOR,
            "storageConnectorType": "S3",
            "bucket": self.bucket,
            "arguments": [],
        }


@contextmanager
def served(folder: Path, **settings: Any) -> Iterator[Hopsworks]:
    """Serve it by HTTPS on a free port of this machine, with a certificate of its own."""
    found = Hopsworks(folder, **settings)
    _certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            status, answer = found.answer(self.command, self.path, self.headers.get("Authorization"), body)
            text = b"<html>Welcome</html>" if found.strange else json.dumps(answer).encode()
            self.send_response(200 if found.strange else status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = _do  # noqa: N815 # named by the library

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        found.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield found
        finally:
            server.shutdown()


def _certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*plain))


if __name__ == "__main__":
    with served(Path(sys.argv[1])) as running:
        print(json.dumps(running.variables), flush=True)
        threading.Event().wait()
