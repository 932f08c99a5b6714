"""Settings of the API, from the environment; all that is wrong is told at once."""

import re
from pathlib import Path
from typing import Annotated, Any

from pipeline_shared.settings import SettingsError
from pydantic import AfterValidator, BeforeValidator, Field, FilePath, SecretStr, StringConstraints, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipeline_mlops.serving.experiments import Experiment, read_experiments

_EXPECTED = {
    "MLFLOW_TRACKING_URI": "address of MLflow, for example http://127.0.0.1:5000; user and password are variables of"
    " their own (MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD)",
    "MLFLOW_TRACKING_SERVER_CERT_PATH": "file of the authority by which MLflow's certificate is known, as PEM",
    "TLS_CERTIFICATE_FILE": "file of its certificate, as PEM",
    "TLS_KEY_FILE": "file of the certificate's key, as PEM; the two go together",
    "MODEL": "registered model, for example identity-masker",
    "MODEL_ALIAS": "alias of the version that is served, for example production",
    "MODEL_VERSION": "number of the version that is served instead of the one with the alias, for example 3",
    "MODEL_BUCKET": "bucket of MLflow's artifacts, for example mlops-artifacts",
    "MODEL_CACHE": "folder that keeps the loaded model for a start without MLflow",
    "EXPERIMENTS": "what bucketworks makes of the key experiments of the platform's file",
    "JWT_JWKS": "public keys of who signs tokens: https://, the path of a file, or http:// of this machine's loopback",
    "JWT_ISSUER": "who signs tokens (iss)",
    "JWT_AUDIENCE": "for whom tokens are (aud)",
}
# Who can change what http:// brings can make any token.
_JWKS = re.compile(r"https://[^/?#@\s]+(?:/\S*)?|http://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]+)?(?:/\S*)?")


def _place(text: str) -> str:
    if "://" in text and not _JWKS.fullmatch(text):
        raise ValueError("is an address that isn't taken")
    return text


def _experiments(given: Any) -> Any:
    return read_experiments(given) if isinstance(given, str) else given


class ApiSettings(BaseSettings):
    """What the API is told when it starts. The key of the bucket stands in MINIO_* (pipeline_shared)."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", protected_namespaces=())

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    tls_certificate_file: FilePath | None = None
    """Read again when it is renewed; without it the API speaks plain HTTP."""
    tls_key_file: FilePath | None = None
    platform: str = "mlops"
    mlflow_tracking_uri: Annotated[str, StringConstraints(pattern=r"^https?://[^/?#@\s]+(/[^?#@\s]*)?$")]
    mlflow_tracking_server_cert_path: FilePath | None = None
    """By which authority MLflow is known, where no other one vouches for it."""
    mlflow_tracking_username: str | None = None
    mlflow_tracking_password: SecretStr | None = None
    model: str = "identity-masker"
    model_alias: str = "production"
    model_version: int | None = Field(default=None, ge=1)
    """Number of the version that is served, whatever has the alias."""
    model_bucket: str = "mlops-artifacts"
    model_prefix: str = ""
    model_cache: Path
    refresh_seconds: float = Field(default=10, gt=0, le=3600)
    """How often the registry is asked which version has the alias."""

    experiments: Annotated[list[Experiment], NoDecode, BeforeValidator(_experiments)] = []
    """Of the platform's file, as JSON; the login of PostgreSQL stands in PG_* (pipeline_shared)."""
    records_folder: Path | None = None
    most_records: int = Field(default=200_000, ge=1)
    """Records of experiments that may wait for the database, 300 bytes each."""

    jwt_jwks: Annotated[str, AfterValidator(_place)]
    jwt_issuer: str
    jwt_audience: str = "model-api"
    jwt_roles_claim: str = "roles"
    """Where the roles stand in a token; dots lead into objects (`realm_access.roles`)."""

    requests_per_minute: int = Field(default=600, ge=1)
    """Of one subject, at this replica."""
    most_body_bytes: int = Field(default=262_144, ge=1024)
    most_texts: int = Field(default=64, ge=1)
    """In one request."""
    most_characters: int = Field(default=50_000, ge=1)
    """In all texts of one request: a pass may need 3 KB of memory and 20 microseconds for each."""
    most_waiting: int = Field(default=256, ge=1)
    """Requests that wait for a prediction; the next one is told to come back."""
    most_waiting_characters: int = Field(default=500_000, ge=1)
    """Of texts that wait for a prediction, all together."""
    most_held_bytes: int = Field(default=33_554_432, ge=1024)
    """Of bodies that are being sent, all together."""
    most_connections: int = Field(default=4096, ge=10)
    header_seconds: float = Field(default=5, gt=0)
    body_seconds: float = Field(default=10, gt=0)
    answer_seconds: float = Field(default=10, gt=0)
    stop_seconds: int = Field(default=20, ge=1)
    """How long requests that run may go on after SIGTERM."""
    docs: bool = True
    """Serve /docs and /openapi.json."""
    drift_texts: int = Field(default=500, ge=10)
    """How many of the newest texts are compared with those of the training, and two fifths of it are the fewest."""

    def of(self, alias: str) -> "ApiSettings":
        """Answer these settings for another alias, whose version is kept in a folder of its own.

        A version by its number is that of the model's own alias alone.
        """
        if alias == self.model_alias:
            return self
        own = self.model_cache / f"alias-{alias}"
        return self.model_copy(update={"model_alias": alias, "model_version": None, "model_cache": own})


def load_api_settings() -> ApiSettings:
    """Read them from the environment.

    Raises:
        SettingsError: names every variable that is missing or wrong, with what is expected of it.
    """
    try:
        settings = ApiSettings()
    except ValidationError as error:
        faults = [_sentence(each) for each in error.errors(include_url=False, include_context=False)]
        count = f"{len(faults)} variables are" if len(faults) > 1 else "1 variable is"
        raise SettingsError(
            "\n  ".join([f"settings: {count} missing or wrong, so nothing was started", *faults])
        ) from None
    if (settings.tls_certificate_file is None) != (settings.tls_key_file is None):
        raise SettingsError("settings: TLS_CERTIFICATE_FILE and TLS_KEY_FILE go together, and one is missing")
    return settings


def _sentence(fault: Any) -> str:
    name = str(fault["loc"][0]).upper()
    expected = f"; expected: {_EXPECTED[name]}" if name in _EXPECTED else ""
    if fault["type"] == "missing":
        return f"{name}: missing{expected}"
    # An address with an @ may hold a password.
    shown = "" if "PASSWORD" in name or "@" in str(fault["input"]) else f"{str(fault['input'])!r} "
    return f"{name}: {shown}{fault['msg']}{expected}"
