"""The log: whole, torn, cut, changed, held by two, clock turned back."""

import errno
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.chain import canonical
from jiedun.chain.log import GENESIS, RECOVERED, Head, Log, entries, verify, withheld
from jiedun.errors import ProofError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def clock() -> datetime:
    return NOON


def written(path: Path, count: int = 3) -> bytes:
    with Log.open(path, clock=clock) as log:
        for n in range(count):
            log.append("kept", {"n": n, "名": "张"}, NOON + timedelta(seconds=n))
    return path.read_bytes()


def test_chain_links_every_line_to_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    written(path)
    first, second, third = entries(path)
    assert (first.prev, second.prev, third.prev) == (GENESIS, first.hash, second.hash)
    assert verify(path) == Head(3, third.hash, NOON + timedelta(seconds=2))


def test_appending_goes_on_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    written(path, 2)
    written(path, 2)
    assert [e.seq for e in entries(path)] == [1, 2, 3, 4]


def test_empty_log_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    assert written(path, 0) == b""
    assert verify(path) == Head()


@given(data=st.data())
def test_any_single_bit_changed_is_seen(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    content = bytearray(written(path))
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    path.write_bytes(content)
    with pytest.raises(ProofError):
        verify(path)


@pytest.mark.parametrize("order", [[0, 2], [1, 0, 2], [0, 0, 1, 2], [1, 2], [0, 2, 1]])
def test_lines_missing_moved_or_doubled_are_seen(tmp_path: Path, order: list[int]) -> None:
    path = tmp_path / "log.jsonl"
    lines = written(path).splitlines(keepends=True)
    path.write_bytes(b"".join(lines[i] for i in order))
    with pytest.raises(ProofError, match="broken"):
        verify(path)


def test_half_written_line_is_kept_aside_and_recorded(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    content = written(path)
    for cut in range(1, 60, 7):
        path.write_bytes(content[:-cut])
        with pytest.raises(ProofError, match="half written"):
            verify(path)
        with Log.open(path, clock=clock) as log:
            torn = log.torn
        assert torn is not None and torn.path.read_bytes() == content.splitlines()[2][: torn.size]
        last = list(entries(path))[-1]
        assert (last.seq, last.kind) == (3, RECOVERED)
        assert last.body is not None and last.body["sha256"] == torn.sha256


def test_recovery_cut_off_half_way_is_finished_by_the_next_run(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    content = written(path)
    path.write_bytes(content)
    pending = tmp_path / "log.jsonl.torn-0123456789abcdef.new"
    pending.write_bytes(b"half")
    with Log.open(path, clock=clock) as log:
        assert log.torn is not None
    assert not pending.exists() and pending.with_suffix("").read_bytes() == b"half"
    assert verify(path).count == 4


def test_damaged_last_line_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(written(path).replace(b'"n":2', b'"n":7'))
    with pytest.raises(ProofError, match="changed"):
        Log.open(path, clock=clock)


def test_second_holder_waits_then_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with Log.open(path, clock=clock), pytest.raises(ProofError, match="another run"):
        Log.open(path, clock=clock, wait_s=0.1)
    with Log.open(path, clock=clock):
        pass


def test_clock_turned_back_is_recorded_and_order_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with Log.open(path, clock=clock) as log:
        log.append("a", {}, NOON)
        assert log.append("b", {}, NOON - timedelta(hours=1)).back_s == 3600
        assert log.append("c", {}, NOON).back_s == 0
    assert [e.kind for e in entries(path)] == ["a", "b", "c"]
    assert verify(path).turned_back == 1


def test_body_may_be_withheld_without_breaking_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    lines = written(path).splitlines()
    head = verify(path)
    path.write_bytes(lines[0] + b"\n" + withheld(lines[1]) + b"\n" + lines[2] + b"\n")
    assert verify(path) == head
    assert [e.body is None for e in entries(path)] == [False, True, False]
    assert "张".encode() not in withheld(lines[1])


def test_refused_write_leaves_the_log_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.jsonl"
    content = written(path)
    real = os.write

    def short(fd: int, data: bytes) -> int:
        if len(data) < 50:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, bytes(data)[: len(data) // 2])

    with Log.open(path, clock=clock) as log:
        monkeypatch.setattr(os, "write", short)
        with pytest.raises(ProofError, match="No space left"):
            log.append("kept", {}, NOON)
        monkeypatch.undo()
        assert path.read_bytes() == content
        log.append("kept", {}, NOON)
    assert verify(path).count == 4


@pytest.mark.parametrize("body", [{"x": 1.5}, {"x": [{"y": 0.1}]}, {"x": b"bytes"}, {1: "key"}])
def test_bodies_without_one_spelling_are_refused(tmp_path: Path, body: dict[str, object]) -> None:
    with Log.open(tmp_path / "log.jsonl", clock=clock) as log:
        with pytest.raises(ProofError):
            log.append("kept", body, NOON)
        with pytest.raises(ProofError, match="zone"):
            log.append("kept", {}, NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    "line", [b"", b"[]", b"{}", b'{"a": 1}', b"\xff", b'{"b":1,"a":2}', b"[" * 100_000]
)
def test_lines_that_are_no_records_are_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(line + b"\n")
    with pytest.raises(ProofError):
        verify(path)


def test_record_with_a_foreign_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    record = json.loads(written(path, 1))
    path.write_bytes(canonical.encode({**record, "note": "x"}) + b"\n")
    with pytest.raises(ProofError, match="fields"):
        verify(path)


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from jiedun.chain.log import Log
now = lambda: datetime.now(UTC)
with Log.open(Path(sys.argv[1]), clock=now, sync=False) as log:
    print("open", flush=True)
    while True:
        log.append("kept", {"text": "x" * 3000}, now())
"""


def test_writer_killed_at_any_moment_leaves_a_chain_that_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for wait in (0.0, 0.005, 0.02, 0.05):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            try:
                writer.wait(wait)
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
        with Log.open(path, clock=clock) as log:
            log.append("after", {}, NOON + timedelta(days=3650))
    kinds = [e.kind for e in entries(path)]
    assert kinds.count("after") == 4
