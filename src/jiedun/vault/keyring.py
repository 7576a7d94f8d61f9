"""Key-encryption keys in a file under a passphrase.

The file is JSON: `{"schema":"jiedun.keyring/1","profile","kdf":{…},"keys":[{"id","use","state",
"created","box"}]}`. Each key is sealed under a key that Argon2id (RFC 9106, second recommended
set: 64 MiB, 3 passes, 4 lanes) derives from the passphrase; the seal is bound to id and use.
Data keys are wrapped by the active key of use `kek`; older ones open what they wrapped until it is
wrapped again, then they are destroyed. No secret is in a `repr`, an exception or a pickle.
"""

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn, Protocol

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from jiedun.chain.files import write_new
from jiedun.errors import VaultError
from jiedun.vault.ciphers import NONCE, Aead, Profile, profile, seal, unseal

SCHEMA = "jiedun.keyring/1"
Random = Callable[[int], bytes]


class Use(StrEnum):
    """What a key is for; a key serves one use."""

    KEK = "kek"
    INDEX = "index"
    LEDGER = "ledger"
    TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess at the passphrase costs: memory in KiB, passes, lanes."""

    memory_kib: int = 65536
    passes: int = 3
    lanes: int = 4


class Secret:
    """Bytes that do not show themselves; `reveal` gives them."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def reveal(self) -> bytes:
        """The bytes."""
        return self._raw

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True, slots=True)
class Named:
    """One key: `state` is `active` or `retiring` (still opens, no longer wraps)."""

    id: str
    use: Use
    state: str
    created: str
    secret: Secret

    @property
    def number(self) -> int:
        """Which of its use: `index-2` is 2."""
        return int(self.id.split("-")[-1])


class Wrapper(Protocol):
    """Whoever holds key-encryption keys: this keyring, or a token behind PKCS#11."""

    @property
    def kek(self) -> str:
        """The id of the key that wraps now."""
        ...

    def wrap(self, data_key: bytes, context: bytes, nonce: bytes) -> tuple[str, bytes]:
        """The active key's id, and the data key wrapped under it, bound to `context`; `nonce` is 12
        fresh random bytes."""
        ...

    def unwrap(self, kek: str, box: bytes, context: bytes) -> bytes:
        """The data key; VaultError under a wrong key or context."""
        ...


def _check(cost: Cost) -> Cost:
    sane = 8 <= cost.memory_kib <= 4 << 20 and 1 <= cost.passes <= 64 and 1 <= cost.lanes <= 64
    if not sane:
        raise VaultError("the keyring names a cost that is out of bounds")
    return cost


def _derive(passphrase: str, salt: bytes, cost: Cost, length: int) -> bytes:
    return Argon2id(
        salt=salt,
        length=length,
        iterations=cost.passes,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
    ).derive(passphrase.encode("utf-8", "surrogatepass"))


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


class Keyring:
    """The keys of one vault, open in memory. `create` and `open` are the ways to get one."""

    def __init__(self, path: Path, kind: Profile, top: Aead, kdf: Mapping[str, Any]) -> None:
        self.path = path
        self.profile = kind
        self._top = top
        self._kdf = dict(kdf)
        self._keys: dict[str, Named] = {}
        self._aeads: dict[str, Aead] = {}
        self._active: dict[Use, Named] = {}
        self._macs: dict[str, Callable[[bytes], bytes]] = {}
        self._random: Random = os.urandom
        self._seen = 0

    def __repr__(self) -> str:
        return f"<keyring {self.path.name}, {len(self._keys)} keys>"

    @classmethod
    def create(
        cls,
        path: Path,
        passphrase: str,
        *,
        now: datetime,
        kind: str = "intl",
        cost: Cost | None = None,
        random: Random = os.urandom,
    ) -> "Keyring":
        """A new keyring at `path`, readable by its owner only, with one key of each use.
        VaultError where a file is there already or the passphrase is empty."""
        if path.exists():
            raise VaultError("a keyring is already there", where=path.name)
        if not passphrase:
            raise VaultError("an empty passphrase protects nothing")
        chosen, spent, salt = profile(kind), _check(cost or Cost()), random(16)
        kdf = {
            "name": "argon2id",
            "salt": _b64(salt),
            "memory_kib": spent.memory_kib,
            "passes": spent.passes,
            "lanes": spent.lanes,
        }
        top = chosen.aead(_derive(passphrase, salt, spent, chosen.key_length))
        ring = cls(path, chosen, top, kdf)
        ring._random = random
        for use in Use:
            ring._new(use, now)
        ring._save()
        return ring

    @classmethod
    def open(cls, path: Path, passphrase: str) -> "Keyring":
        """The keyring kept at `path`. VaultError where it is unreadable, changed, or the passphrase
        is another."""
        try:
            raw = json.loads(path.read_bytes())
            if raw["schema"] != SCHEMA:
                raise VaultError("not a keyring of this version", where=path.name)
            chosen, kdf = profile(raw["profile"]), raw["kdf"]
            cost = _check(Cost(kdf["memory_kib"], kdf["passes"], kdf["lanes"]))
            salt = base64.b64decode(kdf["salt"], validate=True)
            key = _derive(passphrase, salt, cost, chosen.key_length)
            ring = cls(path, chosen, chosen.aead(key), kdf)
            ring._seen = path.stat().st_mtime_ns
            for row in raw["keys"]:
                ring._load(row)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VaultError(
                "the keyring cannot be read", where=path.name, why=type(error).__name__
            ) from None
        return ring

    def _load(self, row: Mapping[str, Any]) -> None:
        use = Use(row["use"])
        box = base64.b64decode(row["box"], validate=True)
        try:
            raw = unseal(self._top, box, _context(row["id"], use), "the keyring")
        except VaultError:
            raise VaultError(
                "the keyring cannot be opened",
                where=self.path.name,
                why="the passphrase is another, or the file was changed",
            ) from None
        named = Named(row["id"], use, row["state"], row["created"], Secret(raw))
        self._keys[named.id] = named

    def _new(self, use: Use, now: datetime) -> Named:
        number = 1 + max((k.number for k in self._of(use)), default=0)
        raw = self._random(self.profile.key_length if use is Use.KEK else 32)
        named = Named(f"{use}-{number}", use, "active", now.isoformat(), Secret(raw))
        for old in self._of(use):
            self._keys[old.id] = replace(old, state="retiring")
        self._keys[named.id] = named
        self._active.clear()
        return named

    def _save(self) -> None:
        record = {
            "schema": SCHEMA,
            "profile": self.profile.name,
            "kdf": self._kdf,
            "keys": [self._row(named) for named in self._keys.values()],
        }
        write_new(self.path, json.dumps(record, indent=1).encode())
        self._seen = self.path.stat().st_mtime_ns

    def refresh(self) -> None:
        """Nothing; keys that another process added or destroyed are known here too. VaultError
        where the file is gone or the passphrase was changed meanwhile."""
        try:
            seen = self.path.stat().st_mtime_ns
            if seen == self._seen:
                return
            raw = json.loads(self.path.read_bytes())
            if raw["kdf"] != self._kdf:
                raise VaultError("the passphrase was changed", next_step="open the keyring again")
            before, self._keys = self._keys, {}
            try:
                for row in raw["keys"]:
                    self._load(row)
            except BaseException:
                self._keys = before
                raise
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise VaultError(
                "the keyring cannot be read", where=self.path.name, why=type(error).__name__
            ) from None
        self._aeads = {k: a for k, a in self._aeads.items() if k in self._keys}
        self._active.clear()
        self._seen = seen

    def _row(self, named: Named) -> dict[str, str]:
        nonce = self._random(NONCE)
        box = seal(self._top, nonce, named.secret.reveal(), _context(named.id, named.use))
        return {
            "id": named.id,
            "use": named.use.value,
            "state": named.state,
            "created": named.created,
            "box": _b64(box),
        }

    def _of(self, use: Use) -> list[Named]:
        return [named for named in self._keys.values() if named.use is use]

    def active(self, use: Use) -> Named:
        """The key of that use that is active now."""
        found = self._active.get(use)
        if found is None:
            found = next(named for named in self._of(use) if named.state == "active")
            self._active[use] = found
        return found

    def live(self, use: Use) -> list[Named]:
        """Every key of that use, the active one first."""
        return sorted(self._of(use), key=lambda named: named.state != "active")

    def rotate(self, use: Use, now: datetime) -> str:
        """The id of a new active key; the one before is retiring. The file holds both before this
        returns. Keys of use `ledger` are not rotated: the chain is checked under one key."""
        if use is Use.LEDGER:
            raise VaultError("the ledger's key is not rotated", next_step="begin a new ledger")
        named = self._new(use, now)
        self._save()
        return named.id

    def destroy(self, key: str) -> None:
        """Nothing; the retiring key is gone from the file and from here. VaultError while it is
        active or unknown."""
        named = self._keys.get(key)
        if named is None or named.state == "active":
            raise VaultError("an active or unknown key is not destroyed")
        del self._keys[key]
        self._aeads.pop(key, None)
        self._save()

    def change_passphrase(self, passphrase: str) -> None:
        """Nothing; the file opens under the new passphrase only."""
        if not passphrase:
            raise VaultError("an empty passphrase protects nothing")
        salt = self._random(16)
        self._kdf["salt"] = _b64(salt)
        cost = Cost(self._kdf["memory_kib"], self._kdf["passes"], self._kdf["lanes"])
        key = _derive(passphrase, salt, cost, self.profile.key_length)
        self._top = self.profile.aead(key)
        self._save()

    @property
    def kek(self) -> str:
        """The id of the key-encryption key that wraps now."""
        return self.active(Use.KEK).id

    def _aead(self, kek: str) -> Aead:
        if kek not in self._aeads:
            if kek not in self._keys:
                self.refresh()
            named = self._keys.get(kek)
            if named is None or named.use is not Use.KEK:
                raise VaultError("a key-encryption key is not in this keyring", where=kek[:40])
            self._aeads[kek] = self.profile.aead(named.secret.reveal())
        return self._aeads[kek]

    def mac(self, key: str) -> Callable[[bytes], bytes]:
        """The function giving HMAC under the key of that id, 32 bytes."""
        if key not in self._macs:
            self._macs[key] = self.profile.mac(self._keys[key].secret.reveal())
        return self._macs[key]

    def wrap(self, data_key: bytes, context: bytes, nonce: bytes) -> tuple[str, bytes]:
        """The active key-encryption key's id, and the data key sealed under it, bound to `context`."""
        kek = self.active(Use.KEK).id
        return kek, nonce + self._aead(kek).encrypt(nonce, data_key, context)

    def unwrap(self, kek: str, box: bytes, context: bytes) -> bytes:
        """The data key; VaultError under a wrong key or context."""
        return unseal(self._aead(kek), box, context, "a data key")


def _context(key: str, use: Use) -> bytes:
    return f"{SCHEMA}|{use}|{key}".encode()
