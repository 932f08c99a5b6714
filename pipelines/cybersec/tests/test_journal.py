"""What lies in the journal and isn't a run's: named, left, and in nobody's way."""

import json
from pathlib import Path

from servers import Run

ENTRY = {"run_id": "", "state": "ready", "ingested_at": "2026-01-01T00:00:00+00:00", "file": "x.parquet", "rows": 1}


def test_what_is_no_entry_of_a_run_is_named_and_stops_no_later_one(run: Run, tmp_path: Path) -> None:
    pending = tmp_path / "data" / "pending"
    pending.mkdir(parents=True)
    foreign = {
        "a": "{}",
        "b": "no JSON",
        "c": json.dumps(ENTRY),
        "d": json.dumps({**ENTRY, "run_id": "d", "file": "../x.parquet"}),
        "e": json.dumps({**ENTRY, "run_id": "e", "state": "done"}),
        "f": json.dumps({**ENTRY, "run_id": "f", "ingested_at": "soon"}),
        "g": json.dumps({**ENTRY, "run_id": "g", "rows": "many"}),
    }
    for name, text in foreign.items():
        (pending / f"{name}.json").write_text(text)
    done = run("ingest")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    said = [json.loads(line) for line in done.stderr.splitlines()]
    left = {each["file"] for each in said if each["message"] == "isn't an entry of a run, so it is left; move it away"}
    assert left == {f"data/pending/{name}.json" for name in foreign}
    assert sorted(each.name for each in pending.iterdir()) == [f"{name}.json" for name in foreign]
