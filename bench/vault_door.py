"""The vault's doors: HTTP against the same reads in process, a PKCS#11 token against the keyring, and
what schema versions cost when a vault is opened.

The service runs in a process of its own. Results are checked before they are timed. The token is SoftHSM2,
which runs in this process: it says what calls cost, not what a device costs. Skipped where it is absent.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from jiedun.vault import migrate
from jiedun.vault.access import Actor, Limits
from jiedun.vault.client import Refused, VaultClient
from jiedun.vault.database import connect
from jiedun.vault.keyring import Cost, Keyring, Secret
from jiedun.vault.register import example
from jiedun.vault.store import Places, Vault, open_vault
from jiedun.vault.token_uri import parse

CHEAP = Cost(64, 1, 1)
READS = 400
CREDIT = Actor("clerk", "credit")
LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
_SERVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import uvicorn
from jiedun.vault.access import Limits
from jiedun.vault.keyring import Keyring
from jiedun.vault.register import example
from jiedun.vault.serve import Service
from jiedun.vault.store import Places, open_vault
from jiedun.web.keys import ApiKeys
home = Path(sys.argv[1])
ring = Keyring.open(home / "ring", "pw")
clock = lambda: datetime.now(UTC)
with open_vault(Places.below(home), ring, example(), clock=clock, limits=Limits(10**9, 10**9)) as v:
    uvicorn.run(Service(v, ApiKeys(None)).app(), port=int(sys.argv[2]), log_level="error")
"""


def _vault(home: Path) -> Vault:
    ring = Keyring.open(home / "ring", "pw")
    return open_vault(
        Places.below(home),
        ring,
        example(),
        clock=lambda: datetime.now(UTC),
        limits=Limits(10**9, 10**9),
    )


def _times(act: Callable[[], object], count: int) -> list[float]:
    found = []
    for _ in range(count):
        start = time.perf_counter()
        act()
        found.append(1000 * (time.perf_counter() - start))
    return sorted(found)


def _http(home: Path) -> bool:
    Keyring.create(home / "ring", "pw", now=datetime.now(UTC), cost=CHEAP)
    with _vault(home) as vault:
        who = vault.put({"name": "欧阳测试", "mobile": "13800001234"}, ["loan"], CREDIT)
        inside = _times(lambda: vault.read(who, ["name", "mobile"], "loan", CREDIT), READS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = subprocess.Popen([sys.executable, "-c", _SERVER, str(home), str(port)])
    try:
        web = VaultClient(f"http://127.0.0.1:{port}", actor="clerk", role="credit")
        _until_up(web)
        seen = web.read(who.hex(), ["name"], "loan")
        assert seen["name"]["value"] == "欧阳测试"
        outside = _times(lambda: web.read(who.hex(), ["name", "mobile"], "loan"), READS)
        body = {"name": "欧阳测试", "mobile": "13900001234"}
        kept = _times(lambda: web.collect(body, ["loan"]), READS // 2)
    finally:
        run.terminate()
        run.wait(20)
    for name, values in (("in process", inside), ("over HTTP", outside), ("collect, HTTP", kept)):
        p99 = values[len(values) * 99 // 100]
        print(f"read {name}: median {statistics.median(values):.2f} ms, p99 {p99:.2f} ms")
    return True


def _until_up(web: VaultClient) -> None:
    for _ in range(200):
        try:
            web.health()
            return
        except Refused:
            time.sleep(0.05)
    raise SystemExit("the service did not start")


def _token(home: Path) -> bool:
    if not LIBRARY.exists() or shutil.which("softhsm2-util") is None:
        print("token: SoftHSM2 is not on this machine")
        return True
    from jiedun.vault.token import Token
    from jiedun.vault.token_ring import TokenRing

    (home / "tokens").mkdir()
    (home / "conf").write_text(f"directories.tokendir={home / 'tokens'}\nlog.level=ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(home / "conf")
    words = ["--init-token", "--free", "--label", "b", "--so-pin", "12345678", "--pin", "4829"]
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
    uri = parse(f"pkcs11:token=b?module-path={LIBRARY}")
    now = datetime.now(UTC)
    file = Keyring.create(home / "file", "pw", now=now, cost=CHEAP)
    token = TokenRing.make(home / "ring", "pw", Token(uri, Secret(b"4829")), now=now, cost=CHEAP)
    for name, ring in (("keyring file", file), ("token", token)):
        kek, box = ring.wrap(bytes(32), b"c", bytes(12))
        assert ring.unwrap(kek, box, b"c") == bytes(32)
        least = min(_spent(ring, kek, box) for _ in range(5))
        print(f"wrap + unwrap of a data key, {name}: {1e6 * least / 2000:.0f} us of processor time")
    return True


def _spent(ring: Keyring, kek: str, box: bytes) -> float:
    start = time.process_time()
    for _ in range(2000):
        ring.wrap(bytes(32), b"c", bytes(12))
        ring.unwrap(kek, box, b"c")
    return time.process_time() - start


def _versions(home: Path) -> bool:
    data = connect(home / "data.db")
    first = _times(lambda: migrate.upgrade(data, "data"), 1)[0]
    again = statistics.median(_times(lambda: migrate.upgrade(data, "data"), 50))
    assert migrate.version(data) == migrate.HEADS["data"]
    data.dispose()
    print(f"schema: made in {first:.0f} ms, looked at afterwards in {again:.2f} ms")
    return True


def run() -> bool:
    """True where every result was as it must be; figures are printed."""
    met = True
    for part in (_http, _token, _versions):
        with tempfile.TemporaryDirectory() as folder:
            met = part(Path(folder)) and met
    return met
