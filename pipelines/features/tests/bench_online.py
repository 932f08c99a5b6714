"""How long an online read takes beside the SELECT alone: 50 features of one key, 200 requests a second.

Requests begin by the clock, whether or not the one before is answered, and what one waits counts. Both kinds take turns
in one run, so that what else the machine does meets both. Run by `make bench-features`; nothing is asserted.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from feast.infra.key_encoding_utils import serialize_entity_key
from feast.protos.feast.types.EntityKey_pb2 import EntityKey
from feast.protos.feast.types.Value_pb2 import Value
from minio import Minio
from pipeline_shared.connections import postgres
from pipeline_shared.settings import load_postgres_settings
from stores import HOUR, NOW, Store, feature, view

from pipeline_features.definitions import load
from pipeline_features.online import OnlineReader
from pipeline_features.store import opened

FEATURES = [f"f{number:02}" for number in range(50)]
KEYS = 2_000
RATE = 200
PROCESSES = 2
SECONDS = 10
ROUNDS = 5
PLATFORM = "bench"


@dataclass(frozen=True)
class _Took:
    waits: list[float]
    """Milliseconds from when a request was to begin to its answer."""
    busy: float
    """Milliseconds of processor time of the asking process, each request."""


def main() -> None:
    """Fill a view, read it both ways in turn, and print a table."""
    logins = json.loads(os.environ["LOGINS"])
    with tempfile.TemporaryDirectory() as folder:
        store = _filled(logins, Path(folder))
        os.environ.update({**store.env, "FEATURES": store.definitions()})
        with ProcessPoolExecutor(PROCESSES) as pool:
            list(pool.map(_rounds, [0.5] * PROCESSES, range(PROCESSES)))
            done = list(pool.map(_rounds, [SECONDS] * PROCESSES, range(PROCESSES)))
    print(f"{RATE} requests a second by {PROCESSES} processes, {len(FEATURES)} features, {KEYS} keys, {ROUNDS} rounds")
    print("round  read p50  p99  select p50  p99  ratio p50  p99   (ms)")
    ratios = []
    for number in range(ROUNDS):
        read, bare = (sorted(each for one in done for each in one[number][kind].waits) for kind in (0, 1))
        figures = [_at(read, 50), _at(read, 99), _at(bare, 50), _at(bare, 99)]
        ratios.append((figures[0] / figures[2], figures[1] / figures[3]))
        print(f"{number + 1:5}" + "".join(f"{each:9.2f}" for each in (*figures, *ratios[-1])))
    medians = [statistics.median(each) for each in zip(*ratios, strict=True)]
    print(f"median ratio: p50 {medians[0]:.1f}, p99 {medians[1]:.1f}")
    busy = [statistics.median(one[number][kind].busy for one in done for number in range(ROUNDS)) for kind in (0, 1)]
    print(f"processor time of a request: read {busy[0]:.2f} ms, select {busy[1]:.2f} ms, ratio {busy[0] / busy[1]:.1f}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")


def _filled(logins: dict[str, dict[str, str]], folder: Path) -> Store:
    key = logins["writer"]
    given: dict[str, Any] = {name: key[f"MINIO_{name.upper()}"] for name in ("endpoint", "access_key", "secret_key")}
    views = [view("wide", [feature(name) for name in FEATURES])]
    store = Store(PLATFORM, folder, logins["store"], Minio(**given, secure=False), views)
    store.done("apply")
    made = random.Random(1)
    rows = [
        {"user_id": f"u{number}", "event_timestamp": NOW - HOUR, **{name: made.random() for name in FEATURES}}
        for number in range(KEYS)
    ]
    store.put("wide", rows)
    began = time.monotonic()
    store.done("materialize")
    print(f"materialized {KEYS * len(FEATURES)} values in {time.monotonic() - began:.1f} s")
    return store


def _rounds(seconds: float, process: int) -> "list[tuple[_Took, _Took]]":
    """Answer what both kinds took in each round, by one of the processes."""
    definitions = load()
    reader = OnlineReader(opened(definitions), definitions, ["wide"])
    made = random.Random(process)

    def read() -> None:
        (found,) = reader.read([{"user_id": f"u{made.randrange(KEYS)}"}])
        if any(each.state != "present" for each in found.values()):
            raise RuntimeError("a value is missing")

    with postgres(load_postgres_settings()) as connection:
        connection.autocommit = True

        def bare() -> None:
            if len(_select(connection, f"u{made.randrange(KEYS)}")) != len(FEATURES):
                raise RuntimeError("a row is missing")

        return [(_timed(read, seconds), _timed(bare, seconds)) for _ in range(ROUNDS)]


def _select(connection: "psycopg.Connection[tuple[object, ...]]", user: str) -> list[tuple[object, ...]]:
    key = EntityKey(join_keys=["user_id"], entity_values=[Value(string_val=user)])
    name = serialize_entity_key(key, entity_key_serialization_version=3)
    statement = (
        "SELECT feature_name, value, event_ts FROM features.bench_wide WHERE entity_key = %s AND feature_name = ANY(%s)"
    )
    return connection.execute(statement, [name, FEATURES], prepare=True).fetchall()


def _timed(ask: Callable[[], None], seconds: float) -> "_Took":
    took = []
    began = time.process_time()
    for moment in _moments(seconds):
        time.sleep(max(0.0, moment - time.perf_counter()))
        ask()
        took.append((time.perf_counter() - moment) * 1000)
    return _Took(took, (time.process_time() - began) * 1000 / len(took))


def _moments(seconds: float) -> Iterator[float]:
    """Answer when requests of one process begin."""
    began = time.perf_counter() + 0.05
    step = PROCESSES / RATE
    return (began + number * step for number in range(int(seconds / step)))


def _at(ordered: list[float], percent: int) -> float:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
