"""SIGTERM, as a pod gets it: between two batches a run ends with its row; later it goes on to its end."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers import Logins, Objects, Rows, Run
from test_faults import last


def test_sigterm_ends_a_run_between_batches_with_its_row(
    logins: Logins, tmp_path: Path, rows: Rows, objects: Objects
) -> None:
    earlier = objects()
    program = (
        "import sys; sys.argv = ['ingest', '--rows', '2000000000']; from pipeline.ingestion.cli import ingest; ingest()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env=logins["ingestion"], stderr=subprocess.PIPE
    ) as going:
        while going.poll() is None and not list(tmp_path.glob("data/ingested/.*.partial")):
            time.sleep(0.05)
        going.terminate()
        assert going.wait(25) == 1
        assert going.stderr is not None
        assert b"was asked to end" in going.stderr.read()
    assert last(rows) == ("", 0, "FAILED")
    assert objects() == earlier
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []


ASKED = """
import os, signal
from importlib import import_module as i
flow = i('pipeline.ingestion.data_ingestion_flow')
step = flow.{name}
def asked(*given, **named):
    os.kill(os.getpid(), signal.SIGTERM)
    return step(*given, **named)
flow.{name} = asked
"""


@pytest.mark.parametrize("name", ["upload_to_minio", "record_event"])
def test_sigterm_after_the_data_is_whole_lets_the_run_end_well(run: Run, rows: Rows, name: str) -> None:
    done = run("ingest", before=ASKED.format(name=name))
    assert done.returncode == 0, done.stderr
    assert last(rows) == (done.stdout.strip(), 10, "SUCCESS")
