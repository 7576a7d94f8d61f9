"""A small case, its store, bags sealed from it, and a timestamp authority on this machine."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jiedun.chain import sign
from jiedun.evidence.custody.keep import keep_folder
from jiedun.evidence.custody.store import Store
from jiedun.evidence.seal import verify_standalone
from jiedun.evidence.seal.choose import choose
from jiedun.evidence.seal.make import Order, Sealed, make
from jiedun.evidence.seal.verify import Expected, verify

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FILES = {
    "sms.xml": '<smses count="1"><sms body="还钱" address="17000000001"/></smses>'.encode(),
    "calls.csv": b"time,direction,peer_number\n2026-01-01 23:00:00,incoming,17000000001\n",
    "parties.csv": "number,role,name,note\n17000000009,friend,王小明,\n".encode(),
    "phones/17000000009/sms.xml": "<smses/>".encode("utf-16"),
    "photo.jpg": bytes(range(256)) * 40,
    "长名/证据.txt": "证据".encode("gb18030"),
    "story.md": b"my own account",
}


def build_case(folder: Path) -> Path:
    """The files of the case, written below `folder`."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def seal_case(case: Path, results: Path, bag: Path, **order: Any) -> Sealed:
    """The case sealed at `bag`."""
    findings = order.pop("findings", b'{"schema":"jiedun.findings/1","findings":[]}\n')
    only = order.pop("only", "all")
    with Store(results, clock=lambda: NOON) as store:
        keep_folder(case, store)
        key = sign.load_or_create(store.folder / "seal.key")
        chosen = choose(store.kept(), order.pop("cited", None), only=only, story=False)
        return make(bag, store, Order(chosen, findings, only, **order), key, lambda: NOON)


@dataclass(frozen=True)
class Both:
    """The answers of both verifiers about one bag."""

    product: bool
    standalone: bool
    faults: tuple[str, ...]


def ask_both(bag: Path, root: str | None = None, key: str | None = None) -> Both:
    """What both verifiers say, without starting a process."""
    report = verify(bag, Expected(root, key))
    words = [str(bag), *(["--root", root] if root else []), *(["--key", key] if key else [])]
    alone = verify_standalone.main(words) == 0
    return Both(report.whole, alone, tuple(n.code for n in report.faults))


@pytest.fixture
def both() -> Callable[..., Both]:
    """Asks both verifiers."""
    return ask_both


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case folder."""
    return build_case(tmp_path / "case")


@pytest.fixture
def seal() -> Callable[..., Sealed]:
    """Seals a case."""
    return seal_case


_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/{signer}.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
"""
_TODAY = datetime.now(UTC)
_YEAR = timedelta(days=365)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _issue(
    name: str,
    key: Any,
    issuer: str,
    issuer_key: Any,
    extensions: list[tuple[Any, bool]],
    since: datetime = _TODAY - _YEAR,
    until: datetime = _TODAY + 10 * _YEAR,
) -> x509.Certificate:
    builder = x509.CertificateBuilder(
        _name(issuer), _name(name), key.public_key(), x509.random_serial_number(), since, until
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical)
    return builder.sign(issuer_key, SHA256())


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and certificates: two roots, a good signer, one that has expired, one for servers."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "serial").write_text("01\n")
    root, other, tsa = (rsa.generate_private_key(65537, 2048) for _ in range(3))
    pem = tsa.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "tsa.key").write_bytes(pem)
    ca = [(x509.BasicConstraints(ca=True, path_length=None), True)]
    stamping = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)]
    server = [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), True)]
    made = {
        "ca": _issue("root", root, "root", root, ca),
        "other": _issue("other", other, "other", other, ca),
        "good": _issue("tsa", tsa, "root", root, stamping),
        "expired": _issue("tsa", tsa, "root", root, stamping, _TODAY - 3 * _YEAR, _TODAY - _YEAR),
        "server": _issue("tsa", tsa, "root", root, server),
    }
    for name, certificate in made.items():
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return folder


@dataclass
class Authority:
    """A timestamp authority on this machine: its address and its root certificate.
    `signer` may be changed to another certificate of its folder."""

    folder: Path
    url: str = ""
    signer: str = "good"
    broken: bytes | None = None

    @property
    def root(self) -> Path:
        return self.folder / "ca.pem"

    def reply(self, query: bytes) -> bytes:
        """The answer to one request."""
        if self.broken is not None:
            return self.broken
        (self.folder / "cnf").write_text(_CONFIG.format(folder=self.folder, signer=self.signer))
        (self.folder / "query").write_bytes(query)
        words = ["openssl", "ts", "-reply", "-config", "cnf", "-section", "one"]
        words += ["-queryfile", "query", "-out", "answer"]
        subprocess.run(words, cwd=self.folder, check=True, capture_output=True)
        return (self.folder / "answer").read_bytes()


@pytest.fixture
def authority(authority_folder: Path) -> Iterator[Authority]:
    """The authority, answering on loopback."""
    found = Authority(authority_folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            answer = found.reply(query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()
