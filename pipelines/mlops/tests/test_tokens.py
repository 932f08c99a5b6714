"""Who is let in: tokens of all kinds against an API that runs."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import jwt
import pytest
from model_servers import Env, Run, wait_for
from running_api import AUDIENCE, ISSUER, Served, Signer, api

from pipeline_mlops.serving.tokens import Caller, Door, Keys

_NOW = int(time.time())


@pytest.fixture(scope="module")
def served(registered: Env, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One API for the tests of this file."""
    with api(tmp_path_factory.mktemp("tokens"), registered) as running:
        yield running


def ask(served: Served, token: str | None, path: str = "/model") -> httpx.Response:
    """Ask what needs the role reader."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{served.url}{path}", headers=headers, trust_env=False)


def encoded(part: object) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(served: Served) -> str:
    """A token with `alg: none`."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "roles": ["admin"], "exp": 2**31}
    return f"{encoded({'alg': 'none', 'typ': 'JWT', 'kid': served.signer.key_id})}.{encoded(claims)}."


def signed_with_the_public_key(served: Served) -> str:
    """A token with HS256, whose secret is the public key: what confuses a careless verifier."""
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "roles": ["admin"], "exp": 2**31}
    head = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': served.signer.key_id})}.{encoded(claims)}"
    secret = json.dumps(served.signer.public).encode()
    signature = hmac.new(secret, head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def forged(served: Served, folder: Path) -> str:
    """A token of another key, that names ours."""
    return Signer(folder / "other").token("admin", key_id=served.signer.key_id)


def test_tokens_that_anybody_could_make_are_refused(served: Served, tmp_path: Path) -> None:
    good = served.signer.token("reader")
    head, body, signature = good.split(".")
    roles = encoded({**jwt.decode(good, options={"verify_signature": False}), "roles": ["admin"]})
    for token, why in (
        (None, "a token is needed"),
        ("nonsense", "the token is no JWT"),
        (unsigned(served), "is to be signed by RS256"),
        (signed_with_the_public_key(served), "is to be signed by RS256"),
        (forged(served, tmp_path), "the token isn't valid"),
        (f"{head}.{roles}.{signature}", "the token isn't valid"),
        (f"{head}.{body}.{signature[:-4]}AAAA", "the token isn't valid"),
    ):
        refused = ask(served, token)
        assert refused.status_code == 401, why
        assert why in refused.json()["detail"]
        assert refused.headers["www-authenticate"] == "Bearer"
    assert ask(served, good).status_code == 200


def test_tokens_that_are_not_for_this_api_or_hold_no_longer_are_refused(served: Served) -> None:
    token = served.signer.token
    for given, why in (
        (token("reader", exp=_NOW - 60), "the token has expired"),
        (token("reader", aud="another-api"), "is for another audience"),
        (token("reader", iss="https://other.example"), "is from another issuer"),
        (token("reader", nbf=2**31), "the token isn't valid"),
        (token("reader", exp=None), "the token lacks exp"),
        (token("reader", aud=None), "the token lacks aud"),
        (token("reader", sub=None), "the token lacks sub"),
        (token("reader", sub=""), "a subject that is empty"),
        (token("reader", key_id="unknown"), "signed by a key that isn't known here"),
        (jwt.encode({"sub": "x"}, served.signer.pem, algorithm="RS256"), "to name its key (kid)"),
    ):
        refused = ask(served, given)
        assert refused.status_code == 401, why
        assert why in refused.json()["detail"]


def test_a_role_opens_what_it_is_for_and_nothing_above_it(served: Served) -> None:
    opened = {}
    for role in ("reader", "predictor", "admin", "stranger"):
        with served.client(role) as client:
            opened[role] = [
                client.get("/model").status_code,
                client.post("/predict", json={"text": "x"}).status_code,
                client.post("/model/reload").status_code,
            ]
    assert opened == {
        "reader": [200, 403, 403],
        "predictor": [200, 200, 403],
        "admin": [200, 200, 200],
        "stranger": [403, 403, 403],
    }
    assert ask(served, served.signer.token("reader", roles="admin")).status_code == 403


def test_a_key_that_the_issuer_adds_is_known_without_a_start_and_a_secret_among_keys_is_none(
    registered: Env, tmp_path: Path
) -> None:
    signer, newer = Signer(tmp_path / "signer"), Signer(tmp_path / "newer")
    secret = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(b"s" * 32).decode(), "alg": "HS256"}
    dropped = [{**newer.public, "kid": "for-secrets", "use": "enc"}, {**newer.public, "kid": "other", "alg": "RS512"}]
    signer.publish(*dropped, secret)
    with api(tmp_path / "api", registered, wait=False, signer=signer) as served:
        assert ask(served, signer.token("admin"), "/model").status_code in (200, 503)
        for key_id in ("for-secrets", "other", "shared", newer.key_id):
            refused = ask(served, newer.token("admin", key_id=key_id))
            assert (refused.status_code, "isn't known here" in refused.json()["detail"]) == (401, True)
        signer.publish(*dropped, secret, newer.public)
        wait_for(lambda: ask(served, newer.token("admin"), "/model").status_code in (200, 503))
        assert ask(served, newer.token("admin", key_id="for-secrets")).status_code == 401


def test_the_first_requests_that_come_together_all_wait_for_the_keys(tmp_path: Path) -> None:
    signer = Signer(tmp_path)
    door = Door(Keys(str(tmp_path / "jwks.json")), ISSUER, AUDIENCE, "roles")
    token = f"Bearer {signer.token('reader')}"

    async def at_once() -> list[Caller]:
        return list(await asyncio.gather(*(door.caller(token) for _ in range(20))))

    assert {each.subject for each in asyncio.run(at_once())} == {"tester"}


def test_a_token_of_this_laptop_is_signed_by_its_own_key_and_a_missing_key_is_a_sentence(
    run: Run, tmp_path: Path
) -> None:
    signer = Signer(tmp_path / "laptop")
    made = run("model-api", "token", "--role", "predictor", "--subject", "ana", "--folder", str(signer.folder))
    assert made.returncode == 0, made.stderr
    token = made.stdout.strip()
    assert jwt.get_unverified_header(token)["kid"] == signer.key_id
    claims = jwt.decode(
        token, signer.key.public_key(), algorithms=["RS256"], audience="model-api", issuer="bucketworks-laptop"
    )
    assert (claims["sub"], claims["roles"]) == ("ana", ["predictor"])
    missing = run("model-api", "token", "--role", "reader", "--subject", "ana", "--folder", str(tmp_path))
    assert missing.returncode == 1
    assert "the signing key can't be read" in missing.stderr
    assert run("model-api", "token", "--role", "root", "--subject", "ana").returncode == 2
