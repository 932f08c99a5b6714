"""Who calls: a JWT, signed by RS256 with a key of the JWKS, for this audience and from this issuer."""

import asyncio
import base64
import hashlib
import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import structlog

from pipeline_mlops.failed import FailedError

ROLES = ("reader", "predictor", "admin")
"""Each may do what those before it may."""

_ALGORITHM = "RS256"
_FRESH_SECONDS = 300
_MOST_SECONDS = (
    3600  # without an answer of their place: a key that was withdrawn meanwhile would let people in for ever
)
_PAUSE_SECONDS = 10  # between two looks for a key that isn't known
_LEAST_BITS = 2048
_MOST_BYTES = 1_000_000
_LEEWAY_SECONDS = 10
_MOST_VERIFIED = 4096


class RefusedError(Exception):
    """A token isn't taken; the sentence is for who sent it, and holds nothing of the token."""


@dataclass(frozen=True)
class Caller:
    """Who calls, and the roles that this API knows of him."""

    subject: str
    roles: frozenset[str]

    def may(self, role: str) -> bool:
        """Tell whether he has a role, or one above it."""
        return any(each in self.roles for each in ROLES[ROLES.index(role) :])


class Keys:
    """The public keys of a JWKS, read again when they are old or a token names another one."""

    def __init__(self, place: str, now: Callable[[], float] = time.monotonic) -> None:
        """Begin without keys.

        Args:
            place: an address (https://, or http:// within a machine), or the path of a file.
            now: a clock, in seconds.
        """
        self._place = place
        self._now = now
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._read_at = 0.0
        self._tried_at = 0.0
        self._reading = asyncio.Lock()

    async def find(self, key_id: str) -> jwt.PyJWK | None:
        """Answer the key of an id; while their place doesn't answer, those that were read are kept for an hour."""
        if key_id in self._keys and self._age() <= _FRESH_SECONDS:
            return self._keys[key_id]
        # Who comes while they are read waits for them: the first requests come together.
        async with self._reading:
            if self._due() or (key_id not in self._keys and self._may_try()):
                await self._refresh()
        return self._keys.get(key_id) if self._age() <= _MOST_SECONDS else None

    def _age(self) -> float:
        return self._now() - self._read_at

    def _due(self) -> bool:
        return self._age() > _FRESH_SECONDS and self._may_try()

    def _may_try(self) -> bool:
        return self._tried_at == 0.0 or self._now() - self._tried_at > _PAUSE_SECONDS

    async def _refresh(self) -> None:
        self._tried_at = self._now()
        try:
            self._keys = _usable(json.loads(await asyncio.to_thread(_content, self._place)))
            self._read_at = self._tried_at
        except Exception as error:  # whatever answers there: those that were read are still known
            structlog.get_logger().error("the JWKS can't be read", place=self._place, reason=type(error).__name__)


def _content(place: str) -> bytes:
    if not place.startswith(("http://", "https://")):
        return Path(place).read_bytes()
    with urllib.request.build_opener(_NoRedirects).open(place, timeout=5) as answer:
        content: bytes = answer.read(_MOST_BYTES)
    return content


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect leads to keys of somebody whom nobody named, or away from https."""

    def redirect_request(self, *_: Any) -> None:
        """Follow none: the answer is an error then."""


def _usable(plain: Any) -> dict[str, jwt.PyJWK]:
    """Those of RSA alone: a secret that stands there by mistake would let anybody sign who reads it."""
    usable = {}
    for number, each in enumerate(plain["keys"], 1):
        try:
            if each.get("kty") != "RSA" or each.get("use", "sig") != "sig" or each.get("alg", _ALGORITHM) != _ALGORITHM:
                continue
            key = jwt.PyJWK(each, algorithm=_ALGORITHM)
            if isinstance(each.get("kid"), str) and key.key.key_size >= _LEAST_BITS:
                usable[each["kid"]] = key
        except Exception as error:  # whatever an entry leads to that is no key: the others are still good
            structlog.get_logger().warning(
                "an entry of the JWKS is left out: it is no key", number=number, reason=type(error).__name__
            )
    return usable


class Door:
    """Judges tokens."""

    def __init__(
        self, keys: Keys, issuer: str, audience: str, roles_claim: str, most_verified: int = _MOST_VERIFIED
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._claim = roles_claim.split(".")
        self.verified = Verified(most_verified)

    async def caller(self, authorization: str | None) -> Caller:
        """Judge the header of a request.

        Raises:
            RefusedError: it has no token, or one that isn't taken.
        """
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or token == "":
            raise RefusedError("a token is needed: Authorization: Bearer TOKEN")
        known = self.verified.find(token)
        # The key as it is now: one that was withdrawn or read anew since ends what it verified.
        if known is not None and await self._keys.find(known.key_id) is known.key:
            return known.caller
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise RefusedError("the token is no JWT") from None
        key_id = header.get("kid")
        if header.get("alg") != _ALGORITHM or not isinstance(key_id, str):
            raise RefusedError(f"the token is to be signed by {_ALGORITHM}, and to name its key (kid)")
        key = await self._keys.find(key_id)
        if key is None:
            raise RefusedError("the token is signed by a key that isn't known here")
        caller, until = self._judged(token, key)
        self.verified.keep(token, _Known(caller, key_id, key, until))
        return caller

    def _judged(self, token: str, key: jwt.PyJWK) -> tuple[Caller, float]:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[_ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise RefusedError("the token has expired; ask for a new one") from None
        except jwt.InvalidAudienceError:
            raise RefusedError("the token is for another audience") from None
        except jwt.InvalidIssuerError:
            raise RefusedError("the token is from another issuer") from None
        except jwt.MissingRequiredClaimError as error:
            raise RefusedError(f"the token lacks {error.claim}") from None
        except jwt.InvalidTokenError:
            raise RefusedError("the token isn't valid") from None
        subject = str(claims["sub"])
        if not 0 < len(subject) <= 200:
            raise RefusedError("the token has a subject that is empty or too long")
        roles = frozenset(_roles(claims, self._claim)) & frozenset(ROLES)
        return Caller(subject, roles), int(claims["exp"]) + _LEEWAY_SECONDS


@dataclass(frozen=True)
class _Known:
    caller: Caller
    key_id: str
    key: jwt.PyJWK
    until: float


class Verified:
    """Tokens whose signature was checked, by their digests, until they expire."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[bytes, _Known] = {}

    def find(self, token: str) -> _Known | None:
        """Answer what is known of a token that holds still."""
        known = self._known.get(_digest(token))
        return known if known is not None and time.time() < known.until else None

    def keep(self, token: str, known: _Known) -> None:
        """Keep one more; the oldest leaves where there are too many."""
        if len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[_digest(token)] = known


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _roles(claims: Any, path: list[str]) -> list[str]:
    found = claims
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def sign(key_file: Path, claims: Mapping[str, Any]) -> str:
    """Sign a token with the key of a laptop.

    Raises:
        FailedError: the key isn't there, or is none.
    """
    try:
        pem = key_file.read_bytes()
    except OSError as error:
        raise FailedError(
            f"{key_file}: the signing key can't be read ({error.strerror}); make services makes one"
        ) from None
    try:
        return jwt.encode(dict(claims), pem, algorithm=_ALGORITHM, headers={"kid": key_id_of(pem)})
    except (ValueError, TypeError, jwt.InvalidKeyError):
        raise FailedError(f"{key_file}: is no private key of RSA in PEM") from None


def key_id_of(pem: bytes) -> str:
    """Name a key by its public part: SHA-256 of it (RFC 7638)."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415  of `token` alone

    private: Any = load_pem_private_key(pem, password=None)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private.public_key()))
    thumb = json.dumps({name: public[name] for name in ("e", "kty", "n")}, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(thumb.encode()).digest()).rstrip(b"=").decode()
