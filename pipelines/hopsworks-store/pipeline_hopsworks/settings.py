"""Where Hopsworks is, and the key by which it is asked: variables under the names that its own client has."""

from pathlib import Path

from pipeline_shared.settings import SettingsError
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_EXPECTED = {
    "HOPSWORKS_HOST": "name of the server, for example hopsworks.example.org, without scheme and port",
    "HOPSWORKS_PORT": "its port from 1 to 65535, for example 443",
    "HOPSWORKS_PROJECT": "project in which the feature store is",
    "HOPSWORKS_CONNECTOR": "storage connector of that project which reads the platform's bucket",
    "HOPSWORKS_API_KEY": "API key with the scopes project and featurestore",
    "HOPSWORKS_TRUST_STORE_PATH": "PEM file of the CA of its certificate; absent trusts the public ones",
}


class HopsworksSettings(BaseSettings):
    """One project of a Hopsworks server."""

    model_config = SettingsConfigDict(env_prefix="HOPSWORKS_", env_ignore_empty=True)

    host: str = Field(pattern=r"^[A-Za-z0-9.-]+$")
    port: int = Field(default=443, ge=1, le=65535)
    project: str
    connector: str
    api_key: SecretStr
    trust_store_path: Path | None = None


def load() -> HopsworksSettings:
    """Read the environment.

    Raises:
        SettingsError: variables are missing or wrong, all of them in one message; it shows no value of the key.
    """
    try:
        found = HopsworksSettings()
    except ValidationError as error:
        places = [f"HOPSWORKS_{str(each['loc'][0]).upper()}" for each in error.errors(include_url=False)]
        lines = [f"  {name}: {_EXPECTED.get(name, 'is wrong')}" for name in dict.fromkeys(places)]
        raise SettingsError("\n".join(["settings: missing or wrong, so nothing was asked:", *lines])) from None
    trusted = found.trust_store_path
    if trusted is not None and not trusted.is_file():
        raise SettingsError(f"settings: HOPSWORKS_TRUST_STORE_PATH {trusted}: isn't a file; name a PEM file of the CA")
    return found
