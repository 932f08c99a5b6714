"""CSV files as PostgreSQL writes them, read in the types that somebody said."""

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline_dataops.typed_csv import typed

LINES = 'line one\nline two, "quoted"\r\n' + "y" * 60


def test_texts_of_several_lines_are_read_wherever_a_part_of_the_file_ends(tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    with rows.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "note"])
        writer.writerows([number, LINES] for number in range(30_000))
        writer.writerow([30_000, "z" * 3_000_000 + "\n"])
    schema = pa.schema([("id", pa.int64()), ("note", pa.string())])
    found = pq.read_table(typed(rows, schema, tmp_path / "rows.parquet"))
    assert found.num_rows == 30_001
    assert set(found.column("note").to_pylist()[:30_000]) == {LINES}
