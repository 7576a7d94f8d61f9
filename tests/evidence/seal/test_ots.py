"""OpenTimestamps proofs: published examples, and proofs that are none."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from jiedun.errors import ProofError
from jiedun.evidence.seal import ots
from jiedun.evidence.seal.report import Report

SAMPLES = "samples/opentimestamps/opentimestamps+opentimestamps-client"


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("hello-world", ["bitcoin"]),
        ("incomplete", ["pending"]),
        ("merkle1", ["pending"] * 2),
        ("two-calendars", ["pending"] * 2),
    ],
)
def test_published_proofs(shared: Path, name: str, kinds: list[str]) -> None:
    proof = ots.parse((shared / SAMPLES / f"{name}.txt.ots").read_bytes())
    content = (shared / SAMPLES / f"{name}.txt").read_bytes()
    assert proof.digest == hashlib.sha256(content).digest()
    assert [a.kind for a in proof.attestations] == kinds
    assert all(a.words().zh and a.words().en for a in proof.attestations)


def test_published_block(shared: Path) -> None:
    """The Merkle root of Bitcoin block 358391, as every block explorer shows it."""
    proof = ots.parse((shared / SAMPLES / "hello-world.txt.ots").read_bytes())
    found = proof.attestations[0]
    assert (found.what, found.merkle_root) == (
        "358391",
        "8a1b66ecb7cbd07d8139a7e7d7f2c41aab1f5009b8364aaf61d03ad245e47e00",
    )


HEAD = bytes.fromhex("004f70656e54696d657374616d7073000050726f6f6600bf89e2e884e89294") + b"\x01\x08"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x" * 100,
        HEAD,
        HEAD + bytes(32),
        HEAD + bytes(32) + b"\x99",
        HEAD + bytes(32) + b"\xf0" + b"\xff" * 12,
        HEAD + bytes(32) + b"\x08" * 600,
        HEAD + bytes(32) + b"\x00" + bytes(8) + b"\x00" + b"more",
    ],
)
def test_malformed_proofs(content: bytes) -> None:
    with pytest.raises(ProofError):
        ots.parse(content)


def test_proof_beside_a_bag(case: Path, tmp_path: Path, seal: Any) -> None:
    seal(case, tmp_path / "r", tmp_path / "bag")
    digest = hashlib.sha256((tmp_path / "bag/tagmanifest-sha256.txt").read_bytes()).digest()
    pending = b"\x00" + bytes.fromhex("83dfe30d2ef90c8e") + b"\x06\x05a.org"
    (tmp_path / "good.ots").write_bytes(HEAD + digest + pending)
    (tmp_path / "other.ots").write_bytes(HEAD + bytes(32) + pending)
    report = Report()
    proof = ots.read_proof(tmp_path / "good.ots", tmp_path / "bag", report)
    assert report.whole and proof is not None and proof.attestations[0].what == "a.org"
    for name in ("other.ots", "absent.ots"):
        report = Report()
        assert ots.read_proof(tmp_path / name, tmp_path / "bag", report) is None
        assert [n.code for n in report.faults] == ["ots"]
