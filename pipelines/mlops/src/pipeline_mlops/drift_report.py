"""A report on drift: what the replicas of a model API measure of their newest texts and answers, kept in a bucket.

A replica compares numbers of a text and its answer with those of the training (`drift`), so no text leaves it.
"""

import datetime as dt
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import urllib3
from minio import Minio
from prometheus_client.parser import text_string_to_metric_families

from pipeline_mlops import objects
from pipeline_mlops.failed import FailedError

USUAL = 0.1
_SERIES = "model_api_feature_drift"
_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Drift:
    """One feature at one replica."""

    replica: str
    model: str
    version: str
    feature: str
    index: float


@dataclass(frozen=True)
class Trust:
    """How a replica is known that is asked by its address."""

    authority: str
    """File of who signed its certificate."""
    host: str
    """Which host the certificate has to name."""


@dataclass(frozen=True)
class Replica:
    """One of a model API; without trust it is asked as its address says."""

    address: str
    trust: Trust | None = None


def each_address(replicas: Sequence[str]) -> list[Replica]:
    """Name each replica behind a name by its own address, for a model API that is known by one name in DNS.

    Where the services of a cluster speak TLS (BUCKETWORKS_SERVICES_*), one of them is asked by https whatever its
    address says: whether they do is the stack's choice, and no platform's file knows of it.

    Args:
        replicas: addresses, for example `http://mlops-model-api-pods:8000`.

    Raises:
        FailedError: a name is nobody's, or its address is of HTTPS, whose certificate is that of the name.
    """
    found: list[Replica] = []
    for replica in replicas:
        parts = urllib3.util.parse_url(replica)
        if parts.scheme != "http":
            raise FailedError(f"{replica}: replicas are asked by their addresses, which no certificate has; write http")
        try:
            answers = socket.getaddrinfo((parts.host or "").strip("[]"), parts.port or 80, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FailedError(f"{replica}: has no address: {error.strerror or error}") from None
        addresses = sorted({str(place[0]) for *_, place in answers})
        trust = _trust(parts.host or "")
        scheme = "http" if trust is None else "https"
        for each in addresses:
            host = f"[{each}]" if ":" in each else each
            found.append(Replica(f"{scheme}://{host}:{parts.port or 80}", trust))
    return list(dict.fromkeys(found))


def _trust(name: str) -> Trust | None:
    """How a service of the cluster is known; None of other hosts, and where services speak plain HTTP."""
    authority, domain = (os.environ.get(f"BUCKETWORKS_SERVICES_{each}", "") for each in ("CA_FILE", "DOMAIN"))
    return Trust(authority, f"{name}.{domain}") if authority and "." not in name else None


def asked(replicas: Sequence[Replica]) -> list[Drift]:
    """Ask each replica, three times where it doesn't answer; one that has too few texts says nothing.

    Raises:
        FailedError: one doesn't answer, or isn't a model API.
    """
    tries = urllib3.Retry(total=2, backoff_factor=0.3, status_forcelist=(502, 503, 504), redirect=0)
    patience = urllib3.Timeout(connect=5, read=10)
    found: list[Drift] = []
    for replica, trust in ((each.address, each.trust) for each in replicas):
        authority, host = (None, None) if trust is None else (trust.authority, trust.host)
        pool = urllib3.PoolManager(
            retries=tries, timeout=patience, ca_certs=authority, server_hostname=host, assert_hostname=host
        )
        try:
            answer = pool.request("GET", f"{replica}/metrics", preload_content=False)
            text = answer.read(_MOST_BYTES).decode()
            answer.release_conn()
            families = list(text_string_to_metric_families(text)) if answer.status == 200 else []
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            raise FailedError(f"{replica}: doesn't answer as a model API ({type(error).__name__})") from None
        if not any(family.name.startswith("model_api_") for family in families):
            raise FailedError(f"{replica}: isn't a model API: /metrics has none of its series (status {answer.status})")
        for sample in (each for family in families if family.name == _SERIES for each in family.samples):
            labels = sample.labels
            found.append(Drift(replica, labels["model"], labels["version"], labels["feature"], sample.value))
    return found


def store(client: Minio, bucket: str, run: str, found: Sequence[Drift], limit: float) -> str:
    """Write `drift.md` and `drift.json`; answers the address of the first.

    Raises:
        FailedError: the server isn't there, or refuses.
    """
    prefix = f"drift/date={dt.datetime.now(dt.UTC):%Y%m%d}/{run}-"
    plain = {"run_id": run, "limit": limit, "found": [asdict(each) for each in found]}
    objects.put(
        client, bucket, f"{prefix}drift.json", (json.dumps(plain, indent=2) + "\n").encode(), "application/json"
    )
    objects.put(client, bucket, f"{prefix}drift.md", markdown(found, limit).encode(), "text/markdown; charset=utf-8")
    return f"s3://{bucket}/{prefix}drift.md"


def markdown(found: Sequence[Drift], limit: float) -> str:
    """The report as people read it, the worst first."""
    over = sorted({each.feature for each in found if each.index > limit})
    verdict = "too few texts so far" if not found else f"drift in {', '.join(over)}" if over else "no drift"
    lines = [
        f"# Recent texts against those of training: {verdict}",
        "",
        f"Population stability index: below {USUAL} is usual, above {limit:g} these are other texts.",
        "",
        "| replica | model | version | feature | index | |",
        "|---|---|---|---|---|---|",
    ]
    for each in sorted(found, key=lambda one: -one.index):
        word = "**drift**" if each.index > limit else "usual" if each.index < USUAL else "more than usual"
        lines.append(f"| {each.replica} | {each.model} | {each.version} | {each.feature} | {each.index:.3f} | {word} |")
    return "\n".join(lines) + "\n"
