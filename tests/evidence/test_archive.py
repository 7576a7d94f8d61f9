"""Archives: members as files, names as labels, and limits that name themselves."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from jiedun.evidence.archive import Limits
from jiedun.evidence.gather import gather
from jiedun.model.evidence import Evidence

SMS = b'<smses count="1"><sms address="95500" date="1735689600000" type="1" body="\xe5\xa5\xbd"/></smses>'

DEFAULT = Limits()


def _zip(members: dict[str, bytes], *, stored: bool = False) -> bytes:
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(out, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def _tar(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        file.addfile(link)
    return out.getvalue()


def _gather(tmp_path: Path, data: bytes, name: str = "a.zip", limits: Limits = DEFAULT) -> Evidence:
    (tmp_path / name).write_bytes(data)
    return gather(tmp_path, limits=limits)


def _codes(evidence: Evidence) -> list[tuple[str, str]]:
    return [(p.path, p.code) for p in evidence.problems]


def test_members_are_files_of_their_own(tmp_path: Path) -> None:
    evidence = _gather(
        tmp_path, _zip({"phones/1/sms.xml": SMS, "x.png": b"\x89PNG\r\n\x1a\n", "d/": b""})
    )
    assert [(f.path, f.kind, f.reader, f.rows) for f in evidence.files] == [
        ("a.zip", "zip", None, 0),
        ("a.zip!/phones/1/sms.xml", "sms-xml", "sms-backup", 1),
        ("a.zip!/x.png", "png", None, 0),
    ]
    (contact,) = evidence.contacts
    assert (str(contact.ref), contact.phone) == ("a.zip!/phones/1/sms.xml#1", "1")
    assert set(evidence.hashes) == {f.path for f in evidence.files}
    assert evidence.problems == ()


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.tgz", "sms.xml.gz"])
def test_tar_and_gzip(tmp_path: Path, name: str) -> None:
    data = SMS if name == "sms.xml.gz" else _tar({"./sms.xml": SMS})
    evidence = _gather(tmp_path, data if name == "a.tar" else gzip.compress(data), name)
    assert [c.text for c in evidence.contacts] == ["好"]
    assert evidence.problems == ()


@pytest.mark.parametrize("depth", [1, 4, 5, 10])
def test_nesting_stops_at_the_limit(tmp_path: Path, depth: int) -> None:
    data = _zip({"sms.xml": SMS})
    for level in range(depth - 1):
        data = _zip({"in.zip": data, f"outer{level}.xml": SMS})
    evidence = _gather(tmp_path, data)
    if depth <= 5:
        assert evidence.problems == ()
        assert len(evidence.contacts[0].also) + len(evidence.contacts) == depth
    else:
        assert _codes(evidence) == [("a.zip" + "!/in.zip" * 5, "archive-too-deep")]
        assert "5" in evidence.problems[0].message.zh
        assert len(evidence.contacts[0].also) == 4


@pytest.mark.parametrize("pack", [lambda d: _zip({"bomb": d}), gzip.compress])
def test_a_bomb_is_named_and_not_unpacked(tmp_path: Path, pack: "type[bytes]") -> None:
    evidence = _gather(
        tmp_path, pack(bytes(30_000_000)), "a.gz" if pack is gzip.compress else "a.zip"
    )
    assert [code for _, code in _codes(evidence)] == ["archive-ratio"]
    assert len(evidence.files) == 1


@pytest.mark.parametrize(
    ("limits", "code", "kept"),
    [(Limits(members=2), "archive-members", 2), (Limits(total_bytes=250), "archive-bytes", 2)],
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_limits_keep_what_came_before(
    tmp_path: Path, limits: Limits, code: str, kept: int, kind: str
) -> None:
    members = {f"{n}.xml": SMS[:100] for n in range(4)}
    data = _zip(members) if kind == "zip" else _tar(members)
    evidence = _gather(tmp_path, data, f"a.{kind}", limits)
    assert code in [c for _, c in _codes(evidence)]
    assert len(evidence.files) == 1 + kept


def test_nested_archives_share_one_budget(tmp_path: Path) -> None:
    inner = _zip({f"{n}": b"x" * 100 for n in range(10)}, stored=True)
    data = _zip({f"{n}.zip": inner for n in range(10)}, stored=True)
    evidence = _gather(tmp_path, data, limits=Limits(members=30))
    assert len(evidence.files) == 31
    assert "archive-members" in [c for _, c in _codes(evidence)]


def test_names_in_gbk_and_utf8_without_the_flag(tmp_path: Path) -> None:
    for encoding in ("gbk", "utf-8"):
        data = _zip({"AAAAAA.csv": b"x"})
        raw = "通话录".encode(encoding)
        data = data.replace(b"AAAAAA.csv", raw[:6] + b".csv" if encoding == "gbk" else raw + b"v")
        evidence = _gather(tmp_path, data)
        assert evidence.files[1].path == (
            "a.zip!/通话录.csv" if encoding == "gbk" else "a.zip!/通话录v"
        )


def test_hostile_names_are_labels_only(tmp_path: Path) -> None:
    case = tmp_path / "case"
    case.mkdir()
    names = ["../../up.xml", "/etc/abs.xml", "C:\\win.xml"]
    evidence = _gather(case, _zip(dict.fromkeys(names, SMS)))
    assert len(evidence.files) == 4
    assert all(f.path.startswith("a.zip") for f in evidence.files)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.zip", "case"]


def test_encrypted_members(tmp_path: Path) -> None:
    data = bytearray(_zip({"sms.xml": SMS, "other.xml": SMS}))
    for magic, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(magic) + offset] |= 1
    evidence = _gather(tmp_path, bytes(data))
    assert _codes(evidence) == [("a.zip!/sms.xml", "archive-encrypted")]
    assert len(evidence.contacts) == 1


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.gz"])
def test_every_cut_of_an_archive_is_survived(tmp_path: Path, name: str) -> None:
    members = {"a.xml": SMS, "b.xml": SMS * 30}
    data = {"a.zip": _zip(members), "a.tar": _tar(members), "a.gz": gzip.compress(SMS * 30)}[name]
    for cut in range(1, len(data), max(1, len(data) // 60)):
        evidence = _gather(tmp_path, data[:cut], name)
        assert evidence.files[0].path == name
        if name != "a.tar" and evidence.files[0].kind in ("zip", "gzip"):
            assert evidence.problems


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    data = bytearray(_zip({"a.xml": SMS, "b.xml": SMS}, stored=True))
    data[data.index(b"95500")] ^= 1
    evidence = _gather(tmp_path, bytes(data))
    assert _codes(evidence) == [("a.zip!/a.xml", "archive-damaged")]
    assert [str(c.ref) for c in evidence.contacts] == ["a.zip!/b.xml#1"]


def test_same_name_twice(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file, pytest.warns(UserWarning, match="Duplicate"):
        file.writestr("a.xml", SMS)
        file.writestr("a.xml", SMS.replace(b"95500", b"95501"))
    evidence = _gather(tmp_path, out.getvalue())
    assert [f.path for f in evidence.files] == ["a.zip", "a.zip!/a.xml", "a.zip!/a.xml~"]
    assert len(evidence.contacts) == 2
