"""A PostgreSQL server for one measurement, as it comes: durable, default settings, then removed."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


def _other() -> dict[str, Any]:
    """Arguments that start a process as an unprivileged user where this one is root."""
    return {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def server() -> Iterator[tuple[str, ...]]:
    """The addresses of two empty databases, for data and for keys; none where no server is installed."""
    if any(shutil.which(name) is None for name in ("initdb", "postgres")):
        yield ()
        return
    home = Path(tempfile.mkdtemp(prefix="jiedun-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(home, "nobody", "nogroup")
        init = ["initdb", "-D", f"{home}/db", "-U", "jiedun", "-A", "trust", "-E", "UTF8"]
        subprocess.run(init, check=True, stdout=subprocess.DEVNULL, cwd="/", **_other())
        yield from _running(home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _running(home: Path) -> Iterator[tuple[str, str]]:
    port = _port()
    start = ["postgres", "-D", f"{home}/db", "-p", str(port), "-k", str(home)]
    start += ["-c", "listen_addresses=127.0.0.1", "-c", "max_wal_size=4GB"]
    with (home / "log").open("wb") as log:
        run = subprocess.Popen(start, stdout=log, stderr=log, cwd="/", **_other())
    try:
        base = f"postgresql://jiedun@127.0.0.1:{port}"
        _make_keys(f"{base}/postgres")
        yield f"{base}/postgres", f"{base}/keys"
    finally:
        run.terminate()
        run.wait(60)


def _make_keys(address: str) -> None:
    for attempt in range(200):
        try:
            with psycopg.connect(address, autocommit=True) as link:
                link.execute("CREATE DATABASE keys")
                return
        except psycopg.OperationalError:
            if attempt == 199:
                raise
            time.sleep(0.1)
