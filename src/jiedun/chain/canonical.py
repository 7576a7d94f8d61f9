"""One spelling for every record, so that its hash is its name.

The spelling is JSON in UTF-8 with sorted keys and no spaces. Floats are refused: two programs may
spell the same float differently. Source: RFC 8259; the order of keys is by code point.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from jiedun.errors import ProofError


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise ProofError("a record holds a float", why="floats have no single spelling")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ProofError("a record has a key that is not text")
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)


def encode(value: Mapping[str, Any]) -> bytes:
    """The one spelling of `value`, without a final newline; ProofError on floats or odd text."""
    _refuse_floats(value)
    try:
        return _dumps(value)
    except (TypeError, ValueError) as error:
        raise ProofError("a record cannot be spelled", why=type(error).__name__) from error


def _dumps(value: Any) -> bytes:
    spelled = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return spelled.encode("utf-8")


def decode(line: bytes) -> dict[str, Any]:
    """The record spelled by `line`; ProofError when the line is not in the one spelling."""
    try:
        value = json.loads(line.decode("utf-8"))
        same = isinstance(value, dict) and _dumps(value) == line
    except (ValueError, RecursionError) as error:
        raise ProofError("a line is not a record", why=type(error).__name__) from error
    if not same:
        raise ProofError("a line is not in the one spelling of its record")
    found: dict[str, Any] = value
    return found


def digest(value: Mapping[str, Any]) -> str:
    """SHA-256 of the one spelling, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(encode(value)).hexdigest()
