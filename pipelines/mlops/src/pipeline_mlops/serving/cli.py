"""Command of the API: `model-api serve`, and `model-api token` for a laptop."""

import argparse
import logging
import os
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import structlog
from pipeline_shared.log import configure_log, hide
from pipeline_shared.settings import SettingsError, load_minio_settings, load_postgres_settings

from pipeline_mlops.command import end, parser

if TYPE_CHECKING:
    from pipeline_mlops.serving.dealing import Dealer
    from pipeline_mlops.serving.settings import ApiSettings

_MOST_HOURS = 24 * 30


def model_api() -> NoReturn:
    """Serve a model, or sign a token."""
    asked = parser("model-api", "serve a registered model over HTTP")
    commands = asked.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve; settings come from the environment (docs/model-api.md)")
    serve.add_argument("--jwks", help="in place of JWT_JWKS")
    serve.add_argument("--listen", type=_address, help="host:port, in place of HOST and PORT")
    serve.add_argument("--cache", help="in place of MODEL_CACHE")
    serve.add_argument("--records", help="in place of RECORDS_FOLDER")
    token = commands.add_parser("token", help="print a token of this laptop, signed by the key that make services made")
    token.add_argument("--role", action="append", choices=["reader", "predictor", "admin"], required=True)
    token.add_argument("--subject", type=_subject, required=True, help="who uses it; limits are counted by it")
    token.add_argument("--hours", type=_hours, default=12, help=f"how long it holds, at most {_MOST_HOURS} (12)")
    token.add_argument(
        "--folder",
        type=Path,
        default=Path(".bucketworks/services/mlops-model-api"),
        help="where the key is (.bucketworks/services/mlops-model-api)",
    )
    given = asked.parse_args()
    end("model-api", lambda: _serve(given) if given.command == "serve" else _token(given))


def _token(given: argparse.Namespace) -> int:
    from pipeline_mlops.serving.tokens import sign  # noqa: PLC0415

    now = int(time.time())
    claims = {
        "iss": "bucketworks-laptop",
        "aud": "model-api",
        "sub": given.subject,
        "roles": given.role,
        "iat": now,
        "exp": now + given.hours * 3600,
    }
    print(sign(given.folder / "signing.pem", claims))
    return 0


def _serve(given: argparse.Namespace) -> int:
    host, port = given.listen or (None, None)
    named = {"JWT_JWKS": given.jwks, "MODEL_CACHE": given.cache, "HOST": host, "PORT": port}
    named["RECORDS_FOLDER"] = given.records
    os.environ.update({name: value for name, value in named.items() if value is not None})
    from pipeline_mlops.serving.settings import load_api_settings  # noqa: PLC0415

    settings = load_api_settings()
    minio = load_minio_settings()
    password = settings.mlflow_tracking_password
    hide(minio.secret_key.get_secret_value(), password.get_secret_value() if password else "")
    configure_log("", service="model-api", platform=settings.platform)
    logging.basicConfig(level=logging.WARNING, handlers=[_ToStructlog()], force=True)
    _raise_open_files()

    import uvicorn  # noqa: PLC0415  these take seconds, which a wrong setting doesn't pay
    from pipeline_shared.certificates import renewing  # noqa: PLC0415
    from pipeline_shared.connections import minio_client  # noqa: PLC0415

    from pipeline_mlops.config import load_config  # noqa: PLC0415
    from pipeline_mlops.model import code_of  # noqa: PLC0415
    from pipeline_mlops.serving.app import Api  # noqa: PLC0415
    from pipeline_mlops.serving.loading import Loader, Windows  # noqa: PLC0415
    from pipeline_mlops.serving.patience import patient_for  # noqa: PLC0415
    from pipeline_mlops.serving.registry import Registry  # noqa: PLC0415
    from pipeline_mlops.serving.tokens import Door, Keys  # noqa: PLC0415

    model = code_of(settings.model)
    client = minio_client(minio)
    config = load_config(settings.model)
    aliases = {settings.model_alias, *(each.alias for one in settings.experiments for each in one.variants)}
    windows = Windows()
    loaders = {
        alias: Loader(own, model, Registry(own, client), windows) for alias in aliases for own in [settings.of(alias)]
    }
    dealer = _dealer(settings, {each.name for each in config.serving.events})
    door = Door(Keys(settings.jwt_jwks), settings.jwt_issuer, settings.jwt_audience, settings.jwt_roles_claim)
    api = Api(settings, config, loaders, door, dealer)
    uvicorn.run(
        api.app,
        host=settings.host,
        port=settings.port,
        http=patient_for(settings.header_seconds),
        loop="uvloop",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks where a request came from
        limit_concurrency=settings.most_connections,
        backlog=2048,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=settings.stop_seconds,
        ssl_certfile=settings.tls_certificate_file,
        ssl_keyfile=settings.tls_key_file,
        ssl_context_factory=renewing if settings.tls_certificate_file else None,
    )
    return 0


def _dealer(settings: "ApiSettings", events: set[str]) -> "Dealer | None":
    """Open what keeps the records of experiments, where there are any."""
    if not settings.experiments:
        return None
    from pipeline_mlops.serving.dealing import Dealer  # noqa: PLC0415
    from pipeline_mlops.serving.recording import Recording  # noqa: PLC0415
    from pipeline_mlops.serving.spool import Spool  # noqa: PLC0415

    login = load_postgres_settings()
    hide(login.password.get_secret_value())
    if settings.records_folder is None:
        raise SettingsError("RECORDS_FOLDER: missing; experiments need a folder that outlives this process")
    spool = Spool(settings.records_folder, settings.most_records)
    return Dealer(settings.experiments, Recording(settings.experiments, spool, login), events)


class _ToStructlog(logging.Handler):
    """Lines of libraries, in the form of our own."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one."""
        structlog.get_logger().log(record.levelno, record.getMessage(), logger=record.name)


def _raise_open_files() -> None:
    """Each connection is an open file: a shell's usual limit of 1024 is less than the API takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(hard, 65_536) if hard != resource.RLIM_INFINITY else 65_536
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _address(text: str) -> tuple[str, str]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise argparse.ArgumentTypeError(f"must be host:port, got {text!r}")
    return host, port


def _subject(text: str) -> str:
    if not 0 < len(text) <= 200 or not text.isprintable():
        raise argparse.ArgumentTypeError("must be a name of 1 to 200 signs")
    return text


def _hours(text: str) -> Any:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= _MOST_HOURS:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {_MOST_HOURS}, got {text!r}")
    return int(text)
