"""Killed while sealing or opening, and run again: the store whole, the work done, nothing left."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyrage
import pytest

from jiedun.chain.log import verify as verify_log
from jiedun.evidence.custody.store import Store


def killed(words: list[str], wait: float) -> None:
    """Starts a command and kills it after `wait` seconds, unless it has ended."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A case that takes a while."""
    folder = tmp_path / "case"
    folder.mkdir()
    chance = random.Random(1)
    for n in range(60):
        (folder / f"{n}.bin").write_bytes(chance.randbytes(200_000))
    return folder


def test_killed_while_sealing(large: Path, tmp_path: Path, both: Any) -> None:
    words = [sys.executable, "-m", "jiedun.cli.main", "seal", str(large), "--only", "all", "--out"]
    for n, wait in enumerate((0.15, 0.2, 0.25, 0.3, 0.4)):
        bag = tmp_path / f"bag{n}"
        killed([*words, str(bag)], wait)
        if bag.exists():
            assert both(bag).standalone
        with Store(tmp_path / "case.jiedun") as store:
            assert store.check() == []
        verify_log(tmp_path / "case.jiedun/store/custody.jsonl")
    again = subprocess.run([*words, str(tmp_path / "bag0")], capture_output=True, check=False)
    assert again.returncode in (0, 1)
    assert both(tmp_path / "bag0").product and both(tmp_path / "bag0").standalone
    assert not (tmp_path / ".bag0.part").exists()


def test_killed_while_opening(large: Path, tmp_path: Path, both: Any) -> None:
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(str(identity))
    words = [sys.executable, "-m", "jiedun.cli.main", "seal", str(large), "--only", "all"]
    words += ["--out", str(tmp_path / "p"), "--recipient", str(identity.to_public())]
    subprocess.run(words, check=True, capture_output=True)
    words = [sys.executable, "-m", "jiedun.cli.main", "open", str(tmp_path / "p.tar.age")]
    words += ["--identity", str(tmp_path / "key.txt"), "--out", str(tmp_path / "back")]
    for wait in (0.15, 0.2, 0.25, 0.3):
        killed(words, wait)
        if (tmp_path / "back").exists():
            assert both(tmp_path / "back").standalone
            break
    subprocess.run(words, capture_output=True, check=False)
    assert both(tmp_path / "back").product
    assert not (tmp_path / ".back.part").exists()
