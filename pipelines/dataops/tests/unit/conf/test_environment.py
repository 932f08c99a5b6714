"""Variables under their names of Google Cloud, and the JSON file of logins."""

import json
from pathlib import Path

import pytest
from pipeline_shared.settings import SettingsError

from conf.base import Place, load_place
from conf.environment.base import Environment, load_environment

LOGIN = {
    "MINIO_ENDPOINT": "localhost:9000",
    "MINIO_ACCESS_KEY": "key-of-the-file",
    "MINIO_SECRET_KEY": "secret-of-the-file",
    "PG_HOST": "localhost",
    "PG_PORT": "5432",
    "PG_USER": "dataops_loader",
    "PG_PASSWORD": "password-of-the-file",
    "PG_DATABASE": "dataops_db",
}
NAMES = {
    "PROJECT_ID": "market-data",
    "GCS_BUCKET_NAME": "our-raw-data",
    "GCS_BUCKET_PROJECT_NAME": "spot_market",
    "BIGQUERY_RAW_DATASET": "staging_raw",
    "BIGQUERY_RAW_TABLE_NAME": "raw_binance_btcusdt_spot",
    "BIGQUERY_TRANSFORMED_DATASET": "staging_processed",
    "BIGQUERY_TRANSFORMED_TABLE_NAME": "processed_binance_btcusdt_spot",
}


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*LOGIN, *NAMES, "GOOGLE_APPLICATION_CREDENTIALS", "CONFIG_DIR", "DATAOPS_PLATFORM_FILE"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "login.json"
    file.write_text(json.dumps(LOGIN))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    return file


def place(table: str | None = None) -> Place:
    return load_place(table, Path("data"))


@pytest.mark.usefixtures("credentials")
def test_the_names_of_google_cloud_mean_what_the_platform_has(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in NAMES.items():
        monkeypatch.setenv(name, value)
    found = place()
    assert found.environment.project == "market-data"
    assert found.directory.raw.name == "our-raw-data"
    assert found.dataset == "spot_market"
    assert found.table.table == "raw_binance_btcusdt_spot"
    assert found.raw_rows.as_string(None) == '"staging_raw"."raw_binance_btcusdt_spot"'
    assert found.processed_rows.as_string(None) == '"staging_processed"."processed_binance_btcusdt_spot"'


@pytest.mark.usefixtures("credentials")
def test_without_them_the_platforms_own_names_count() -> None:
    found = place("raw_binance_btcusdt_spot")
    assert (found.directory.raw.name, found.directory.production.name) == ("dataops-staging-raw", "dataops-production")
    assert (found.environment.project, found.dataset) == ("dataops", "binance")
    assert found.raw_rows.as_string(None) == '"staging"."raw_binance_btcusdt_spot"'


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("table", "env", "said"),
    [
        (None, {}, "--table is missing, and BIGQUERY_RAW_TABLE_NAME isn't set; there is .*raw_binance_btcusdt_spot"),
        (
            "raw_other",
            {"BIGQUERY_RAW_TABLE_NAME": "raw_binance_btcusdt_spot"},
            "--table is 'raw_other', but BIGQUERY_RAW",
        ),
        (None, {"BIGQUERY_RAW_TABLE_NAME": "raw_other"}, "table 'raw_other': has no file"),
        (
            "raw_binance_btcusdt_spot",
            {"BIGQUERY_TRANSFORMED_TABLE_NAME": "processed_other"},
            "BIGQUERY_TRANSFORMED_TABLE_NAME is 'processed_other', but raw_binance_btcusdt_spot is transformed to",
        ),
    ],
    ids=["no table", "two tables", "an unknown table", "another processed table"],
)
def test_tables_that_do_not_fit_are_named(
    monkeypatch: pytest.MonkeyPatch, table: str | None, env: dict[str, str], said: str
) -> None:
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        place(table)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROJECT_ID", "My Project"),
        ("GCS_BUCKET_NAME", "gs://bucket"),
        ("GCS_BUCKET_PROJECT_NAME", "spot/market"),
        ("BIGQUERY_RAW_DATASET", 'staging"; DROP TABLE x; --'),
        ("BIGQUERY_RAW_TABLE_NAME", "../x"),
        ("BIGQUERY_TRANSFORMED_DATASET", "Staging"),
        ("BIGQUERY_TRANSFORMED_TABLE_NAME", "a b"),
    ],
)
def test_a_name_of_a_wrong_form_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"wrong variables.*\n  {name}: "):
        load_environment()


@pytest.mark.usefixtures("credentials")
def test_logins_of_the_file_count_where_no_variable_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_PASSWORD", "password-of-the-variable")
    found = place("raw_binance_btcusdt_spot")
    assert found.minio.access_key == "key-of-the-file"
    assert found.minio.secret_key.get_secret_value() == "secret-of-the-file"
    assert found.postgres.password.get_secret_value() == "password-of-the-variable"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can't be read: No such file"),
        ("{", "is no JSON"),
        ("[1]", "must hold one JSON object"),
        (
            '{"type": "service_account", "private_key": "secret-1"}',
            "is a key of Google Cloud, which opens nothing here",
        ),
        ('{"MINIO_SECRET_KEY": "secret-1", "PATH": "x"}', r"has \['PATH'\]; it may hold texts for"),
        ('{"PG_PORT": 5432}', "has values that are no text"),
    ],
    ids=["no file", "no JSON", "no object", "Google's own", "another variable", "a number"],
)
def test_a_file_that_holds_no_logins_is_refused_and_not_shown(
    credentials: Path, content: str | None, said: str
) -> None:
    credentials.unlink() if content is None else credentials.write_text(content)
    with pytest.raises(SettingsError, match=f"GOOGLE_APPLICATION_CREDENTIALS: .*login.json: {said}") as refused:
        place("raw_binance_btcusdt_spot")
    assert "secret-1" not in str(refused.value)


def test_the_example_names_every_variable_of_the_environment_and_of_google_cloud() -> None:
    lines = (Path(__file__).parents[3] / ".env.example").read_text().splitlines()
    named = {line.partition("=")[0] for line in lines if "=" in line}
    fields = {str(field.validation_alias) for field in Environment.model_fields.values()}
    assert {*LOGIN, *NAMES, "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS_JSON_BASE64"} <= named
    assert {each for each in fields if not each.startswith("DATAOPS_")} <= named
