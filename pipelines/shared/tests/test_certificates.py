"""Certificates of a server that runs on while its files are renewed."""

import datetime
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pipeline_shared.certificates import renewing


def _write(folder: Path, serial: int) -> None:
    """Certificate and key of `localhost`, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "tls.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "tls.crt").write_bytes(made.public_bytes(Encoding.PEM))


async def _application(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204})
    await send({"type": "http.response.body"})


@contextmanager
def _served(folder: Path, loop: Any) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            _application,
            loop=loop,
            lifespan="off",
            log_config=None,
            ssl_certfile=folder / "tls.crt",
            ssl_keyfile=folder / "tls.key",
            ssl_context_factory=renewing,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def _serial(port: int, name: str | None) -> int:
    """Number of the certificate that a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=name) as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


def test_a_renewed_certificate_is_served_without_a_start_also_to_who_names_no_host(tmp_path: Path) -> None:
    for loop in ("asyncio", "uvloop"):
        _write(tmp_path, 1)
        with _served(tmp_path, loop) as port:
            assert [_serial(port, "localhost"), _serial(port, None)] == [1, 1]
            _write(tmp_path, 2)
            assert [_serial(port, "localhost"), _serial(port, None)] == [2, 2]


def test_files_that_do_not_fit_together_or_are_gone_leave_the_former_certificate(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _write(tmp_path, 1)
    _write(other, 2)
    with _served(tmp_path, "asyncio") as port:
        shutil.copy(other / "tls.crt", tmp_path / "tls.crt")
        assert _serial(port, "localhost") == 1
        (tmp_path / "tls.crt").unlink()
        assert _serial(port, "localhost") == 1
        shutil.copy(other / "tls.crt", tmp_path / "tls.crt")
        shutil.copy(other / "tls.key", tmp_path / "tls.key")
        assert _serial(port, "localhost") == 2
