"""A server of another project that a test starts, and ends whatever comes of the test."""

import contextlib
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

LIMIT_SECONDS = 180


def free_port() -> int:
    """A port of the loopback that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], health: str, folder: Path, **env: str) -> Iterator[None]:
    """Run a server until the end of the block.

    Args:
        command: it stays in the foreground.
        health: an address that answers once it is ready.
        folder: of its log, and its home.
        env: its settings, beside a PATH and HOME.
    """
    with (folder / "server.log").open("wb") as log:
        settings = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DO_NOT_TRACK": "1",
            "NO_PROXY": "127.0.0.1",
            **env,
        }
        with subprocess.Popen(command, cwd=folder, env=settings, stdout=log, stderr=subprocess.STDOUT) as server:
            try:
                _wait(server, health)
                yield
            except BaseException:
                log.flush()
                print((folder / "server.log").read_text()[-4000:])
                raise
            finally:
                server.terminate()
                try:
                    server.wait(20)
                except subprocess.TimeoutExpired:
                    server.kill()


def _wait(server: "subprocess.Popen[bytes]", health: str) -> None:
    last = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < last:
        assert server.poll() is None, "the server ended"
        try:
            with urllib.request.urlopen(health, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"{health} doesn't answer")
