"""The two sets of primitives, all from `cryptography`: `intl` (AES-256-GCM, SHA-256) and `gm`
(SM4-GCM, SM3; GB/T 32907-2016, GB/T 32905-2016). No mode is composed here.

AES-GCM after NIST SP 800-38D, SM4-GCM after RFC 8998, HMAC after RFC 2104, Argon2id after RFC 9106.
Nonces are 12 random bytes. One data key seals one subject's fields, far below the 2^32 messages
that random nonces allow under one key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SM3, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

from jiedun.errors import VaultError

NONCE = 12
TAG = 16


class Aead(Protocol):
    """Authenticated encryption under one key: what is returned ends in a 16-byte tag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...


class Sm4Gcm:
    """SM4 in Galois/counter mode with the interface of `AESGCM`; the key has 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext and its tag."""
        run = Cipher(self._key, modes.GCM(nonce)).encryptor()
        run.authenticate_additional_data(associated_data or b"")
        return run.update(data) + run.finalize() + run.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plaintext; InvalidTag where anything was changed."""
        if len(data) < TAG:
            raise InvalidTag
        run = Cipher(self._key, modes.GCM(nonce, data[-TAG:])).decryptor()
        run.authenticate_additional_data(associated_data or b"")
        return run.update(data[:-TAG]) + run.finalize()


@dataclass(frozen=True, slots=True)
class Profile:
    """One set of primitives: its name, key length in bytes, cipher and hash."""

    name: str
    key_length: int
    aead: Callable[[bytes], Aead]
    hash: Callable[[], HashAlgorithm]

    def mac(self, key: bytes) -> Callable[[bytes], bytes]:
        """The function giving HMAC under `key`, 32 bytes."""
        copy = HMAC(key, self.hash()).copy

        def run(message: bytes) -> bytes:
            one = copy()
            one.update(message)
            return one.finalize()

        return run


INTL = Profile("intl", 32, AESGCM, SHA256)
GM = Profile("gm", 16, Sm4Gcm, SM3)
_PROFILES = {p.name: p for p in (INTL, GM)}


def profile(name: str) -> Profile:
    """The profile called `name`; VaultError where there is none."""
    try:
        return _PROFILES[name]
    except KeyError:
        raise VaultError("no such profile", next_step="choose intl or gm") from None


def seal(aead: Aead, nonce: bytes, data: bytes, context: bytes) -> bytes:
    """`nonce ‖ ciphertext ‖ tag` bound to `context`."""
    return nonce + aead.encrypt(nonce, data, context)


def unseal(aead: Aead, box: bytes, context: bytes, what: str) -> bytes:
    """The plaintext of `box`; VaultError naming `what` (never its content) where it was changed,
    cut, moved to another place, or sealed under another key."""
    try:
        return aead.decrypt(box[:NONCE], box[NONCE:], context)
    except (InvalidTag, ValueError):
        raise VaultError(
            f"{what} cannot be opened",
            why="it was changed, cut, moved from another place, or sealed under another key",
            next_step="restore it from a backup and look into the access log",
        ) from None
