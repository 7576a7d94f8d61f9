"""Tree hashes against RFC 6962's definition and the published Certificate Transparency vectors."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.chain import merkle

# Inputs and roots of the reference implementation (certificate-transparency merkle_tree_test).
INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def recursive(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return hashlib.sha256(b"\x01" + recursive(leaves[:cut]) + recursive(leaves[cut:])).digest()


@pytest.mark.parametrize("count", range(1, 9))
def test_published_roots(count: int) -> None:
    leaves = [merkle.leaf(bytes.fromhex(x)) for x in INPUTS[:count]]
    assert merkle.root(leaves).hex() == ROOTS[count - 1]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_root_is_that_of_the_definition(contents: list[bytes]) -> None:
    assert merkle.root(merkle.leaf(c) for c in contents) == recursive(contents)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40), st.data())
def test_audit_path_leads_to_the_root_and_only_there(
    contents: list[bytes], data: st.DataObject
) -> None:
    leaves = [merkle.leaf(c) for c in contents]
    index = data.draw(st.integers(0, len(leaves) - 1))
    path = merkle.path(leaves, index)
    root = merkle.root(leaves)
    assert merkle.root_of_path(leaves[index], index, len(leaves), path) == root
    assert merkle.root_of_path(merkle.leaf(b"other"), index, len(leaves), path) != root
    assert merkle.root_of_path(leaves[index], index, len(leaves), [*path, root]) is None
