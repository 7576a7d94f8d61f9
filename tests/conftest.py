"""Where the tests find things; tests that need the reference data skip plainly without it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the checkout, or a plain skip."""
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared) is not beside this checkout")
    return SHARED


@pytest.fixture
def rewrite() -> Callable[[Path, str], None]:
    """Compares text with a golden file, or rewrites it when JIEDUN_GOLDEN=rewrite."""

    def compare(path: Path, text: str) -> None:
        if os.environ.get("JIEDUN_GOLDEN") == "rewrite":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text("utf-8") == text

    return compare


def _unprivileged() -> dict[str, str]:
    """The database server refuses to run as root: another user then runs it."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": next(name for name in ("postgres", "nobody") if name in known)}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a real PostgreSQL server on a free port, up to the database's name; or a plain skip."""
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        pytest.skip("PostgreSQL's server (initdb, postgres) is not on this machine")
    with tempfile.TemporaryDirectory(prefix="jiedun-pg-", ignore_cleanup_errors=True) as folder:
        who = _unprivileged()
        if who:
            shutil.chown(folder, **who)
        data = Path(folder) / "data"
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **who}
        init = ["initdb", "-D", str(data), "-A", "trust", "-U", "jiedun", "-E", "UTF8", "--no-sync"]
        subprocess.run([*init, "--locale=C"], check=True, cwd=folder, **quiet)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = ["-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
        server = subprocess.Popen(["postgres", "-D", str(data), *options], cwd=folder, **quiet)
        try:
            base = f"postgresql://jiedun@127.0.0.1:{port}/"
            _until_ready(base)
            yield base
        finally:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is wanted
            server.wait(30)


def _until_ready(base: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(base + "postgres").close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture
def new_database(postgres: str) -> Callable[[], str]:
    """Makes a new empty schema and gives the URL that speaks of it alone."""

    def make() -> str:
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(postgres + "postgres", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{postgres}postgres?options=-csearch_path%3D{name}"

    return make
