"""API keys: who holds one and what it may do. Keys are kept as SHA-256 of their text only."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from jiedun.errors import InputError

_BEARER = "Bearer "


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a key stands for: name, role, and its scopes."""

    name: str
    role: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Holders by the SHA-256 (hexadecimal) of their key; None where no key is asked."""

    holders: Mapping[str, Holder] | None

    def holder(self, header: str) -> Holder | None:
        """Who sent this `Authorization` header; None for a key that is not known. Every key is
        compared, each in constant time."""
        if self.holders is None or not header.startswith(_BEARER):
            return None
        given = hashlib.sha256(header.removeprefix(_BEARER).encode()).hexdigest()
        found = None
        for digest, one in self.holders.items():
            if hmac.compare_digest(digest, given):
                found = one
        return found


OWN_HOSTS = ("127.0.0.1", "localhost", "[::1]", "::1")
"""What a `Host` header may say where no key is asked: another name is a page in a browser."""


def load_keys(path: Path, scopes: frozenset[str]) -> ApiKeys:
    """The keys of a JSON file `{SHA-256: {"name", "role", "scopes": […]}}`. InputError where it is not
    one, where a digest is none, or where a scope is not among `scopes`."""
    try:
        raw = json.loads(path.read_text("utf-8"))
        holders = {digest: _holder(row) for digest, row in raw.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = type(error).__name__
        raise InputError(
            "the API keys cannot be read",
            where=path.name,
            why=why,
            next_step='write {SHA-256 of the key: {"name": …, "role": …, "scopes": […]}}',
        ) from None
    for number, (digest, one) in enumerate(holders.items(), 1):
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise InputError(
                "not the SHA-256 of a key",
                where=f"{path.name}#{number}",
                next_step="printf %s KEY | sha256sum",
            )
        if one.scopes - scopes or not one.name:
            raise InputError(
                "a key has no name, or a scope that is not known",
                where=f"{path.name}#{number}",
                next_step="scopes: " + ", ".join(sorted(scopes)),
            )
    return ApiKeys(holders)


def _holder(row: Mapping[str, Any]) -> Holder:
    return Holder(str(row["name"]), str(row.get("role", "")), frozenset(map(str, row["scopes"])))


def loopback(host: str) -> bool:
    """Whether a name or address to bind is this machine's own."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
