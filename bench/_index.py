"""Fills a vault's blind index with random 16-byte tags, as HMAC outputs are, beside real subjects.

Part k of n holds tags whose first eight bytes lie in the k-th n-th of their range, sorted, so that
rows arrive in the order of the index: filling is quick, and what lies there is as random as before.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from jiedun.vault import tables
from jiedun.vault.database import add_rows, writing
from jiedun.vault.store import Vault

PART = 500_000
_END = b"\xff\xff"
_START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_ROW = np.dtype(
    [
        ("columns", ">i2"),
        *[("n1", ">i4"), ("tag", "V16"), ("n2", ">i4"), ("field", ">i2")],
        *[("n3", ">i4"), ("subject", "V16"), ("n4", ">i4"), ("key", ">i2")],
    ]
)


def _parts(count: int) -> Iterator[tuple[NDArray[np.void], NDArray[np.void]]]:
    """Tags in order and subjects, 16 bytes each."""
    rng, parts = np.random.default_rng(1), -(-count // PART)
    width = (1 << 64) // parts
    for number in range(parts):
        size = min(PART, count - number * PART)
        front = np.sort(rng.integers(0, width, size, dtype=np.uint64)) + np.uint64(number * width)
        tags = np.empty(size, dtype=[("front", ">u8"), ("rest", "V8")])
        tags["front"], tags["rest"] = front, np.frombuffer(rng.bytes(8 * size), dtype="V8")
        yield tags.view("V16"), np.frombuffer(rng.bytes(16 * size), dtype="V16")


def _wire(tags: NDArray[np.void], subjects: NDArray[np.void]) -> bytes:
    """Rows of `blind` in PostgreSQL's binary COPY format."""
    rows = np.zeros(len(tags), dtype=_ROW)
    rows["columns"], rows["n1"], rows["n2"], rows["n3"], rows["n4"] = 4, 16, 2, 16, 2
    rows["tag"], rows["subject"], rows["field"], rows["key"] = tags, subjects, 1, 1
    return rows.tobytes()


def fill(vault: Vault, count: int) -> int:
    """The number of rows in the index afterwards; `count` of them are new."""
    statement = 'COPY blind (tag, "field", subject, "key") FROM STDIN (FORMAT BINARY)'
    for tags, subjects in _parts(count):
        with writing(vault.data) as link:
            if link.dialect.name == "sqlite":
                pairs = zip(tags.tolist(), subjects.tolist(), strict=True)
                add_rows(link, tables.blind, [(tag, 1, subject, 1) for tag, subject in pairs])
                continue
            with link.connection.cursor().copy(statement) as into:
                into.write(_START + _wire(tags, subjects) + _END)
    if vault.data.dialect.name == "postgresql":
        with vault.data.connect() as link:
            link.execution_options(isolation_level="AUTOCOMMIT")
            link.exec_driver_sql("VACUUM ANALYZE blind")
    with vault.data.connect() as link:
        return int(link.exec_driver_sql("SELECT count(*) FROM blind").scalar_one())
