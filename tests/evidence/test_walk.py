"""Every file once, in one order, and nothing outside the folder."""

import os
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from jiedun.evidence.walk import Found, locate, phone_of, walk
from jiedun.model.evidence import Problem


def _paths(folder: Path) -> list[str]:
    return [item.path for item in walk(folder)]


def _codes(folder: Path) -> dict[str, str]:
    return {p.path: p.code for p in walk(folder) if isinstance(p, Problem)}


def test_order_is_by_bytes_of_the_whole_path(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a.txt", "a-b/c", "通话.csv", "B"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert _paths(tmp_path) == ["B", "a-b/c", "a.txt", "a/z", "b", "通话.csv"]


def test_output_folders_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "case.jiedun").mkdir()
    (tmp_path / "case.jiedun/findings.json").write_text("{}")
    (tmp_path / "kept.jiedun.txt").write_text("x")
    assert _paths(tmp_path) == ["kept.jiedun.txt"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    (tmp_path / "secret").write_text("x")
    (case / "real").write_text("x")
    (case / "inside").symlink_to("real")
    (case / "outside").symlink_to(tmp_path / "secret")
    (case / "loop").symlink_to(case)
    (case / "self").symlink_to("self")
    (case / "gone").symlink_to("nowhere")
    (tmp_path / "case2").mkdir()
    (case / "sibling").symlink_to(tmp_path / "case2")
    assert _codes(case) == {
        "inside": "link-inside",
        "loop": "link-inside",
        "outside": "link-outside",
        "sibling": "link-outside",
        "self": "link-broken",
        "gone": "link-broken",
    }
    assert [f.path for f in walk(case) if isinstance(f, Found)] == ["real"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a").write_text("x")
    (tmp_path / "link").symlink_to("real")
    assert _paths(tmp_path / "link") == ["a"]


def test_special_files_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(tmp_path / "socket"))
    assert _codes(tmp_path) == {"pipe": "special-file", "socket": "special-file"}


def test_a_folder_that_cannot_be_listed(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open/a").write_text("x")
    (tmp_path / "shut").mkdir()

    def scandir(path: str) -> AbstractContextManager[Iterator["os.DirEntry[str]"]]:
        if path.endswith("shut"):
            raise PermissionError(path)
        return os.scandir(path)

    first, second = walk(tmp_path, scandir=scandir)
    assert first.path == "open/a"
    assert isinstance(second, Problem)
    assert (second.path, second.code) == ("shut", "unreadable")


@pytest.mark.parametrize(
    "name", [b"line\nbreak", b"bad\xff\xfebyte", b"back\\slash", b"\\xff", b" "]
)
def test_any_name_can_be_printed_and_found_again(tmp_path: Path, name: bytes) -> None:
    real = tmp_path / os.fsdecode(name)
    real.write_bytes(b"x")
    (found,) = walk(tmp_path)
    found.path.encode()
    assert locate(tmp_path, found.path) == real


def test_two_names_that_print_alike_stay_apart(tmp_path: Path) -> None:
    for name in (b"\xff", b"\\xff"):
        (tmp_path / os.fsdecode(name)).touch()
    assert sorted(_paths(tmp_path)) == ["\\xff", "\\xff~"]
    with pytest.raises(FileNotFoundError):
        locate(tmp_path, "neither")


@pytest.mark.parametrize(
    ("path", "phone"),
    [
        ("sms.xml", None),
        ("phones/17000000001/sms.xml", "17000000001"),
        ("phones/妈妈/deep/er/sms.xml", "妈妈"),
        ("phones/sms.xml", None),
        ("a/Phones/1/x", "1"),
        ("all.zip!/phones/1/x", "1"),
        ("all.zip!/case/phones/1/x.csv", "1"),
        ("phones/17000000001.zip!/sms.xml", "17000000001"),
        ("phones/1/backup.zip!/sms.xml", "1"),
        ("telephones/1/x", None),
    ],
)
def test_whose_phone(path: str, phone: str | None) -> None:
    assert phone_of(path) == phone
