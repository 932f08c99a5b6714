"""Files that reports are written to."""

import os
from pathlib import Path

import pytest

from bucketworks.export import write_whole


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(pipe, "text")
        assert os.read(reader, 16) == b"text"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


def test_of_a_link_the_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("before")
    link.symlink_to("target")
    write_whole(link, "after")
    assert (link.is_symlink(), target.read_text()) == (True, "after")


@pytest.mark.parametrize("name", ["", "folder", "nowhere/report.json"])
def test_what_can_not_be_written_is_named_as_it_was_given(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"directory") as raised:
        write_whole(tmp_path / name, "text")
    assert raised.value.filename == os.fspath(tmp_path / name)
    with pytest.raises(IsADirectoryError):
        write_whole(Path(), "text")
