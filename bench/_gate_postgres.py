"""A PostgreSQL server of its own for a measurement, on a free port, that can be restarted."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import psycopg.sql


class Server:
    """A running server; `url` speaks of its database `postgres`."""

    def __init__(self, folder: str, who: dict[str, Any]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://jiedun@127.0.0.1:{self.port}/postgres"
        self._folder, self._who = folder, who
        self.start()

    def start(self) -> None:
        """Nothing; the server answers."""
        options = ["-p", str(self.port), "-k", self._folder, "-c", "listen_addresses=127.0.0.1"]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        data = str(Path(self._folder) / "data")
        self._process = subprocess.Popen(
            ["postgres", "-D", data, *options], cwd=self._folder, **quiet, **self._who
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def schema(self, name: str) -> str:
        """The URL of a new, empty schema."""
        with psycopg.connect(self.url, autocommit=True) as db:
            db.execute(psycopg.sql.SQL("CREATE SCHEMA {}").format(psycopg.sql.Identifier(name)))
        return f"{self.url}?options=-csearch_path%3D{name}"

    def stop(self) -> None:
        """Nothing; the server is gone at once, as after a fault: what was committed must be found."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


def _unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name for entry in pwd.getpwall()}
    return {"user": next(name for name in ("postgres", "nobody") if name in known)}


@contextmanager
def server() -> Iterator[Server | None]:
    """A new server, gone afterwards; None where PostgreSQL is not on this machine."""
    if shutil.which("initdb") is None or shutil.which("postgres") is None:
        print("PostgreSQL's server (initdb, postgres) is not on this machine")
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="jiedun-pg-", ignore_cleanup_errors=True) as folder:
        who = _unprivileged()
        if who:
            shutil.chown(folder, **who)
        init = ["initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "jiedun", "-E", "UTF8"]
        subprocess.run(
            [*init, "--locale=C"], check=True, cwd=folder, stdout=subprocess.DEVNULL, **who
        )
        running = Server(folder, who)
        try:
            yield running
        finally:
            running.stop()
