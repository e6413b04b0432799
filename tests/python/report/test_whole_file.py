"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from custfolio.report import whole_file
from custfolio.report.whole_file import write_whole


@pytest.mark.parametrize(
    ("content", "expected"), [("één\r\n", "één\r\n".encode()), (b"\x00\xff", b"\x00\xff"), ("", b"")]
)
def test_content_arrives_unchanged(tmp_path: Path, content: bytes | str, expected: bytes) -> None:
    target = tmp_path / "plan.html"
    assert write_whole(target, content) == target
    assert target.read_bytes() == expected
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "plan.html"
    write_whole(target, "old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "elsewhere")

    monkeypatch.setattr(whole_file.os, "replace", fail)
    with pytest.raises(OSError, match=r"No space left on device.*plan\.html"):
        write_whole(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere.plan\.html"):
        write_whole(tmp_path / "nowhere" / "plan.html", "text")


@pytest.mark.skipif(os.name != "posix", reason="permission bits of POSIX")
def test_permissions_are_those_of_an_ordinary_file_or_are_kept(tmp_path: Path) -> None:
    target, ordinary = tmp_path / "plan.html", tmp_path / "ordinary"
    ordinary.touch()
    write_whole(target, "first")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    target.chmod(0o600)
    write_whole(target, "second")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_long_name_still_fits(tmp_path: Path) -> None:
    assert write_whole(tmp_path / ("x" * 250), "text").read_text() == "text"
