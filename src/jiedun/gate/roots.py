"""Signed roots over the heads of all chains: one line to keep elsewhere shows any later change.

A leaf is RFC 6962's hash over `chain n head`; the signed text is `jiedun gate root`, the number of
the root, its instant and the root, one a line.
"""

from datetime import datetime
from typing import Any

from jiedun.chain import merkle
from jiedun.chain.sign import Key, verify
from jiedun.errors import ProofError
from jiedun.gate.store import GateStore
from jiedun.gate.tx import Row


def _root(ends: list[tuple[int, int, str]]) -> str:
    return merkle.root(merkle.leaf(f"{c} {n} {head}".encode()) for c, n, head in ends).hex()


def _text(n: int, at: str, root: str) -> bytes:
    return f"jiedun gate root\n{n}\n{at}\n{root}\n".encode()


def sign_heads(store: GateStore, key: Key, at: datetime) -> dict[str, Any]:
    """The new signed root, kept in the store; give it to somebody else to keep as well."""
    ends = store.ends()
    n, root, told = len(store.roots()) + 1, _root(ends), at.isoformat()
    row = {
        "n": n, "at": told, "chains": len(ends), "root": root,
        "signature": key.sign(_text(n, told, root)).hex(), "public": key.public.hex(),
    }  # fmt: skip
    store.add_root(row)
    return row


def check_root(row: Row, public: bytes) -> None:
    """Nothing, or ProofError when the root was not signed with the key whose public half is given."""
    signed = bytes.fromhex(row["signature"])
    if not verify(public, signed, _text(row["n"], row["at"], row["root"])):
        raise ProofError("a root does not bear the signature of this key", where=f"root {row['n']}")


def matches(row: Row, ends: list[tuple[int, int, str]]) -> bool:
    """Whether a root stands for exactly these ends of chains."""
    return bool(row["root"] == _root(ends))
