"""Timestamps: a local authority, published tokens, and tokens that lie."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from jiedun.errors import ProofError
from jiedun.evidence.seal import timestamp
from jiedun.evidence.seal.verify import Expected, verify

SAMPLES = "samples/rfc3161/trailofbits+rfc3161-client"


def test_sealed_with_a_timestamp(case: Path, tmp_path: Path, seal: Any, authority: Any) -> None:
    roots = timestamp.roots(authority.root)
    sealed = seal(case, tmp_path / "r", tmp_path / "bag", tsa=authority.url, authorities=roots)
    report = verify(tmp_path / "bag", Expected(authorities=roots))
    assert report.whole and report.facts["timestamp"] == sealed.timestamp.isoformat()
    assert verify(tmp_path / "bag").remarks[0].code == "authority-unchecked"


def test_openssl_agrees(case: Path, tmp_path: Path, seal: Any, authority: Any) -> None:
    seal(case, tmp_path / "r", tmp_path / "bag", tsa=authority.url)
    bag = tmp_path / "bag"
    words = ["openssl", "ts", "-verify", "-data", str(bag / "tagmanifest-sha256.txt")]
    words += ["-in", str(bag / "timestamp.tsr"), "-CAfile", str(authority.root)]
    assert b"OK" in subprocess.run(words, capture_output=True, check=True).stdout


def test_another_root_is_refused(case: Path, tmp_path: Path, seal: Any, authority: Any) -> None:
    other = timestamp.roots(authority.folder / "other.pem")
    seal(case, tmp_path / "r", tmp_path / "bag", tsa=authority.url)
    report = verify(tmp_path / "bag", Expected(authorities=other))
    assert [n.code for n in report.faults] == ["authority"]


def test_certificate_not_meant_for_timestamps(authority: Any) -> None:
    """OpenSSL will not sign with such a certificate, so a good token is checked against it."""
    token = timestamp.request(authority.url, b"message")
    server = timestamp.roots(authority.folder / "server.pem")
    with pytest.raises(ProofError, match="not proved"):
        timestamp.examine(token, b"message", server)


def test_expired_at_its_own_time(authority: Any) -> None:
    authority.signer = "expired"
    token = timestamp.request(authority.url, b"message")
    timestamp.examine(token, b"message")
    with pytest.raises(ProofError, match="not proved"):
        timestamp.examine(token, b"message", timestamp.roots(authority.root))


def _length(size: int) -> bytes:
    raw = size.to_bytes((size.bit_length() + 7) // 8 or 1, "big")
    return raw if size < 128 else bytes([128 | len(raw)]) + raw


def _parts(der: bytes) -> list[bytes]:
    """The elements inside one DER element."""
    parts, at = [], _start(der)
    while at < len(der):
        end = at + _start(der[at:]) + _size(der[at:])
        parts.append(der[at:end])
        at = end
    return parts


def _start(der: bytes) -> int:
    return 2 if der[1] < 128 else 2 + (der[1] & 127)


def _size(der: bytes) -> int:
    return der[1] if der[1] < 128 else int.from_bytes(der[2 : _start(der)], "big")


def _wrap(tag: int, parts: list[bytes]) -> bytes:
    body = b"".join(parts)
    return bytes([tag]) + _length(len(body)) + body


def inject(token: bytes, certificate: bytes) -> bytes:
    """The token with one more certificate among those it carries; nothing signed is touched."""
    status, content = _parts(token)
    kind, explicit = _parts(content)
    signed = _parts(_parts(explicit)[0])
    place = next(i for i, part in enumerate(signed) if part[0] == 0xA0)
    signed[place] = _wrap(0xA0, sorted([*_parts(signed[place]), certificate]))
    return _wrap(0x30, [status, _wrap(0x30, [kind, _wrap(0xA0, [_wrap(0x30, signed)])])])


def test_injected_certificate_does_not_stand_in_for_the_signer(authority: Any) -> None:
    """A token signed by one who may not stamp, with a certificate of one who may put beside it."""
    token = timestamp.request(authority.url, b"message")
    good = timestamp.roots(authority.folder / "good.pem")[0]
    imposter = timestamp.roots(authority.folder / "other.pem")
    forged = inject(token, imposter[0].public_bytes(Encoding.DER))
    with pytest.raises(ProofError, match="not proved"):
        timestamp.examine(forged, b"message", imposter)
    assert isinstance(good, x509.Certificate)
    timestamp.examine(token, b"message", timestamp.roots(authority.root))


def test_authority_that_is_silent_refuses_or_lies(
    case: Path, tmp_path: Path, seal: Any, authority: Any
) -> None:
    for url in ("http://127.0.0.1:9/", "ftp://x", "file:///etc/passwd", "http://[bad"):
        with pytest.raises(ProofError):
            timestamp.request(url, b"message")
    other = timestamp.request(authority.url, b"another message")
    again = timestamp.request(authority.url, b"message")
    for answer, why in ((b"", "malformed"), (b"\x30\x00", "malformed"), (b"<html>", "malformed"),
                        (other, "something else"), (again, "another request")):  # fmt: skip
        authority.broken = answer
        with pytest.raises(ProofError, match=why):
            timestamp.request(authority.url, b"message")
    with pytest.raises(ProofError):
        seal(case, tmp_path / "r", tmp_path / "bag", tsa=authority.url)
    assert not (tmp_path / "bag").exists()


@pytest.mark.parametrize("name", ["test_tsa/response.tsr", "sigstage/response-sha512.tsr"])
def test_published_tokens_of_another_hash(shared: Path, name: str) -> None:
    token = (shared / SAMPLES / name).read_bytes()
    with pytest.raises(ProofError, match="something else"):
        timestamp.examine(token, b"hello")


def test_published_token_over_sha256(shared: Path) -> None:
    token = (shared / SAMPLES / "sigstage/response-sha256.tsr").read_bytes()
    roots = timestamp.roots(shared / SAMPLES / "sigstage/ts_chain.pem")
    stamp = timestamp.examine(token, b"hello", roots)
    assert stamp.at.isoformat() == "2025-05-09T11:58:55+00:00"
    for message in (b"hello\n", b"Hello", b""):
        with pytest.raises(ProofError, match="something else"):
            timestamp.examine(token, message, roots)
    others = timestamp.roots(shared / SAMPLES / "test_tsa/ts_chain.pem")
    with pytest.raises(ProofError, match="not proved"):
        timestamp.examine(token, b"hello", others)


def test_any_byte_of_a_token_changed_is_refused_or_says_the_same(authority: Any) -> None:
    """With the root pinned; bytes outside what is signed, such as the status text, may differ."""
    token = timestamp.request(authority.url, b"message")
    roots = timestamp.roots(authority.root)
    stamp = timestamp.examine(token, b"message", roots)
    for at in range(0, len(token), 37):
        changed = token[:at] + bytes([token[at] ^ 1]) + token[at + 1 :]
        try:
            found = timestamp.examine(changed, b"message", roots)
        except ProofError:
            continue
        assert found == stamp


def test_no_certificates_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.pem").write_text("nothing")
    for name in ("x.pem", "absent.pem"):
        with pytest.raises(ProofError, match="no certificates"):
            timestamp.roots(tmp_path / name)
