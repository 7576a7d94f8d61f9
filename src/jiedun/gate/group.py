"""Group commit: one thread takes all that wait, commits it together, then tells each of its end."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

from jiedun.errors import ProofError

_LOG = logging.getLogger("jiedun.gate")


def _nobody_waits(_work: "Work") -> None:
    pass


@dataclass(slots=True, eq=False)
class Work:
    """Something a caller waits for. `do(tx)` runs inside the transaction, `failed()` gives the result
    where nothing can be kept, `done(work)` is called by the committing thread once it is over.

    `chain` is decided on; `debtor` (from `since` on), `request` and `contact` are read before.
    """

    chain: int
    do: Callable[[Any], Any]
    failed: Callable[[], Any]
    request: str | None = None
    debtor: str | None = None
    since: int = 0
    contact: str | None = None
    done: Callable[["Work"], object] = _nobody_waits
    result: Any = None
    error: Exception | None = None

    def outcome(self) -> Any:
        """The result; what went wrong is raised."""
        if self.error is not None:
            raise self.error
        return self.result


class Group:
    """The committing thread; it starts with the first work."""

    def __init__(self, commit: Callable[[list[Work]], None], most: int) -> None:
        self._commit = commit
        self._most = most
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = Lock()
        self._thread: Thread | None = None
        self._closed = False

    def submit(self, work: Work) -> None:
        """Nothing; `work.done` is called when it is over. ProofError after `close`."""
        with self._lock:
            if self._closed:
                raise ProofError("the gate is closed", next_step="open it again")
            if self._thread is None:
                self._thread = Thread(target=self._run, name="gate-commit", daemon=True)
                self._thread.start()
            self._queue.put(work)

    def wait(self, work: Work) -> Any:
        """The result of `work`, once it is committed; what went wrong is raised."""
        over = Lock()
        over.acquire()
        work.done = lambda _: over.release()
        self.submit(work)
        over.acquire()
        return work.outcome()

    def close(self) -> None:
        """Nothing; what waits is committed first."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            batch = self._taken()
            works = [work for work in batch if work is not None]
            if works:
                self._finish(works)
            if len(works) < len(batch):
                return

    def _taken(self) -> list[Work | None]:
        batch = [self._queue.get()]
        try:
            while batch[-1] is not None and len(batch) < self._most:
                batch.append(self._queue.get_nowait())
        except Empty:
            pass
        return batch

    def _finish(self, works: list[Work]) -> None:
        try:
            self._commit(works)
        except Exception as error:
            for work in works:
                work.result, work.error = None, error
        for work in works:
            try:
                work.done(work)
            except Exception:
                _LOG.exception("what waited for a work failed")
