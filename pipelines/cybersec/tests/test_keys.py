"""Each step by the keys of all others, and without a server or settings: refused with a sentence."""

import io

import pytest
from minio import Minio
from minio.error import S3Error
from pipeline.storage.layers import EVAL, MODELS, RAW, SILVER
from servers import Logins, Run
from test_detection import keys, train

pytestmark = pytest.mark.usefixtures("empty")

FOREIGN = [
    ("transform", "ingestion", "the list of cybersec-ml-raw/: can't be read: AccessDenied"),
    ("transform", "training", "the list of cybersec-ml-raw/: can't be read: AccessDenied"),
    ("transform", "auditor", "cybersec-ml-silver/date="),
    ("train", "ingestion", "the list of cybersec-ml-silver/: can't be read: AccessDenied"),
    ("train", "transformation", "the list of cybersec-ml-models/models/isolation-forest/: can't be read: AccessDenied"),
    (
        "train",
        "evaluation",
        "cybersec-ml-models/models/isolation-forest/v1.0.1/model.skops: the server refuses it (403)",
    ),
    ("evaluate", "ingestion", "cybersec-ml-models/models/isolation-forest/: can't be read: AccessDenied"),
    ("evaluate", "transformation", "cybersec-ml-models/models/isolation-forest/: can't be read: AccessDenied"),
    ("evaluate", "training", "v1.0.0/model_card.json: can't be read: AccessDenied"),
]


@pytest.mark.usefixtures("silver")
def test_the_server_refuses_each_step_to_the_keys_of_all_others(run: Run, root: Minio) -> None:
    assert train(run).returncode == 0
    before = {bucket: keys(root, bucket) for bucket in (SILVER, MODELS, EVAL)}
    assert run("ingest").returncode == 0  # so that there is something to transform
    for command, login, said in FOREIGN:
        refused = run(command, login=login)
        assert refused.returncode == 1, (command, login)
        assert said in refused.stderr, (command, login, refused.stderr)
        assert "Traceback" not in refused.stderr
    for login in ("transformation", "training", "evaluation"):
        assert "AccessDenied" in run("ingest", login=login, PG_PORT="9").stderr
    assert {bucket: keys(root, bucket) for bucket in before} == before


@pytest.mark.parametrize(("command", "login"), [("train", "training"), ("evaluate", "evaluation")])
def test_with_minio_away_or_settings_missing_a_sentence_says_so(
    run: Run, logins: Logins, command: str, login: str
) -> None:
    away = run(command, login=login, MINIO_ENDPOINT="127.0.0.1:9")
    assert (away.returncode, "MinIO can't be reached" in away.stderr) == (1, True)
    refused = run(command, login=login, MINIO_ACCESS_KEY="", MINIO_ENDPOINT="localhost:9001")
    assert refused.returncode == 2
    assert "2 variables are missing or wrong, so nothing was run" in refused.stderr
    assert logins[login]["MINIO_SECRET_KEY"] not in away.stderr + refused.stderr


OWN = {"ingestion": RAW, "transformation": SILVER, "training": MODELS, "evaluation": EVAL, "auditor": None}


@pytest.mark.parametrize("login", OWN)
def test_a_key_writes_its_own_layer_and_no_other(logins: Logins, login: str) -> None:
    given = logins[login]
    key = (given["MINIO_ACCESS_KEY"], given["MINIO_SECRET_KEY"])
    client = Minio(endpoint=given["MINIO_ENDPOINT"], access_key=key[0], secret_key=key[1], secure=False)
    answers = {}
    for bucket in (RAW, SILVER, MODELS, EVAL):
        try:
            client.put_object(bucket, "models/a-probe", io.BytesIO(b""), 0)
            answers[bucket] = "written"
        except S3Error as error:
            answers[bucket] = str(error.code)
    assert answers == {each: "written" if each == OWN[login] else "AccessDenied" for each in answers}
