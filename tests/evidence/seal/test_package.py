"""One encrypted file and back; what is cut, changed or unsafe is refused and leaves nothing."""

import io
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import pyrage
import pytest

from jiedun.errors import ProofError
from jiedun.evidence.seal import package

IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def bag(case: Path, tmp_path: Path, seal: Any) -> Path:
    """A sealed bag."""
    seal(case, tmp_path / "r", tmp_path / "bag")
    return tmp_path / "bag"


def tree(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def test_to_a_key_and_back(bag: Path, tmp_path: Path, both: Any) -> None:
    (tmp_path / "key.txt").write_text(f"# comment\n{IDENTITY}\n")
    to = package.recipients([str(IDENTITY.to_public())])
    package.pack(bag, tmp_path / "证据.tar.age", to=to)
    keys = package.identities(tmp_path / "key.txt")
    package.unpack(tmp_path / "证据.tar.age", tmp_path / "back", keys=keys)
    assert tree(tmp_path / "back") == tree(bag)
    assert both(tmp_path / "back").standalone


def test_with_a_passphrase_and_back(bag: Path, tmp_path: Path) -> None:
    package.pack(bag, tmp_path / "b.tar.age", passphrase="词 words")
    package.unpack(tmp_path / "b.tar.age", tmp_path / "back", passphrase="词 words")
    assert tree(tmp_path / "back") == tree(bag)


def test_passphrase_has_a_limit(bag: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "PASSPHRASE_LIMIT", 100)
    with pytest.raises(ProofError, match="too large"):
        package.pack(bag, tmp_path / "b.tar.age", passphrase="words")
    assert not [p for p in tmp_path.iterdir() if "age" in p.name]


def test_cut_changed_or_for_somebody_else(bag: Path, tmp_path: Path) -> None:
    sealed = tmp_path / "b.tar.age"
    package.pack(bag, sealed, to=[IDENTITY.to_public()])
    content = sealed.read_bytes()
    for at in (0, 40, 150, 300, len(content) // 2, len(content) - 1):
        for changed in (content[:at], content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]):
            sealed.write_bytes(changed)
            with pytest.raises(ProofError):
                package.unpack(sealed, tmp_path / "back", keys=[IDENTITY])
            assert not (tmp_path / "back").exists()
    sealed.write_bytes(content)
    with pytest.raises(ProofError, match="does not fit"):
        package.unpack(sealed, tmp_path / "back", keys=[pyrage.x25519.Identity.generate()])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.tar.age", "bag", "case", "r"]


def test_wrong_passphrase(tmp_path: Path) -> None:
    (tmp_path / "b.tar.age").write_bytes(pyrage.passphrase.encrypt(b"x", "right"))
    with pytest.raises(ProofError, match="does not fit"):
        package.unpack(tmp_path / "b.tar.age", tmp_path / "back", passphrase="wrong")


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


@pytest.mark.parametrize(
    "members",
    [
        [member("../escape")],
        [member("bag/../../escape")],
        [member("/escape")],
        [member("bag/a/../../../escape")],
        [member("C:\\escape")],
        [member("bag\\..\\..\\escape")],
        [member("\\\\server\\share\\escape")],
        [member("~/escape")],
        [member("bag//escape")],
        [member("escape")],
        [member("bag/l", tarfile.SYMTYPE, "/etc"), member("bag/l/escape")],
        [member("bag/l", tarfile.LNKTYPE, "/etc/passwd")],
        [member("bag/l", tarfile.FIFOTYPE)],
        [member("bag/l", tarfile.CHRTYPE)],
        [member("bag/a"), member("bag/a")],
        [member("bag/a"), member("other/b")],
        [member("bag/" + "x" * 300)],
        [],
    ],
)
def test_unsafe_members(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for info in members:
            archive.addfile(info)
    below = tmp_path / "deep/er"
    below.mkdir(parents=True)
    sealed = below / "b.tar.age"
    sealed.write_bytes(pyrage.encrypt(plain.getvalue(), [IDENTITY.to_public()]))
    with pytest.raises(ProofError):
        package.unpack(sealed, below / "back", keys=[IDENTITY])
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [sealed]


def test_what_is_no_key(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="public key"):
        package.recipients(["age1nonsense"])
    for content in ("", "# nothing", "nonsense"):
        (tmp_path / "key").write_text(content)
        with pytest.raises(ProofError):
            package.identities(tmp_path / "key")


def test_target_that_is_taken(bag: Path, tmp_path: Path) -> None:
    package.pack(bag, tmp_path / "b.tar.age", to=[IDENTITY.to_public()])
    with pytest.raises(ProofError, match="already"):
        package.unpack(tmp_path / "b.tar.age", bag, keys=[IDENTITY])


def test_memory_stays_constant(tmp_path: Path) -> None:
    (tmp_path / "bag").mkdir()
    (tmp_path / "bag/big").write_bytes(bytes(24 << 20))
    tracemalloc.start()
    package.pack(tmp_path / "bag", tmp_path / "b.tar.age", to=[IDENTITY.to_public()])
    package.unpack(tmp_path / "b.tar.age", tmp_path / "back", keys=[IDENTITY])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20
