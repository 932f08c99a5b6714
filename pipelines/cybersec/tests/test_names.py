"""Names of files and objects: the time in UTC, and nobody's is written over."""

import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from minio import Minio
from pipeline.storage.layers import time_of_events
from servers import Objects, Rows, Run
from test_faults import killing, wait_for_a_name_that_nobody_has

CLOCK = """
import datetime as d, pipeline.ingestion.data_ingestion_flow as f
class Clock(d.datetime):
    @classmethod
    def now(cls, tz=None): return d.datetime({moment}, tzinfo=d.UTC)
f.dt = type('dt', (), {{'datetime': Clock, 'UTC': d.UTC}})
"""


def test_runs_of_one_second_overwrite_nothing(run: Run, objects: Objects, rows: Rows) -> None:
    earlier = objects()
    before = CLOCK.format(moment="2031, 1, 2, 3, 4, 5")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: run("ingest", before=before), range(4)))
    assert [each.returncode for each in answers] == [0, 0, 0, 0], [each.stderr for each in answers]
    made = objects() - earlier
    assert made == {f"network_events_20310102_030405{suffix}.parquet" for suffix in ("", "-1", "-2", "-3")}
    assert {each.stdout.strip() for each in answers} == {f"s3://cybersec-ml-raw/{key}" for key in made}
    for key in made:
        assert rows("SELECT count(*)::int FROM ingestion_events WHERE nombre_archivo = %s", key) == [(1,)]


def test_a_clock_that_jumps_back_overwrites_nothing_and_ends_what_was_begun_later(
    run: Run, objects: Objects, rows: Rows
) -> None:
    earlier = objects()
    late, early = (CLOCK.format(moment=f"2032, 5, 1, {hour}, 59, 59") for hour in (12, 11))
    killed = run("ingest", before=late + killing("ingestion.data_ingestion_flow", "", "record_event", "before"))
    assert killed.returncode == -9
    for _ in range(2):
        assert run("ingest", before=early).returncode == 0
    made = [f"network_events_20320501_{name}.parquet" for name in ("125959", "115959", "115959-1")]
    assert objects() - earlier == set(made)
    found = "SELECT timestamp_ingesta::text, num_registros, estado FROM ingestion_events WHERE nombre_archivo = %s"
    assert [rows(found, name) for name in made] == [
        [(f"2032-05-01 {hour}:59:59", 10, "SUCCESS")] for hour in (12, 11, 11)
    ]


def test_names_and_rows_are_in_utc_wherever_the_program_runs(run: Run, rows: Rows) -> None:
    before = dt.datetime.now(dt.UTC).replace(microsecond=0)
    done = run("ingest", before="import time; time.tzset()", TZ="Pacific/Kiritimati", PGTZ="America/St_Johns")
    assert done.returncode == 0, done.stderr
    name = done.stdout.strip().rpartition("/")[2]
    when = time_of_events(name)
    assert when is not None
    assert before <= when <= dt.datetime.now(dt.UTC)
    ((row,),) = rows("SELECT timestamp_ingesta FROM ingestion_events WHERE nombre_archivo = %s", name)
    assert row.replace(microsecond=0, tzinfo=dt.UTC) == when


def test_an_object_of_the_same_name_stays_as_it_is(run: Run, root: Minio, tmp_path: Path) -> None:
    wait_for_a_name_that_nobody_has()
    assert (
        run("ingest", before=killing("ingestion.data_ingestion_flow", "", "upload_to_minio", "before")).returncode == -9
    )
    (entry,) = (tmp_path / "data" / "pending").glob("*.json")
    name = json.loads(entry.read_text())["file"]
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"somebody else's")
    taken = [name, name.replace(".parquet", "-1.parquet")]
    for each in taken:
        root.fput_object("cybersec-ml-raw", each, str(foreign))
    assert run("ingest").returncode == 0
    for each in taken:
        assert root.get_object("cybersec-ml-raw", each).read() == b"somebody else's"
        root.remove_object("cybersec-ml-raw", each)
    free = name.replace(".parquet", "-2.parquet")
    assert root.stat_object("cybersec-ml-raw", free)
    left = {each.name for each in (tmp_path / "data" / "ingested").iterdir()}
    assert free in left
    assert not left & set(taken)
