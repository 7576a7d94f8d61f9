"""Contacts as files, and a stream of them that the gate can be asked about too."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def write_csv(tmp_path: Path) -> Callable[..., Path]:
    """Writes rows as CSV, with the columns of the first row."""

    def write(rows: Sequence[Mapping[str, Any]], name: str = "contacts.csv") -> Path:
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as stream:
            out = csv.DictWriter(stream, fieldnames=list(rows[0]))
            out.writeheader()
            out.writerows(rows)
        return path

    return write


@pytest.fixture
def contact() -> Callable[..., dict[str, Any]]:
    """A row for a connected interactive call by a bank to its debtor, with columns changed."""

    def make(name: str, at: str, **changes: Any) -> dict[str, Any]:
        plain = {
            "id": name, "at": at, "creditor": "甲银行", "debtor": "p1", "person": "p1",
            "role": "debtor", "channel": "call", "kind": "interactive", "connected": "true",
            "lender_type": "bank", "agency": "A", "number": "1",
        }  # fmt: skip
        return {**plain, **changes}

    return make
