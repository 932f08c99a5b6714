"""Files of tables: each is read, and each fault is named."""

from pathlib import Path

import pytest
from pipeline_shared.settings import SettingsError

from conf.base import TABLES, known_tables, load_table
from schema.base import arrow_schema
from schema.core import load_schema


@pytest.mark.parametrize("name", known_tables())
def test_each_table_has_a_file_and_a_schema_of_the_same_columns(name: str) -> None:
    table, schema = load_table(name), load_schema(name)
    wanted = arrow_schema(schema.raw).names
    if table.source.kind == "http":
        assert [each for each in table.source.columns if each != "-"] == wanted
    assert set(schema.keys) <= set(wanted)
    assert set(schema.processed_keys) <= set(arrow_schema(schema.processed).names)


def test_a_tables_faults_are_all_named_at_once(tmp_path: Path) -> None:
    text = (TABLES / "raw_binance_btcusdt_spot.yaml").read_text()
    wrong = text.replace("align: 1h", "align: soon").replace("mode: append", "mode: replace") + "colour: red\n"
    (tmp_path / "raw_binance_btcusdt_spot.yaml").write_text(wrong)
    with pytest.raises(SettingsError) as refused:
        load_table("raw_binance_btcusdt_spot", tmp_path)
    said = str(refused.value)
    assert "3 faults" in said
    assert "source.http.incremental.align: 'soon': must be a number and s, m, h or d" in said
    assert "load.mode: 'replace'" in said
    assert "colour: 'red'" in said


@pytest.mark.parametrize(("align", "fits"), [("1h", True), ("2h", True), ("30m", False), ("90m", False)])
def test_a_window_is_of_whole_buckets_so_that_none_is_made_of_two_runs(tmp_path: Path, align: str, fits: bool) -> None:
    text = (TABLES / "raw_binance_btcusdt_spot.yaml").read_text()
    (tmp_path / "raw_binance_btcusdt_spot.yaml").write_text(text.replace("align: 1h", f"align: {align}"))
    if fits:
        load_table("raw_binance_btcusdt_spot", tmp_path)
        return
    with pytest.raises(SettingsError, match=r"align: is .*time.bucket 1h; it must be a whole multiple of the bucket"):
        load_table("raw_binance_btcusdt_spot", tmp_path)


def test_a_tables_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "raw_weather.yaml").write_bytes("table: raw_weather # Bogotá".encode("latin-1"))
    with pytest.raises(SettingsError, match=r"raw_weather.yaml: is no UTF-8, at byte 26; save it as UTF-8"):
        load_table("raw_weather", tmp_path)


def test_an_unknown_table_is_named_with_those_there_are() -> None:
    with pytest.raises(SettingsError, match=r"table 'candles': has no file .*raw_binance_btcusdt_spot"):
        load_table("candles")
