"""The store: what comes in stays, once, whole, on any disk, killed or doubled."""

import errno
import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jiedun.chain.log import entries, verify
from jiedun.errors import ProofError
from jiedun.evidence.custody.keep import keep
from jiedun.evidence.custody.store import Store
from jiedun.model.evidence import Evidence, FileEntry

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOON


def evidence_of(folder: Path) -> Evidence:
    """What a reader would have found, for files of this test."""
    files = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        name = path.relative_to(folder).as_posix()
        read = name.endswith(".txt")
        reader = "plain" if read else None
        version = "1" if read else None
        files.append(FileEntry(name, digest, len(content), "text", reader, version, 1))
    return Evidence(files=tuple(files))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A folder of four files, two of them with the same content."""
    folder = tmp_path / "case"
    (folder / "phones").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"alpha")
    (folder / "phones/b.txt").write_bytes(b"alpha")
    (folder / "photo.jpg").write_bytes(bytes(range(256)) * 5000)
    (folder / "empty").write_bytes(b"")
    return folder


def kept_all(case: Path, out: Path, **options: Any) -> None:
    evidence = evidence_of(case)
    with Store(out, clock=clock, **options) as store:
        keep(evidence, case, store)
        assert store.check() == []
        for entry in evidence.files:
            got = io.BytesIO()
            store.pour(entry.sha256, got)
            assert got.getvalue() == (case / entry.path).read_bytes()
    verify(out / "store/custody.jsonl")


def kinds(out: Path) -> list[str]:
    return [e.kind for e in entries(out / "store/custody.jsonl")]


def test_every_file_is_kept_and_the_log_says_who_read_it(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "case.jiedun"
    kept_all(case, out)
    assert sorted(kinds(out)) == ["read", "read", "received", "received", "received", "received"]
    first = next(entries(out / "store/custody.jsonl"))
    assert first.body is not None
    assert {**first.body, "modified": ""} == {
        "path": "a.txt",
        "sha256": hashlib.sha256(b"alpha").hexdigest(),
        "size": 5,
        "modified": "",
        "came_from": "case",
    }


def test_second_run_changes_nothing(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "case.jiedun"
    kept_all(case, out)
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}
    with Store(out, clock=clock) as store:
        report = keep(evidence_of(case), case, store)
    assert (report.received, report.already, report.problems) == (0, 4, ())
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()} == before


def test_changed_file_is_kept_beside_the_old_one(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "case.jiedun"
    kept_all(case, out)
    (case / "a.txt").write_bytes(b"beta")
    kept_all(case, out)
    with Store(out, clock=clock) as store:
        assert {k.path: k.size for k in store.kept()}["a.txt"] == 4
        store.pour(hashlib.sha256(b"alpha").hexdigest(), io.BytesIO())
    last = [e for e in entries(out / "store/custody.jsonl") if e.kind == "received"][-1]
    assert last.body is not None
    assert last.body["replaces"] == hashlib.sha256(b"alpha").hexdigest()


def test_new_reader_version_is_recorded_once(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "case.jiedun"
    kept_all(case, out)
    entry = evidence_of(case).files[0]
    with Store(out, clock=clock) as store:
        for version in ("2", "2"):
            store.read_by(entry.path, entry.sha256, "plain", version, 1)
    assert kinds(out).count("read") == 3


def test_file_changed_between_reading_and_keeping_is_said(case: Path, tmp_path: Path) -> None:
    evidence = evidence_of(case)
    (case / "a.txt").write_bytes(b"changed")
    with Store(tmp_path / "out", clock=clock) as store:
        report = keep(evidence, case, store)
        assert [p.code for p in report.problems] == ["kept.changed"]
        store.pour(hashlib.sha256(b"changed").hexdigest(), io.BytesIO())
    assert "differs" in kinds(tmp_path / "out")


def test_unreadable_file_is_named_and_the_rest_kept(case: Path, tmp_path: Path) -> None:
    evidence = evidence_of(case)
    (case / "a.txt").unlink()
    with Store(tmp_path / "out", clock=clock) as store:
        report = keep(evidence, case, store)
    assert [(p.path, p.code) for p in report.problems] == [("a.txt", "kept.unreadable")]
    assert report.received == 3


def test_members_of_archives_are_recorded_not_copied(case: Path, tmp_path: Path) -> None:
    (case / "odd!").mkdir()
    (case / "odd!/real.bin").write_bytes(b"real")
    files = (*evidence_of(case).files, FileEntry("a.zip!/x.csv", "0" * 64, 9, "csv", "csv", "3"))
    with Store(tmp_path / "out", clock=clock) as store:
        assert keep(Evidence(files=files), case, store).problems == ()
        assert "odd!/real.bin" in {k.path for k in store.kept()}
        assert "a.zip!/x.csv" not in {k.path for k in store.kept()}
    assert kinds(tmp_path / "out").count("read") == 3


def test_odd_names(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    folder.mkdir()
    names = [
        "长" * 85,  # 255 bytes
        unicodedata.normalize("NFC", "é") + ".txt",
        unicodedata.normalize("NFD", "é") + ".txt",
        "new\nline.txt",
        "A.TXT",
        "a.txt",
        os.fsdecode(b"raw-\xff.bin"),
    ]
    for n, name in enumerate(names):
        (folder / name).write_bytes(b"%d" % n)
    kept_all(folder, tmp_path / "out")
    with Store(tmp_path / "out", clock=clock) as store:
        assert len(store.kept()) == len(names)
        assert "raw-\\xff.bin" in {k.path for k in store.kept()}


def test_no_links_are_made_and_blobs_are_read_only(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links on this file system")

    for name in ("link", "symlink"):
        monkeypatch.setattr(os, name, refuse)
    kept_all(case, tmp_path / "out")
    blobs = [p for p in (tmp_path / "out/store/blobs").glob("??/*") if p.is_file()]
    assert blobs and all(p.stat().st_mode & 0o777 == 0o400 for p in blobs)


def test_encrypted_store_opens_with_its_passphrase_only(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with Store(out, clock=clock, passphrase="correct horse") as store:
        keep(evidence_of(case), case, store)
    raw = b"".join(p.read_bytes() for p in (out / "store/blobs").rglob("*.age"))
    assert b"alpha" not in raw
    with pytest.raises(ProofError, match="does not open"), Store(out, passphrase="x"):
        pass
    with Store(out, clock=clock) as store:
        assert keep(evidence_of(case), case, store).already == 4
        with pytest.raises(ProofError, match="locked"):
            store.pour(evidence_of(case).files[0].sha256, io.BytesIO())


def test_plain_store_is_not_half_encrypted(case: Path, tmp_path: Path) -> None:
    kept_all(case, tmp_path / "out")
    with (
        pytest.raises(ProofError, match="without a passphrase"),
        Store(tmp_path / "out", passphrase="late"),
    ):
        pass


@pytest.mark.parametrize("passphrase", [None, "pass"])
def test_changed_and_missing_contents_are_found(
    case: Path, tmp_path: Path, passphrase: str | None
) -> None:
    out = tmp_path / "out"
    with Store(out, clock=clock, passphrase=passphrase) as store:
        keep(evidence_of(case), case, store)
        assert store.check() == []
        photo, alpha = (
            next(k.sha256 for k in store.kept() if k.path == p) for p in ("photo.jpg", "a.txt")
        )
        path = next((out / "store/blobs").rglob(photo + "*"))
        content = bytearray(path.read_bytes())
        content[-100] ^= 1
        path.chmod(0o600)
        path.write_bytes(content)
        next((out / "store/blobs").rglob(alpha + "*")).unlink()
        assert store.check() == sorted([photo, alpha])


def test_after_a_restart_everything_is_read_again(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept_all(case, out)
    mark = out / "store/blobs/written-since"
    mark.write_text("another start of the machine")
    digest = hashlib.sha256((case / "photo.jpg").read_bytes()).hexdigest()
    blob = next((out / "store/blobs").rglob(digest))
    blob.chmod(0o600)
    blob.write_bytes(bytes(blob.stat().st_size))  # as a file system may leave it
    with Store(out, clock=clock) as store:
        assert "photo.jpg" not in {k.path for k in store.kept()}
        assert keep(evidence_of(case), case, store).received == 1
        assert store.check() == []
    assert kinds(out).count("lost") == 1


def test_copies_are_the_content_however_they_are_made(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (case / "photo.jpg").read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    with Store(tmp_path / "out", clock=clock) as store:
        keep(evidence_of(case), case, store)
        store.copy(digest, tmp_path / "fast")

        def refuse(*_: object) -> int:
            raise OSError(errno.EXDEV, "not on this file system")

        monkeypatch.setattr(os, "copy_file_range", refuse)
        store.copy(digest, tmp_path / "slow")
    with Store(tmp_path / "out", clock=clock) as store:
        store.copy(digest, tmp_path / "later")
    for name in ("fast", "slow", "later"):
        assert (tmp_path / name).read_bytes() == content


def test_deleted_content_is_gone_and_stays_gone(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept_all(case, out)
    digest = hashlib.sha256(b"alpha").hexdigest()
    blob = next((out / "store/blobs").rglob(digest))
    content = blob.read_bytes()
    with Store(out, clock=clock) as store:
        store.delete("a.txt", "asked by the person")
        assert [k.path for k in store.kept()] == ["empty", "photo.jpg"]
    blob.write_bytes(content)  # as if the run had died before removing it
    with Store(out, clock=clock) as store:
        assert not blob.exists()
        with pytest.raises(ProofError, match="no such file"):
            store.delete("a.txt", "again")
    last = list(entries(out / "store/custody.jsonl"))[-1]
    assert last.body is not None and last.body["paths"] == ["a.txt", "phones/b.txt"]


def test_opening_a_kept_file_is_recorded(case: Path, tmp_path: Path) -> None:
    kept_all(case, tmp_path / "out")
    with Store(tmp_path / "out", clock=clock) as store:
        got = io.BytesIO()
        store.open("a.txt", got, "shown to a lawyer")
        assert got.getvalue() == b"alpha"
    assert kinds(tmp_path / "out")[-1] == "opened"


_FULL = """
import resource, signal, sys
from pathlib import Path
from jiedun.errors import ProofError
from jiedun.evidence.custody.store import Store
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
case, out = Path(sys.argv[1]), Path(sys.argv[2])
try:
    with Store(out) as store:
        store.receive("a.txt", case / "a.txt", "case")
        store.receive("photo.jpg", case / "photo.jpg", "case")
except ProofError as error:
    print(error)
    sys.exit(7)
"""


def test_full_disk_is_said_and_the_store_stays_whole(case: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = [sys.executable, "-c", _FULL, str(case), str(out)]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 7 and "free space" in done.stdout, done.stderr
    assert kinds(out) == ["received"]
    assert not list((out / "store/blobs").glob(".*"))
    kept_all(case, out)


def test_read_only_disk_is_said(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(ProofError, match="Read-only"), Store(tmp_path / "out", clock=clock):
        pass
    assert not (tmp_path / "out").exists()


def test_two_runs_at_once_keep_everything_once(case: Path, tmp_path: Path) -> None:
    out, errors = tmp_path / "out", []

    def run() -> None:
        try:
            with Store(out, clock=clock) as store:
                keep(evidence_of(case), case, store)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert kinds(out).count("received") == 4
    with pytest.raises(ProofError, match="another run"), Store(out), Store(out, wait_s=0.05):
        pass


_KEEPER = """
import hashlib, sys
from pathlib import Path
from jiedun.evidence.custody.keep import keep
from jiedun.evidence.custody.store import Store
from jiedun.model.evidence import Evidence, FileEntry
case = Path(sys.argv[1])
files = tuple(
    FileEntry(p.name, hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_size, "x", "r", "1")
    for p in sorted(case.iterdir())
)
print("ready", flush=True)
with Store(Path(sys.argv[2])) as store:
    keep(Evidence(files=files), case, store)
"""


def test_killed_at_any_moment_and_run_again(tmp_path: Path) -> None:
    case, out = tmp_path / "case", tmp_path / "out"
    case.mkdir()
    for n in range(120):
        (case / f"{n}.bin").write_bytes(b"%d" % n * 20_000)
    run = [sys.executable, "-c", _KEEPER, str(case), str(out)]
    for wait in (0.0, 0.004, 0.01, 0.02, 0.04, 0.08):
        with subprocess.Popen(run, stdout=subprocess.PIPE) as keeper:
            assert keeper.stdout is not None
            keeper.stdout.readline()
            try:
                keeper.wait(wait)
            except subprocess.TimeoutExpired:
                keeper.send_signal(signal.SIGKILL)
        with Store(out, clock=clock) as store:
            assert store.check() == []
    kept_all(case, out)
    assert kinds(out).count("received") == 120
