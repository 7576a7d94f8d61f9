"""Ed25519 keys and signatures (RFC 8032), through `cryptography`."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from jiedun.chain.files import write_new
from jiedun.errors import ProofError

_P = 2**255 - 19
_ORDER_8 = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
_SMALL_Y = {0, 1, _P - 1} | {int.from_bytes(bytes.fromhex(y), "little") for y in _ORDER_8}


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key. `public` is the raw 32-byte public key; the secret is never shown."""

    public: bytes
    _secret: Ed25519PrivateKey

    def sign(self, message: bytes) -> bytes:
        """The signature over `message`, 64 bytes; the same message gives the same bytes."""
        return self._secret.sign(message)


def fingerprint(public: bytes) -> str:
    """SHA-256 of the raw public key, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(public).hexdigest()


def create(path: Path) -> Key:
    """A new key, stored at `path` as PKCS 8 PEM readable by its owner only; never overwrites."""
    if path.exists():
        raise ProofError("a key is already there", where=path.name, next_step="use it or move it")
    secret = Ed25519PrivateKey.generate()
    pem = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_new(path, pem, 0o600)
    return _key(secret)


def load(path: Path) -> Key:
    """The key stored at `path`; ProofError when it is unreadable, not Ed25519, or open to others."""
    try:
        pem = path.read_bytes()
        mode = path.stat().st_mode
        secret = load_pem_private_key(pem, password=None)
    except (OSError, ValueError, TypeError) as error:
        raise ProofError("the key cannot be read", where=path.name) from error
    if not isinstance(secret, Ed25519PrivateKey):
        raise ProofError("the key is not an Ed25519 key", where=path.name)
    if os.name == "posix" and mode & 0o077:
        raise ProofError(
            "others can read the key", where=path.name, next_step=f"chmod 600 {path.name}"
        )
    return _key(secret)


def load_or_create(path: Path) -> Key:
    """The key stored at `path`, made there first when absent."""
    return load(path) if path.exists() else create(path)


def _key(secret: Ed25519PrivateKey) -> Key:
    return Key(secret.public_key().public_bytes_raw(), secret)


def verify(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is the key's over `message`; False for keys that are not in canonical
    form or of small order, under which a signature proves nothing."""
    y = int.from_bytes(public, "little") & (2**255 - 1)
    if len(public) != 32 or len(signature) != 64 or y >= _P or y in _SMALL_Y:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
