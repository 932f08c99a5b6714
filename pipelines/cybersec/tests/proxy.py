"""A server between a client and MinIO that loses answers, is slow or refuses: what may happen at any moment."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator


class LossyProxy:
    """Passes requests on; the answers to the next PUTs are lost, as many as asked for.

    `refusal` is an HTTP answer that each connection gets once one was lost; `pause` holds each PUT back, in seconds.
    """

    def __init__(self, target: str) -> None:
        host, _, port = target.partition(":")
        self._target = (host, int(port))
        self.lost = 0
        self.to_lose = 0
        self.refusal = b""
        self.pause = 0.0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self.lost and self.refusal:
            client.sendall(self.refusal)
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass
            client.close()
            return
        server = socket.create_connection(self._target)
        sent: list[bytes] = []
        threading.Thread(target=self._forward, args=(client, server, sent), daemon=True).start()
        with contextlib.suppress(OSError):
            while answer := server.recv(65536):
                if b"".join(sent).rpartition(b"PUT /")[1] and self.to_lose > 0:
                    self.to_lose -= 1
                    self.lost += 1
                    break
                sent.clear()
                client.sendall(answer)
        for each in (client, server):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _forward(self, client: socket.socket, server: socket.socket, sent: list[bytes]) -> None:
        with contextlib.suppress(OSError):
            while part := client.recv(65536):
                if part.startswith(b"PUT /"):
                    time.sleep(self.pause)
                sent.append(part)
                server.sendall(part)

    def close(self) -> None:
        """Take no more connections."""
        self._server.close()


@contextlib.contextmanager
def lossy(target: str) -> Iterator[LossyProxy]:
    """Run one for a test."""
    proxy = LossyProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
