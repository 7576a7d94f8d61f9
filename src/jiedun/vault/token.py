"""Key-encryption keys on a PKCS#11 token: made there, used there, never out of it.

A data key is sealed by `CKM_AES_GCM` on the token under the nonce and context of the vault: the box has
the keyring's form (nonce, ciphertext, 16-byte tag). `C_WrapKey` is not used: it binds to no context, and
the token in the tests (SoftHSM 2.6) offers it for `CKM_AES_KEY_WRAP` only. Keys are 256-bit AES, sensitive,
not extractable, not modifiable. A token that draws GCM nonces itself is not supported.
Source: PKCS #11 v3.0, `CKM_AES_GCM`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11 import exceptions as p11
from pkcs11.mechanisms import GCMParams

from jiedun.errors import VaultError
from jiedun.vault.ciphers import NONCE, TAG
from jiedun.vault.keyring import Secret
from jiedun.vault.token_uri import TokenUri

T = TypeVar("T")
_BITS = 256
_PIN = (p11.PinIncorrect, p11.PinInvalid, p11.PinLenRange)
_TEMPLATE = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.MODIFIABLE: False,
}


@dataclass(frozen=True, slots=True)
class _Open:
    """A session, and the keys of the family by number."""

    session: Any
    keys: dict[int, Any]


class Token:
    """The keys `NAME-1`, `NAME-2`, … on one token. The session is opened when first needed, and again
    after the token was gone."""

    def __init__(self, uri: TokenUri, pin: Secret) -> None:
        self.uri = uri
        self._pin = pin
        self._lock = Lock()
        self._now: _Open | None = None
        self._lost = False

    def __repr__(self) -> str:
        return f"<token {self.uri.token or self.uri.serial}, keys {self.uri.object}-*>"

    def numbers(self) -> list[int]:
        """The numbers of the keys, lowest first, as the token has them now."""
        return self._run(lambda now: sorted(now.keys), fresh=True)

    def known(self) -> list[int]:
        """The numbers of the keys as last seen."""
        return self._run(lambda now: sorted(now.keys))

    def make(self) -> int:
        """The number of a new key, one above the highest."""
        return self._run(self._make, fresh=True)

    def _make(self, now: _Open) -> int:
        number = 1 + max(now.keys, default=0)
        now.keys[number] = now.session.generate_key(
            KeyType.AES,
            _BITS,
            label=f"{self.uri.object}-{number}",
            id=f"{self.uri.object}-{number}".encode(),
            store=True,
            capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
            template=_TEMPLATE,
        )
        return number

    def destroy(self, number: int) -> None:
        """Nothing; the key is gone from the token."""
        self._run(lambda now: self._destroy(now, number), fresh=True)

    def _destroy(self, now: _Open, number: int) -> None:
        self._key(now, number).destroy()
        del now.keys[number]

    def seal(self, number: int, nonce: bytes, data: bytes, context: bytes) -> bytes:
        """`nonce ‖ ciphertext ‖ tag`, made on the token."""
        how = GCMParams(nonce, context, 8 * TAG)
        return nonce + self._run(
            lambda now: bytes(
                self._key(now, number).encrypt(
                    data, mechanism=Mechanism.AES_GCM, mechanism_param=how
                )
            )
        )

    def unseal(self, number: int, box: bytes, context: bytes) -> bytes:
        """What was sealed; VaultError where it was changed, or sealed for another context."""
        if len(box) < NONCE + TAG:
            raise _shut()
        how = GCMParams(box[:NONCE], context, 8 * TAG)

        def run(now: _Open) -> bytes:
            key = self._key(now, number)
            try:
                return bytes(
                    key.decrypt(box[NONCE:], mechanism=Mechanism.AES_GCM, mechanism_param=how)
                )
            except p11.PKCS11Error:
                key[Attribute.LABEL]  # asks the token again: raises where it is gone
                raise _shut() from None

        return self._run(run)

    def _key(self, now: _Open, number: int) -> Any:
        if number not in now.keys:
            now.keys.update(self._find(now.session))
        if number not in now.keys:
            raise VaultError(
                "a key-encryption key is not on the token",
                where=f"{self.uri.object}-{number}",
                next_step="insert the token that has it, or restore the token from its backup",
            )
        return now.keys[number]

    def _find(self, session: Any) -> dict[int, Any]:
        front, found = f"{self.uri.object}-", dict[int, Any]()
        for key in session.get_objects(
            {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.AES}
        ):
            label = str(key.label or "")
            digits = label.removeprefix(front)
            if not label.startswith(front) or not digits.isdecimal():
                continue
            if key[Attribute.EXTRACTABLE] or not key[Attribute.SENSITIVE]:
                raise VaultError(
                    "a key on the token may leave it", where=label, next_step="make another on it"
                )
            if int(digits) in found:
                raise VaultError("two keys on the token have one name", where=label)
            found[int(digits)] = key
        return found

    # sessions

    def _run(self, act: Callable[[_Open], T], *, fresh: bool = False) -> T:
        with self._lock, self._told():
            if self._now is None:
                self._now = self._connect()
            elif fresh:
                keys = self._find(self._now.session)
                if self._now.keys and not keys:  # a session whose token was pulled shows no objects
                    raise p11.TokenNotPresent
                self._now = _Open(self._now.session, keys)
            return act(self._now)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns the library's errors into the vault's, and forgets a session that has ended."""
        try:
            yield
        except _PIN:
            self._now = None
            raise VaultError(
                "the token refuses the PIN",
                next_step="check it before trying again: a token locks itself after a few tries",
            ) from None
        except p11.PinLocked:
            self._now = None
            raise VaultError(
                "the token has locked itself", next_step="its security officer unlocks it"
            ) from None
        except (p11.MechanismInvalid, p11.MechanismParamInvalid):
            raise VaultError(
                "the token does not offer AES-GCM as it is needed", next_step="use another token"
            ) from None
        except (p11.PKCS11Error, RuntimeError) as error:
            self._now, self._lost = None, True
            raise VaultError(
                "the token does not answer",
                where=self.uri.token or self.uri.serial,
                why=type(error).__name__,
                next_step="nothing was kept; see that it is plugged in, then run this again",
            ) from None

    def _connect(self) -> _Open:
        lib = self._library()
        wanted: dict[str, Any] = {}
        if self.uri.token:
            wanted["token_label"] = self.uri.token
        if self.uri.serial:
            wanted["token_serial"] = self.uri.serial.encode()
        try:
            token = lib.get_token(**wanted)
        except p11.NoSuchToken:
            self._lost = True
            raise VaultError(
                "there is no such token", where=self.uri.token or self.uri.serial
            ) from None
        try:
            session = token.open(user_pin=self._pin.reveal().decode(), rw=True)
        except p11.UserAlreadyLoggedIn:
            session = token.open(rw=True)
        return _Open(session, self._find(session))

    def _library(self) -> Any:
        where = self.uri.module
        if not where.is_file():
            raise VaultError(
                "the PKCS#11 library is not there", where=where.name, next_step="see module-path"
            )
        try:
            lib = pkcs11.lib(str(where))
            if self._lost:
                lib.reinitialize()
        except (p11.PKCS11Error, RuntimeError, OSError) as error:
            raise VaultError(
                "the PKCS#11 library cannot be loaded", where=where.name, why=type(error).__name__
            ) from None
        self._lost = False
        return lib


def _shut() -> VaultError:
    return VaultError(
        "a data key cannot be opened",
        why="it was changed, cut, moved from another place, or sealed under another key",
        next_step="restore it from a backup and look into the access log",
    )
