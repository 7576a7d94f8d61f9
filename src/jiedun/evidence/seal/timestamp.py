"""RFC 3161 timestamps over the tag manifest, through `rfc3161-client`.

A token says: an authority saw this hash at this time. Asking needs the network and happens only
when a URL is given; checking never does. With a pinned root certificate the whole chain is checked
as of the token's own time; without, only what the token is about.
"""

import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import rfc3161_client as tsp
from cryptography import x509

from jiedun.errors import ProofError

_LIMIT = 1 << 20
_TIMEOUT_S = 30
_GRANTED = (tsp.PKIStatus.GRANTED, tsp.PKIStatus.GRANTED_WITH_MODS)
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time a token states, aware; `nonce` as returned, None when there is none."""

    at: datetime
    nonce: int | None


def roots(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file: roots, and any intermediates between."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ProofError("no certificates can be read", where=path.name) from error


def request(url: str, message: bytes) -> bytes:
    """The authority's answer over `message`, in DER, checked to be about it. ProofError when the
    authority does not answer, refuses, or answers about something else."""
    asked = (
        tsp.TimestampRequestBuilder()
        .data(message)
        .hash_algorithm(tsp.HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )
    token = _post(url, asked.as_bytes())
    if examine(token, message).nonce != asked.nonce:
        raise ProofError("the timestamp answers another request", why="its nonce differs")
    return token


def _post(url: str, body: bytes) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise ProofError("--tsa needs an http:// or https:// address")
    headers = {"Content-Type": "application/timestamp-query"}
    try:
        asked = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310
        with urllib.request.urlopen(asked, timeout=_TIMEOUT_S) as reply:  # noqa: S310
            answer: bytes = reply.read(_LIMIT)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise ProofError(
            "the timestamp authority does not answer",
            where=url,
            why=type(error).__name__,
            next_step="try again later, choose another authority, or seal without --tsa",
        ) from error
    return answer


def examine(token: bytes, message: bytes, trusted: list[x509.Certificate] | None = None) -> Stamp:
    """What a token over `message` states. ProofError unless it was granted and is about exactly
    this message; with `trusted`, unless its signature, its signer's purpose and its chain to one
    of these certificates hold at the token's own time.
    """
    try:
        response = tsp.decode_timestamp_response(token)
        info = response.tst_info
        granted = tsp.PKIStatus(response.status) in _GRANTED
        imprint = info.message_imprint
        same = imprint.hash_algorithm == _SHA256 and imprint.message == _sha256(message)
        stamp = Stamp(info.gen_time, info.nonce)
    except (ValueError, TypeError) as error:
        raise ProofError("the timestamp is malformed") from error
    if not granted:
        raise ProofError("the timestamp was not granted")
    if not same:
        raise ProofError("the timestamp is of something else")
    if trusted is not None:
        _chain(response, message, trusted)
    return stamp


def _sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()


def _chain(
    response: tsp.TimeStampResponse, message: bytes, trusted: list[x509.Certificate]
) -> None:
    builder = tsp.VerifierBuilder()
    for certificate in trusted:
        builder = builder.add_root_certificate(certificate)
    try:
        builder.build().verify_message(response, message)
    except (tsp.VerificationError, ValueError) as error:
        raise ProofError("the timestamp authority is not proved", why=str(error)) from error
