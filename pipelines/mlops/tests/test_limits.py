"""What an API does with too much: requests, bytes, clients that are slow, and a stop in between."""

import asyncio
import contextlib
import signal
import socket
from pathlib import Path

import httpx
from model_servers import Env, wait_for
from running_api import Served, api

MANY = 1000


def raw(served: Served) -> tuple[str, int]:
    """Where it listens."""
    url = httpx.URL(served.url)
    return url.host, int(url.port or 0)


def count(served: Served, reason: str) -> float:
    """How many requests were refused for a reason."""
    line = next(each for each in served.metrics().splitlines() if f'rejected_total{{reason="{reason}"}}' in each)
    return float(line.rpartition(" ")[2])


def test_more_requests_than_a_subject_may_make_are_told_when_to_come_back(registered: Env, tmp_path: Path) -> None:
    with api(tmp_path, {**registered, "REQUESTS_PER_MINUTE": "5"}) as served:
        with served.client("predictor", subject="busy") as client:
            answers = [client.post("/predict", json={"text": "x"}) for _ in range(7)]
        assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 120
        with served.client("predictor", subject="other") as client:
            assert client.post("/predict", json={"text": "x"}).status_code == 200
        assert count(served, "rate") == 2


def test_bodies_that_are_too_long_are_refused_before_they_are_read(registered: Env, tmp_path: Path) -> None:
    with api(tmp_path, {**registered, "MOST_BODY_BYTES": "2048", "MOST_TEXTS": "3"}) as served:
        with served.client("predictor") as client:
            assert client.post("/predict", json={"text": "x" * 3000}).status_code == 413

            def parts() -> object:
                for _ in range(100):
                    yield b"x" * 100

            streamed = client.post("/predict", content=parts())  # type: ignore[arg-type]  # without a length
            assert streamed.status_code == 413
            many = client.post("/predict", json={"texts": ["a"] * 4})
            assert (many.status_code, many.json()["detail"]) == (413, "more than 3 texts in one request")
            assert client.post("/predict", json={"text": "x"}).status_code == 200
        with socket.create_connection(raw(served)) as nobody:
            nobody.sendall(b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\n")
            # Without a token there is an answer while the body is still awaited.
            assert nobody.recv(100).startswith(b"HTTP/1.1 401")
        assert count(served, "size") == 3


def test_a_thousand_clients_that_send_slowly_keep_nobody_else_waiting_and_are_sent_away(
    registered: Env, tmp_path: Path
) -> None:
    with api(tmp_path, {**registered, "HEADER_SECONDS": "4", "BODY_SECONDS": "4"}) as served:
        host, port = raw(served)
        token = served.signer.token("predictor", subject="slow").encode()
        head = b"POST /predict HTTP/1.1\r\nHost: x\r\n"
        body = head + b"Authorization: Bearer " + token + b"\r\nContent-Length: 500\r\n\r\n{"

        async def slow(begin: bytes) -> bytes:
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(begin)
            await writer.drain()
            answer = await reader.read(200)
            writer.close()
            return answer

        async def all_of_them() -> tuple[int, list[bytes]]:
            clients = [asyncio.create_task(slow(head if each % 2 else body)) for each in range(MANY)]
            await asyncio.sleep(1)
            headers = {"Authorization": f"Bearer {served.signer.token('predictor', subject='quick')}"}
            async with httpx.AsyncClient(base_url=served.url, headers=headers, trust_env=False, timeout=30) as quick:
                answers = [(await quick.post("/predict", json={"text": "x"})).status_code for _ in range(5)]
            assert answers == [200] * 5
            still = sum(not each.done() for each in clients)
            return still, await asyncio.gather(*clients)

        still, answers = asyncio.run(all_of_them())
        assert still > 0
        told = [each for each in answers if each]
        # Half never ended their headers and are closed without a word; the others wait, or were too many in a minute.
        assert len(answers) - len(told) == MANY / 2
        assert {each.split(b" ")[1] for each in told} <= {b"408", b"429"}
        assert served.ready()


def test_requests_beyond_those_that_may_wait_are_told_to_come_back(registered: Env, tmp_path: Path) -> None:
    with api(tmp_path, {**registered, "MOST_WAITING": "2", "REQUESTS_PER_MINUTE": "100000"}) as served:
        headers = {"Authorization": f"Bearer {served.signer.token('predictor')}"}

        async def at_once() -> list[httpx.Response]:
            text = "Ada King, ada@example.org " * 400
            async with httpx.AsyncClient(base_url=served.url, headers=headers, trust_env=False, timeout=60) as client:
                return list(await asyncio.gather(*(client.post("/predict", json={"text": text}) for _ in range(40))))

        answers = asyncio.run(at_once())
        codes = {each.status_code for each in answers}
        assert codes == {200, 503}
        assert all(each.headers["retry-after"] == "1" for each in answers if each.status_code == 503)
        assert count(served, "busy") == sum(each.status_code == 503 for each in answers)


def test_a_stop_lets_requests_that_run_be_answered_and_takes_no_new_ones(registered: Env, tmp_path: Path) -> None:
    with api(tmp_path, registered) as served:
        with socket.create_connection(raw(served)) as begun:
            text = b'{"text": "write to ada@example.org"}'
            token = served.signer.token("predictor").encode()
            begun.sendall(
                b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                + token
                + f"\r\nContent-Length: {len(text)}\r\n\r\n".encode()
                + text[:5]
            )
            wait_for(lambda: "model_api_in_flight 2.0" in served.metrics())
            served.process.send_signal(signal.SIGTERM)
            wait_for(lambda: refuses(raw(served)))
            begun.sendall(text[5:])
            # Its head may come before its body; the server closes behind both.
            answer = b"".join(iter(lambda: begun.recv(65_536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"[EMAIL]" in answer
        # uvicorn ends as SIGTERM ends a program, once all is done.
        assert served.process.wait(30) == -signal.SIGTERM
        assert served.log()[-1]["message"] == "stopped"


def refuses(place: tuple[str, int]) -> bool:
    """Whether nobody listens any more."""
    with contextlib.closing(socket.socket()) as asked:
        return asked.connect_ex(place) != 0
