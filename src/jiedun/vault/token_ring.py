"""A keyring whose key-encryption keys are on a PKCS#11 token.

The file under the passphrase keeps the keys of the index, the ledger and the trace; key-encryption keys
are `p11-1`, `p11-2`, … on the token, the highest one active. Opening a vault whose key-encryption key is
still in the file works: `rotate` moves its data keys to the token and destroys the key in the file.
Whoever has the file, the passphrase and all databases but not the token opens no value.
"""

import os
from datetime import datetime
from pathlib import Path

from jiedun.errors import VaultError
from jiedun.vault.ciphers import INTL
from jiedun.vault.keyring import Cost, Keyring, Named, Random, Secret, Use
from jiedun.vault.token import Token

_FRONT = "p11-"
_ON_TOKEN = Secret(b"")


class TokenRing(Keyring):
    """The keys of one vault, those that wrap data keys on a token. `attach` and `make` give one."""

    token: Token

    @classmethod
    def make(
        cls,
        path: Path,
        passphrase: str,
        token: Token,
        *,
        now: datetime,
        cost: Cost | None = None,
        random: Random = os.urandom,
    ) -> "TokenRing":
        """A new keyring whose only key-encryption key is made on the token. VaultError as for
        `Keyring.create`, or where the token refuses or already has keys of that name."""
        if token.numbers():
            raise VaultError(
                "the token already has keys of this name",
                where=token.uri.object,
                next_step="name others: pkcs11:token=…;object=NAME",
            )
        Keyring.create(path, passphrase, now=now, cost=cost, random=random)
        ring = cls.attach(path, passphrase, token)
        token.make()
        ring._drop_file_keks()
        return ring

    @classmethod
    def attach(cls, path: Path, passphrase: str, token: Token) -> "TokenRing":
        """The keyring at `path` with the token's keys in front of its own. VaultError where either
        refuses, or where the profile is `gm`: its keys are SM4, which tokens here do not wrap."""
        base = cls.open(path, passphrase)
        assert isinstance(base, TokenRing)
        if base.profile.name != INTL.name:
            raise VaultError(
                "key-encryption keys on a token are AES; profile gm asks for SM4",
                next_step="keep this vault's keys in the keyring file",
            )
        base.token = token
        base._highest(token.numbers())
        return base

    def _highest(self, numbers: list[int]) -> int | None:
        """The number of the active key; None where it is still in the file."""
        if not numbers and not self._of(Use.KEK):
            raise VaultError(
                "the key-encryption keys of this vault are not on the token",
                where=self.token.uri.object,
                next_step="insert the token that has them",
            )
        return numbers[-1] if numbers else None

    def _drop_file_keks(self) -> None:
        for named in self._of(Use.KEK):
            self._forget(named.id)

    def _forget(self, key: str) -> None:
        del self._keys[key]
        self._aeads.pop(key, None)
        self._active.clear()
        self._save()

    def _named(self, number: int, state: str) -> Named:
        return Named(f"{_FRONT}{number}", Use.KEK, state, "", _ON_TOKEN)

    def refresh(self) -> None:
        """Nothing; keys that another process added or destroyed, in the file or on the token, are
        known here too."""
        super().refresh()
        self.token.numbers()

    def active(self, use: Use) -> Named:
        """The key of that use that is active now; of key-encryption keys the token's highest."""
        if use is not Use.KEK:
            return super().active(use)
        number = self._highest(self.token.known())
        return super().active(use) if number is None else self._named(number, "active")

    def live(self, use: Use) -> list[Named]:
        """Every key of that use, the active one first; those still in the file last."""
        if use is not Use.KEK:
            return super().live(use)
        numbers = self.token.numbers()[::-1]
        found = [self._named(n, "retiring" if at else "active") for at, n in enumerate(numbers)]
        return [*found, *super().live(use)]

    def rotate(self, use: Use, now: datetime) -> str:
        """The id of a new active key; a key-encryption key is made on the token."""
        if use is not Use.KEK:
            return super().rotate(use, now)
        return f"{_FRONT}{self.token.make()}"

    def destroy(self, key: str) -> None:
        """Nothing; the retiring key is gone from the token or the file. VaultError while it is
        active or unknown."""
        if not key.startswith(_FRONT):
            if self.token.numbers() and self._is_file_kek(key):
                self._forget(key)
                return
            super().destroy(key)
            return
        numbers = self.token.numbers()
        if not numbers or _number(key) not in numbers[:-1]:
            raise VaultError("an active or unknown key is not destroyed")
        self.token.destroy(_number(key))

    def _is_file_kek(self, key: str) -> bool:
        named = self._keys.get(key)
        return named is not None and named.use is Use.KEK

    def wrap(self, data_key: bytes, context: bytes, nonce: bytes) -> tuple[str, bytes]:
        """The active key's id, and the data key sealed under it, bound to `context`."""
        number = self._highest(self.token.known())
        if number is None:
            return super().wrap(data_key, context, nonce)
        return f"{_FRONT}{number}", self.token.seal(number, nonce, data_key, context)

    def unwrap(self, kek: str, box: bytes, context: bytes) -> bytes:
        """The data key; VaultError under a wrong key or context, or without the token."""
        if kek.startswith(_FRONT):
            return self.token.unseal(_number(kek), box, context)
        return super().unwrap(kek, box, context)


def _number(key: str) -> int:
    digits = key.removeprefix(_FRONT)
    if not digits.isdecimal():
        raise VaultError("not the name of a key on a token", where=key[:40])
    return int(digits)
