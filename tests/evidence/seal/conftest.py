"""A small case, its store, bags sealed from it, and a timestamp authority on this machine."""

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

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
digests = sha256, sha512
ess_cert_id_alg = sha256
accuracy = secs:1
[tsa_ext]
extendedKeyUsage = critical,timeStamping
[plain_ext]
extendedKeyUsage = serverAuth
[ca_ext]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[req]
distinguished_name = dn
[dn]
"""


def openssl(folder: Path, *words: str) -> None:
    """Runs the OpenSSL command in `folder`."""
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def _certificate(folder: Path, name: str, extensions: str, *days: str) -> None:
    openssl(
        folder,
        "req",
        "-new",
        "-key",
        "tsa.key",
        "-subj",
        f"/O=local/CN={name}",
        "-config",
        "cnf",
        "-out",
        f"{name}.csr",
    )
    openssl(
        folder,
        "x509",
        "-req",
        "-in",
        f"{name}.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        "cnf",
        "-extensions",
        extensions,
        *days,
        "-out",
        f"{name}.pem",
    )


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
        openssl(
            self.folder, "ts", "-reply", "-config", "cnf", "-queryfile", "query", "-out", "answer"
        )
        return (self.folder / "answer").read_bytes()


@pytest.fixture(scope="session")
def authority_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys and certificates: a root, a good signer, one that has expired, one not for stamping."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "cnf").write_text(_CONFIG.format(folder=folder, signer="good"))
    (folder / "serial").write_text("01\n")
    for name in ("ca", "tsa", "other"):
        openssl(
            folder,
            "genpkey",
            "-algorithm",
            "RSA",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            f"{name}.key",
        )
    for name in ("ca", "other"):
        openssl(
            folder,
            "req",
            "-new",
            "-x509",
            "-key",
            f"{name}.key",
            "-subj",
            f"/CN={name}",
            "-config",
            "cnf",
            "-extensions",
            "ca_ext",
            "-days",
            "3650",
            "-out",
            f"{name}.pem",
        )
    _certificate(folder, "good", "tsa_ext", "-days", "3650")
    _certificate(
        folder,
        "expired",
        "tsa_ext",
        "-not_before",
        "20200101000000Z",
        "-not_after",
        "20210101000000Z",
    ) if _dates_known() else None
    _certificate(folder, "server", "plain_ext", "-days", "3650")
    return folder


def _dates_known() -> bool:
    text = subprocess.run(["openssl", "x509", "-help"], capture_output=True, text=True, check=False)
    return "-not_before" in text.stderr + text.stdout


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
