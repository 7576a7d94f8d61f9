"""Signatures: RFC 8032 vectors, keys on disk, keys that prove nothing."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from jiedun.chain import sign
from jiedun.errors import ProofError

# RFC 8032 section 7.1: secret, public, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_published_vectors(
    secret: str, public: str, message: str, signature: str, tmp_path: Path
) -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    path = tmp_path / "key"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    loaded = sign.load(path)
    assert loaded.public.hex() == public
    assert loaded.sign(bytes.fromhex(message)).hex() == signature
    assert sign.verify(loaded.public, bytes.fromhex(signature), bytes.fromhex(message))
    assert not sign.verify(loaded.public, bytes.fromhex(signature), b"another")


def test_created_key_is_private_and_comes_back(tmp_path: Path) -> None:
    key = sign.load_or_create(tmp_path / "seal.key")
    assert (tmp_path / "seal.key").stat().st_mode & 0o777 == 0o600
    assert sign.load_or_create(tmp_path / "seal.key").public == key.public
    assert len(sign.fingerprint(key.public)) == 64
    with pytest.raises(ProofError, match="already"):
        sign.create(tmp_path / "seal.key")


def test_key_open_to_others_is_refused(tmp_path: Path) -> None:
    sign.create(tmp_path / "seal.key")
    (tmp_path / "seal.key").chmod(0o644)
    with pytest.raises(ProofError, match="others"):
        sign.load(tmp_path / "seal.key")


def test_what_is_no_such_key_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no key")
    other = x25519.X25519PrivateKey.generate()
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "other").write_bytes(pem)
    for name in ("absent", "text", "other"):
        with pytest.raises(ProofError):
            sign.load(tmp_path / name)


@pytest.mark.parametrize(
    "public",
    [
        "00" * 32,
        "01" + "00" * 31,
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 30 + "7f",
        "ee" + "ff" * 30 + "7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ],
)
def test_keys_under_which_a_signature_proves_nothing(public: str) -> None:
    forged = bytes.fromhex("01" + "00" * 31) + bytes(32)
    assert not sign.verify(bytes.fromhex(public), forged, b"anything")
