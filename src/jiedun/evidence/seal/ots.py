"""OpenTimestamps proofs (.ots) of a tag manifest: what they commit to, computed without network.

The file format: magic, version 1, the hash of the file, then a tree of operations (append, prepend,
reverse, SHA-1, RIPEMD-160, SHA-256) that ends in attestations: a calendar's promise, or a Bitcoin
block whose Merkle root the computed bytes must equal. The block header is not here: the height and
the root are shown, to be compared with any block explorer. Source: python-opentimestamps.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jiedun.errors import ProofError
from jiedun.evidence.seal import layout
from jiedun.evidence.seal.report import Report
from jiedun.model.text import Words

_MAGIC = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"
_BITCOIN = bytes.fromhex("0588960d73d71901")
_PENDING = bytes.fromhex("83dfe30d2ef90c8e")
_LIMIT = 1 << 20
_DEPTH = 256


@dataclass(frozen=True, slots=True)
class Attestation:
    """`kind` is bitcoin (`what` = block height, `merkle_root` in the explorers' byte order), pending
    (`what` = the calendar's address) or unknown."""

    kind: str
    what: str
    merkle_root: str = ""

    def words(self) -> Words:
        """The statement in both languages."""
        if self.kind == "bitcoin":
            return Words(
                f"比特币区块 {self.what} 的默克尔根须为 {self.merkle_root}（区块头未核对，请查任一区块浏览器）",
                f"Bitcoin block {self.what} must have Merkle root {self.merkle_root}"
                " (header not checked: look it up in any block explorer)",
            )
        if self.kind == "pending":
            return Words(f"未完成，只有日历 {self.what} 的承诺", f"pending at {self.what}")
        return Words("不认识的证明", "an unknown attestation")


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof: the SHA-256 it is about, and its attestations in file order."""

    digest: bytes
    attestations: tuple[Attestation, ...]


class _Stream:
    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def take(self, size: int) -> bytes:
        piece = self._content[self._at : self._at + size]
        if len(piece) != size:
            raise ProofError("the OpenTimestamps proof is cut")
        self._at += size
        return piece

    def number(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value
            if shift > 63:
                raise ProofError("the OpenTimestamps proof is malformed")

    def text(self) -> bytes:
        return self.take(min(self.number(), _LIMIT))

    @property
    def ended(self) -> bool:
        return self._at == len(self._content)


_PLAIN: dict[int, Callable[[bytes], bytes]] = {
    0x02: lambda m: hashlib.sha1(m, usedforsecurity=False).digest(),
    0x03: lambda m: hashlib.new("ripemd160", m, usedforsecurity=False).digest(),
    0x08: lambda m: hashlib.sha256(m).digest(),
    0xF2: lambda m: m[::-1],
}


def parse(content: bytes) -> Proof:
    """The proof in a .ots file; ProofError when it is malformed, cut, or not over a SHA-256."""
    stream = _Stream(content)
    if len(content) > _LIMIT or stream.take(len(_MAGIC)) != _MAGIC or stream.take(2) != b"\x01\x08":
        raise ProofError("this is not an OpenTimestamps proof over SHA-256")
    digest = stream.take(32)
    found: list[Attestation] = []
    _branch(stream, digest, found, 0)
    if not stream.ended:
        raise ProofError("the OpenTimestamps proof is malformed", why="something follows its end")
    return Proof(digest, tuple(found))


def _branch(stream: _Stream, message: bytes, found: list[Attestation], depth: int) -> None:
    if depth > _DEPTH:
        raise ProofError("the OpenTimestamps proof is malformed", why="it is too deep")
    tag = stream.take(1)[0]
    while tag == 0xFF:
        _step(stream, stream.take(1)[0], message, found, depth)
        tag = stream.take(1)[0]
    _step(stream, tag, message, found, depth)


def _step(stream: _Stream, tag: int, message: bytes, found: list[Attestation], depth: int) -> None:
    if tag == 0x00:
        found.append(_attestation(stream.take(8), stream.text(), message))
    elif tag in (0xF0, 0xF1):
        piece = stream.text()
        joined = message + piece if tag == 0xF0 else piece + message
        _branch(stream, joined, found, depth + 1)
    elif tag in _PLAIN:
        _branch(stream, _PLAIN[tag](message), found, depth + 1)
    else:
        raise ProofError("the OpenTimestamps proof is malformed", why="an unknown operation")


def _attestation(kind: bytes, payload: bytes, message: bytes) -> Attestation:
    inner = _Stream(payload)
    if kind == _BITCOIN:
        return Attestation("bitcoin", str(inner.number()), message[::-1].hex())
    if kind == _PENDING:
        return Attestation("pending", inner.text().decode("ascii", "replace"))
    return Attestation("unknown", kind.hex())


def read_proof(path: Path, bag: Path, report: Report) -> Proof | None:
    """The proof at `path`, with a fault in `report` unless it is of the bag's tag manifest."""
    try:
        proof = parse(path.read_bytes())
        signed = (bag / layout.TAG_MANIFEST).read_bytes()
    except (OSError, ProofError, ValueError):
        report.fault("ots", path.name)
        return None
    if proof.digest != hashlib.sha256(signed).digest():
        report.fault("ots", path.name)
        return None
    return proof
