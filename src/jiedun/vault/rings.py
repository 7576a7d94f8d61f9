"""Opening a vault's keys, in the keyring file alone or with key-encryption keys on a token.

The library that speaks PKCS#11 is optional: `pip install 'jiedun[pkcs11]'`.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jiedun.errors import VaultError
from jiedun.vault.keyring import Cost, Keyring, Secret, Use
from jiedun.vault.token_uri import TokenUri, parse

if TYPE_CHECKING:
    from jiedun.vault.token import Token

PIN = "JIEDUN_PIN"
MODULE = "JIEDUN_PKCS11_MODULE"


def pin(uri: TokenUri, file: Path | None, env: Mapping[str, str]) -> Secret:
    """The PIN: from the file given, else the URI's `pin-source`, else the environment's `JIEDUN_PIN`.
    VaultError where there is none, or its file cannot be read or may be read by others."""
    where = file or (Path(uri.pin_source) if uri.pin_source else None)
    if where is None:
        if not env.get(PIN):
            raise VaultError("the token needs its PIN", next_step=f"--pin-file FILE, or set {PIN}")
        return Secret(env[PIN].encode())
    try:
        if os.name == "posix" and where.stat().st_mode & 0o077:
            raise VaultError(
                "others may read the file of the PIN", where=where.name, next_step="chmod 600"
            )
        raw = where.read_bytes().strip()
    except OSError as error:
        raise VaultError(
            "the file of the PIN cannot be read", where=where.name, why=type(error).__name__
        ) from None
    if not raw:
        raise VaultError("the file of the PIN is empty", where=where.name)
    return Secret(raw)


def token(keys: str, pin_file: Path | None, env: Mapping[str, str]) -> "Token":
    """The token named by a PKCS#11 URI, not yet asked for anything. BadValue for a wrong URI;
    VaultError without its PIN or without the library."""
    uri = parse(keys, env.get(MODULE, ""))
    try:
        from jiedun.vault.token import Token
    except ImportError:
        raise VaultError(
            "the library that speaks PKCS#11 is not installed",
            next_step="pip install 'jiedun[pkcs11]'",
        ) from None
    return Token(uri, pin(uri, pin_file, env))


def open_ring(path: Path, passphrase: str, tok: "Token | None" = None) -> Keyring:
    """The keys of the vault whose keyring is at `path`. VaultError as for `Keyring.open`; where its
    key-encryption keys are on a token and none is given."""
    if tok is not None:
        from jiedun.vault.token_ring import TokenRing

        return TokenRing.attach(path, passphrase, tok)
    ring = Keyring.open(path, passphrase)
    if not ring.live(Use.KEK):
        raise VaultError(
            "this vault's key-encryption keys are on a token",
            where=path.name,
            next_step="--keys 'pkcs11:token=LABEL?module-path=/…/lib.so'",
        )
    return ring


def make_ring(
    path: Path,
    passphrase: str,
    tok: "Token | None" = None,
    *,
    now: datetime,
    kind: str = "intl",
    cost: Cost | None = None,
) -> Keyring:
    """A new vault's keys; errors as for `Keyring.create` and `TokenRing.make`."""
    if tok is None:
        return Keyring.create(path, passphrase, now=now, kind=kind, cost=cost)
    from jiedun.vault.token_ring import TokenRing

    if kind != "intl":
        raise VaultError("key-encryption keys on a token are AES; profile gm asks for SM4")
    return TokenRing.make(path, passphrase, tok, now=now, cost=cost)
