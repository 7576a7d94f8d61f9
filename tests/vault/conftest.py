"""An open vault with cheap keys and a clock that tests move by hand; on SQLite and PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiedun.vault.access import Actor, Limits
from jiedun.vault.keyring import Cost, Keyring
from jiedun.vault.register import example
from jiedun.vault.store import Places, Vault, open_vault

CHEAP = Cost(64, 1, 1)


@dataclass
class Clock:
    """A clock that stands until told to move."""

    now: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


def _cheap(cost: Cost, memory_kib: int = 64, passes: int = 1, lanes: int = 1) -> None:
    for name, value in (("memory_kib", memory_kib), ("passes", passes), ("lanes", lanes)):
        object.__setattr__(cost, name, value)


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keyrings that commands make cost little to open."""
    monkeypatch.setattr(Cost, "__init__", _cheap)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def credit() -> Actor:
    return Actor("zhang.san", "credit")


@pytest.fixture
def person() -> dict[str, str]:
    """Invented, with valid check digits."""
    return {
        "mobile": "13800001234",
        "name": "欧阳测试",
        "id_number": "11010519491231002X",
        "bank_card": "6222020000000000000",
        "loan_amount": "5000.00",
    }


Opener = Callable[..., Vault]


@pytest.fixture(params=["sqlite", "postgresql"])
def opener(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Opener]:
    """A function that opens one vault, the same one each time it is called."""
    made: list[Vault] = []
    places = Places.below(tmp_path)
    if request.param == "postgresql":
        places = request.getfixturevalue("postgres")(places)
    ring = tmp_path / "keyring.json"

    def open_it(kind: str = "intl", limits: Limits | None = None) -> Vault:
        for vault in made:
            vault.close()
        made.clear()
        if not ring.exists():
            Keyring.create(ring, "open sesame", now=clock(), kind=kind, cost=CHEAP)
        keys = Keyring.open(ring, "open sesame")
        made.append(open_vault(places, keys, example(), clock=clock, limits=limits))
        return made[0]

    yield open_it
    for vault in made:
        vault.close()


@pytest.fixture
def vault(opener: Opener) -> Vault:
    return opener()


def _as_other() -> dict[str, object]:
    """Arguments that start a process as an unprivileged user where this one is root."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


class Server:
    """A PostgreSQL server that tests may stop and start again on the same port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://jiedun@127.0.0.1:{self.port}"
        self._run: subprocess.Popen[bytes] | None = None

    def make(self) -> bool:
        words = [
            "initdb",
            "-D",
            str(self.home / "db"),
            "-U",
            "jiedun",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-N",
        ]
        made = subprocess.run(
            words, capture_output=True, cwd="/", check=False,
            **_as_other(),  # type: ignore[call-overload]
        )  # fmt: skip
        return bool(made.returncode == 0)

    def start(self) -> None:
        words = [
            "postgres",
            "-D",
            str(self.home / "db"),
            "-p",
            str(self.port),
            "-k",
            str(self.home),
        ]
        words += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (self.home / "log").open("ab") as log:
            self._run = subprocess.Popen(
                words, stdout=log, stderr=log, cwd="/",
                **_as_other(),  # type: ignore[call-overload]
            )  # fmt: skip
        _wait(self.port)

    def stop(self) -> None:
        if self._run is not None:
            self._run.send_signal(signal.SIGINT)  # fast: connections are cut
            self._run.wait(20)
            self._run = None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server started for this run, or a plain skip."""
    if any(shutil.which(name) is None for name in ("initdb", "postgres")):
        pytest.skip("no PostgreSQL server on this machine")
    home = Path(os.environ.get("JIEDUN_PG_TMP", "/tmp")) / f"jiedun-pg-{os.getpid()}"
    home.mkdir(mode=0o700)
    made = Server(home)
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "nobody", "nogroup")
        if not made.make():
            pytest.skip("initdb does not run here")
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def server(postgresql: Server) -> str:
    """The address of that server."""
    return postgresql.url


def _wait(port: int) -> None:
    import time

    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(f"postgresql://jiedun@127.0.0.1:{port}/postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    pytest.fail("the PostgreSQL server did not start")


@pytest.fixture
def postgres(server: str) -> Callable[[Places], Places]:
    """A function that moves a vault's databases to the server, where they begin empty."""
    import psycopg

    for name in ("postgres", "template1"):
        with psycopg.connect(f"{server}/{name}", autocommit=True) as link:
            link.execute("DROP SCHEMA public CASCADE")
            link.execute("CREATE SCHEMA public")

    def moved(places: Places) -> Places:
        return Places(f"{server}/postgres", f"{server}/template1", places.log, places.heads)

    return moved
