"""A model API that a test starts, and who calls it."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from model_servers import ROOT, Env, free_port, serving, wait_for

from pipeline_mlops.serving.tokens import key_id_of

PROGRAM = ROOT / ".bucketworks" / "pipelines" / "venv" / "bin" / "model-api"
ISSUER = "https://issuer.example"
AUDIENCE = "model-api"


class Signer:
    """Signs tokens, and publishes its key as a JWKS."""

    def __init__(self, folder: Path) -> None:
        """Make a key; its private part is beside the JWKS, as `make services` has it."""
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.pem = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.key_id = key_id_of(self.pem)
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "signing.pem").write_bytes(self.pem)
        self.publish()

    @property
    def public(self) -> dict[str, Any]:
        """The key as it stands in a JWKS."""
        made: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {**made, "kid": self.key_id, "use": "sig", "alg": "RS256"}

    def publish(self, *others: Mapping[str, Any]) -> None:
        """Write the JWKS."""
        (self.folder / "jwks.json").write_text(json.dumps({"keys": [self.public, *others]}))

    def token(self, *roles: str, subject: str = "tester", key_id: str | None = None, **claims: Any) -> str:
        """Sign one; a claim that is None is left out."""
        now = int(time.time())
        said = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "roles": list(roles), "iat": now, "exp": now + 600}
        given = {name: value for name, value in {**said, **claims}.items() if value is not None}
        return jwt.encode(given, self.pem, algorithm="RS256", headers={"kid": key_id or self.key_id})


@dataclass(frozen=True)
class Served:
    """An API that runs."""

    url: str
    signer: Signer
    folder: Path
    process: Any

    def client(self, *roles: str, subject: str = "tester") -> httpx.Client:
        """Call it with roles; without any, without a token."""
        headers = {"Authorization": f"Bearer {self.signer.token(*roles, subject=subject)}"} if roles else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def metrics(self) -> str:
        """What Prometheus would read."""
        return httpx.get(f"{self.url}/metrics", trust_env=False).text

    def log(self) -> list[dict[str, Any]]:
        """The lines of its log; each is JSON."""
        return [json.loads(line) for line in (self.folder / "server.log").read_text().splitlines()]

    def ready(self) -> bool:
        """Whether predictions are answered."""
        return httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200


@contextmanager
def api(folder: Path, env: Env, *, wait: bool = True, signer: Signer | None = None) -> Iterator[Served]:
    """Run an API until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    signer = signer or Signer(folder / "keys")
    port = free_port()
    settings = {
        "PORT": str(port),
        "MODEL_CACHE": str(folder / "cache"),
        "JWT_JWKS": str(signer.folder / "jwks.json"),
        "JWT_ISSUER": ISSUER,
        "REFRESH_SECONDS": "0.5",
        **env,
    }
    url = f"http://127.0.0.1:{port}"
    with serving([str(PROGRAM), "serve"], f"{url}/health/live", folder, settings) as process:
        served = Served(url, signer, folder, process)
        if wait:
            wait_for(served.ready)
        yield served
