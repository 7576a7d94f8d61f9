"""Moves SQLite's write-ahead log into the database beside the commits, so that none waits for it.

A passive checkpoint holds up no writer, but a commit waits for the disk behind the pages that it makes
durable: moved often, they are few. Under load the log never comes to its end and grows; past
`MOST_FRAMES` the writer is asked to finish the little that is left, and the log starts again.
"""

import sqlite3
from contextlib import suppress
from threading import Event, Thread

EVERY_S = 0.02
MOST_FRAMES = 16_384


class Checkpointer:
    """One thread and one connection to the file at `path`; idle while nothing is written."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._written = Event()
        self._closing = Event()
        self._long = False
        self._thread = Thread(target=self._run, name="gate-checkpoint", daemon=True)
        self._thread.start()

    def wrote(self, writer: sqlite3.Connection) -> None:
        """Nothing; something was committed by `writer`, which finishes the log where it is long."""
        if self._long:
            self._long = False
            with suppress(sqlite3.Error):
                writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        self._written.set()

    def close(self) -> None:
        """Nothing; the thread has ended."""
        self._closing.set()
        self._written.set()
        self._thread.join()

    def _run(self) -> None:
        with suppress(sqlite3.Error):
            db = sqlite3.connect(self._path, isolation_level=None)
            try:
                while not self._closing.is_set():
                    self._written.wait()
                    self._written.clear()
                    self._step(db)
                    self._closing.wait(EVERY_S)
            finally:
                db.close()

    def _step(self, db: sqlite3.Connection) -> None:
        with suppress(sqlite3.Error):  # a full disk shows at the next commit
            _, frames, _ = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            self._long = frames > MOST_FRAMES
