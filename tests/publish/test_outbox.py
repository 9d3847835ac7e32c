"""Report files, outputs and summary: nothing followed, nothing injected (G-13, G-14)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.base.errors import UsageError
from reviewer.publish import ReportFolder
from reviewer.publish.outbox import append_summary, file_name, write_outputs
from tests.runner import read_outputs


def test_reports_are_written_below_the_workspace(tmp_path: Path) -> None:
    folder = ReportFolder(str(tmp_path), "out/reviews")
    assert folder.write("json", "{}") == "out/reviews/report.json"
    assert folder.write("markdown", "# ⟨U+202E⟩") == "out/reviews/report.md"
    folder.close()
    assert (tmp_path / "out/reviews/report.md").read_text(encoding="utf-8") == "# ⟨U+202E⟩"


def test_a_key_has_files_of_its_own() -> None:
    assert file_name("sarif", "default") == "report.sarif"
    assert file_name("sarif", "prod") == "report-prod.sarif"


def test_our_own_earlier_report_is_replaced(tmp_path: Path) -> None:
    for text in ("one, and longer", "two"):
        folder = ReportFolder(str(tmp_path), "out")
        folder.check()
        folder.write("json", text)
        folder.close()
    assert (tmp_path / "out/report.json").read_text(encoding="utf-8") == "two"


def link_folder(top: Path) -> None:
    (top / "secret").mkdir()
    (top / "out").symlink_to(top / "secret")


def link_file(top: Path) -> None:
    (top / "out").mkdir()
    (top / "target").write_text("untouched", encoding="utf-8")
    (top / "out/report.json").symlink_to(top / "target")


def hard_link(top: Path) -> None:
    (top / "out").mkdir()
    (top / "target").write_text("untouched", encoding="utf-8")
    os.link(top / "target", top / "out/report.json")


def a_folder(top: Path) -> None:
    (top / "out/report.json").mkdir(parents=True)


def a_pipe(top: Path) -> None:
    (top / "out").mkdir()
    os.mkfifo(top / "out/report.json")


def a_file_for_a_folder(top: Path) -> None:
    (top / "out").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    "prepare", [link_folder, link_file, hard_link, a_folder, a_pipe, a_file_for_a_folder]
)
def test_what_is_in_the_way_is_exit_2(tmp_path: Path, prepare: object) -> None:
    assert callable(prepare)
    prepare(tmp_path)
    with pytest.raises(UsageError) as caught:
        ReportFolder(str(tmp_path), "out").check()
    assert caught.value.exit_code == 2
    assert "out" in caught.value.message
    target = tmp_path / "target"
    assert not target.exists() or target.read_text(encoding="utf-8") == "untouched"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a file of somebody else")
def test_somebody_else_s_file_is_exit_2(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/report.md").write_text("theirs", encoding="utf-8")
    os.chown(tmp_path / "out/report.md", 1001, 1001)
    with pytest.raises(UsageError, match=r"report\.md"):
        ReportFolder(str(tmp_path), "out").check()


def test_a_link_that_appears_late_is_not_followed(tmp_path: Path) -> None:
    folder = ReportFolder(str(tmp_path), "out")
    folder.check()
    (tmp_path / "out/report.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError):
        folder.write("json", "{}")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("kind", ["a link", "a file"])
def test_what_appears_between_the_look_and_the_write_is_not_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """G-14: created exclusively, so a look that came too early costs nothing."""
    folder = ReportFolder(str(tmp_path), "out")
    monkeypatch.setattr(folder, "_mine", lambda _: False)
    target = tmp_path / "elsewhere"
    target.write_text("untouched", encoding="utf-8")
    place = tmp_path / "out/report.json"
    if kind == "a link":
        place.symlink_to(target)
    else:
        place.write_text("untouched", encoding="utf-8")
    with pytest.raises(UsageError):
        folder.write("json", "{}")
    assert place.read_text(encoding="utf-8") == target.read_text(encoding="utf-8") == "untouched"


def test_outputs_read_back_by_the_runner(tmp_path: Path) -> None:
    path = tmp_path / "output"
    path.touch()
    values = {
        "verdict": "failure",
        "opened": "27",
        "comment-url": "http://h:1/o/r/pull/7#issuecomment-1",
    }
    write_outputs(str(path), values)
    assert read_outputs(path.read_text(encoding="utf-8")) == values


@given(st.text(min_size=1, max_size=20))
def test_no_value_makes_a_second_output(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    path = tmp_path_factory.mktemp("out") / "output"
    path.touch()
    try:
        write_outputs(str(path), {"a": value})
    except ValueError:
        assert path.read_text(encoding="utf-8") == ""
    else:
        assert read_outputs(path.read_text(encoding="utf-8")) == {"a": value}


def test_summary_and_outputs_do_not_follow_links(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    (tmp_path / "target").touch()
    with pytest.raises(OSError, match="symbolic link"):
        append_summary(str(tmp_path / "link"), "text")


def test_a_summary_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("before\n", encoding="utf-8")
    append_summary(str(path), "after\n\n")
    assert path.read_text(encoding="utf-8") == "before\nafter\n"


def test_without_a_file_there_is_nobody_to_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    append_summary("", "text")
    write_outputs("", {"a": "b"})
    assert list(tmp_path.iterdir()) == []
