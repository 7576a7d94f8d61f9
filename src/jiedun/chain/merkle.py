"""Merkle tree hashes after RFC 6962 section 2.1, over SHA-256.

`leaf` is SHA-256(0x00 ‖ content), `node` SHA-256(0x01 ‖ left ‖ right); the left subtree of n leaves
holds the largest power of two below n. The tree of nothing is SHA-256 of nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence


def leaf(content: bytes) -> bytes:
    """The hash of one leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + content).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """The tree hash over leaf hashes in order, 32 bytes; memory grows with log n."""
    stack: list[tuple[int, bytes]] = []
    for hashed in leaves:
        size, top = 1, hashed
        while stack and stack[-1][0] == size:
            _, left = stack.pop()
            size, top = size * 2, node(left, top)
        stack.append((size, top))
    if not stack:
        return hashlib.sha256(b"").digest()
    _, top = stack.pop()
    while stack:
        top = node(stack.pop()[1], top)
    return top


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the leaf at `index` (from 0), lowest sibling first; RFC 6962 2.1.1."""
    if len(leaves) == 1:
        return []
    cut = _split(len(leaves))
    if index < cut:
        return [*path(leaves[:cut], index), root(leaves[cut:])]
    return [*path(leaves[cut:], index - cut), root(leaves[:cut])]


def root_of_path(hashed: bytes, index: int, count: int, siblings: Sequence[bytes]) -> bytes | None:
    """The root that a leaf hash and its audit path lead to, or None when the path has not the
    length that `index` of `count` needs."""
    if count == 1:
        return hashed if not siblings and index == 0 else None
    if not siblings or not 0 <= index < count:
        return None
    cut = _split(count)
    rest, last = siblings[:-1], siblings[-1]
    if index < cut:
        below = root_of_path(hashed, index, cut, rest)
        return None if below is None else node(below, last)
    below = root_of_path(hashed, index - cut, count - cut, rest)
    return None if below is None else node(last, below)
