"""Known answers for every primitive, through the library; the keyring and its refusals."""

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SM3, Hash
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from jiedun.errors import VaultError
from jiedun.vault.ciphers import GM, INTL, Aead, profile
from jiedun.vault.keyring import Cost, Keyring, Secret, Use

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CHEAP = Cost(64, 1, 1)
SM4_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")

# name, AEAD, nonce, associated data, plaintext, ciphertext and tag
VECTORS = {
    "NIST GCM test case 16": (
        INTL.aead(bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)),
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b",
    ),
    "NIST GCM test case 13": (
        INTL.aead(bytes(32)),
        "00" * 12,
        "",
        "",
        "530f8afbc74536b9a963b4f1c4cb738b",
    ),
    "RFC 8998 A.1": (
        GM.aead(SM4_KEY),
        "00001234567800000000abcd",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
        "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec",
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_aead_vectors(name: str) -> None:
    aead, *words = VECTORS[name]
    nonce, context, plain, sealed = map(bytes.fromhex, words)
    assert aead.encrypt(nonce, plain, context) == sealed
    assert aead.decrypt(nonce, sealed, context) == plain


@pytest.mark.parametrize("name", VECTORS)
def test_what_must_not_open_does_not(name: str) -> None:
    """After the cases of Project Wycheproof: every flipped bit of tag, ciphertext, nonce and
    associated data, tags of zeros and ones, cut tags, and data appended."""
    aead, *words = VECTORS[name]
    nonce, context, plain, sealed = map(bytes.fromhex, words)
    for odd in _flips(sealed):
        _refused(aead, nonce, odd, context)
    for odd in _flips(nonce):
        _refused(aead, odd, sealed, context)
    for odd in [*_flips(context), context + b"\0", context[:-1] if context else b"x"]:
        _refused(aead, nonce, sealed, odd)
    body = sealed[: len(plain)]
    for tag in (bytes(16), b"\xff" * 16, sealed[-16:-1], sealed[-16:-8], b""):
        _refused(aead, nonce, body + tag, context)
    _refused(aead, nonce, sealed + b"\0", context)


def _flips(raw: bytes) -> list[bytes]:
    return [
        raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :]
        for bit in range(8 * len(raw))
    ]


def _refused(aead: Aead, nonce: bytes, sealed: bytes, context: bytes) -> None:
    with pytest.raises(InvalidTag):
        aead.decrypt(nonce, sealed, context)


def test_sm4_and_sm3_known_answers() -> None:
    """GB/T 32907-2016 A.1, GB/T 32905-2016 A.1 and A.2."""
    run = Cipher(algorithms.SM4(SM4_KEY), modes.ECB()).encryptor()
    assert run.update(SM4_KEY).hex() == "681edf34d206965e86b3e94f536e4246"
    for text, wanted in (
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ):
        assert _sm3(text).hex() == wanted


def _sm3(text: bytes) -> bytes:
    run = Hash(SM3())
    run.update(text)
    return run.finalize()


def test_macs() -> None:
    """RFC 4231 test case 2; for SM3 the definition of RFC 2104 over the hash itself."""
    message = b"what do ya want for nothing?"
    wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert INTL.mac(b"Jefe")(message).hex() == wanted
    key = b"Jefe".ljust(64, b"\0")
    inner = _sm3(bytes(b ^ 0x36 for b in key) + message)
    assert GM.mac(b"Jefe")(message) == _sm3(bytes(b ^ 0x5C for b in key) + inner)


def test_argon2id_known_answer() -> None:
    """RFC 9106 section 5.3."""
    run = Argon2id(
        salt=b"\2" * 16, length=32, iterations=3, lanes=4, memory_cost=32,
        ad=b"\4" * 12, secret=b"\3" * 8,
    )  # fmt: skip
    wanted = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    assert run.derive(b"\1" * 32).hex() == wanted


@pytest.mark.parametrize("kind", ["intl", "gm"])
def test_a_keyring_opens_with_its_passphrase_only(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "ring"
    made = Keyring.create(path, "对的口令", now=NOW, kind=kind, cost=CHEAP)
    box = made.wrap(b"k" * 32, b"context", bytes(12))[1]
    again = Keyring.open(path, "对的口令")
    assert again.unwrap("kek-1", box, b"context") == b"k" * 32
    assert path.stat().st_mode & 0o077 == 0
    for words in ("错的口令", "", "对的口令 "):
        with pytest.raises(VaultError, match="cannot be opened"):
            Keyring.open(path, words)
    for odd in (box[:-1], box[:5], b""):
        with pytest.raises(VaultError):
            again.unwrap("kek-1", odd, b"context")
    with pytest.raises(VaultError):
        again.unwrap("kek-1", box, b"other")
    with pytest.raises(VaultError):
        again.unwrap("index-1", box, b"context")


def test_a_changed_keyring_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    Keyring.create(path, "pw", now=NOW, cost=CHEAP)
    whole = json.loads(path.read_text())
    keys = whole["keys"]
    swapped = [{**keys[0], "box": keys[1]["box"]}, *keys[1:]]
    renamed = [{**keys[0], "use": "index"}, *keys[1:]]
    changed: list[object] = [
        {**whole, "keys": swapped},
        {**whole, "keys": renamed},
        {**whole, "schema": "other"},
        {**whole, "kdf": {**whole["kdf"], "memory_kib": 1 << 40}},
        {**whole, "kdf": {}},
        [],
    ]
    for odd in changed:
        path.write_text(json.dumps(odd))
        with pytest.raises(VaultError):
            Keyring.open(path, "pw")
    path.write_bytes(b"\xff\0{")
    with pytest.raises(VaultError):
        Keyring.open(path, "pw")


def test_rotation_destruction_and_a_new_passphrase(tmp_path: Path) -> None:
    path = tmp_path / "ring"
    ring = Keyring.create(path, "pw", now=NOW, cost=CHEAP)
    box = ring.wrap(b"k" * 32, b"", bytes(12))[1]
    assert ring.rotate(Use.KEK, NOW) == ring.kek == "kek-2"
    assert ring.unwrap("kek-1", box, b"") == b"k" * 32
    for key in ("kek-2", "kek-9"):
        with pytest.raises(VaultError):
            ring.destroy(key)
    with pytest.raises(VaultError):
        ring.rotate(Use.LEDGER, NOW)
    ring.destroy("kek-1")
    with pytest.raises(VaultError):
        ring.unwrap("kek-1", box, b"")
    ring.change_passphrase("neu")
    with pytest.raises(VaultError):
        Keyring.open(path, "pw")
    assert Keyring.open(path, "neu").kek == "kek-2"
    with pytest.raises(VaultError):
        Keyring.create(path, "pw", now=NOW, cost=CHEAP)


def test_secrets_hide() -> None:
    secret = Secret(b"very secret bytes")
    assert "very" not in f"{secret} {secret!r}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(VaultError):
        profile("rot13")
