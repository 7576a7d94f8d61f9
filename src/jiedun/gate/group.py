"""Group commit: one thread takes all that wait, commits it together, then tells each of its end."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Lock, Thread
from time import monotonic
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
    """The committing thread; it starts with the first work.

    Where several are asking, those that are likely to ask again are waited for, at most `linger_s`
    seconds: what a commit costs is then shared by more. Who has been asking alone does not
    wait.
    """

    def __init__(
        self, commit: Callable[[list[Work]], None], most: int, linger_s: float = 0.0
    ) -> None:
        self._commit = commit
        self._most = most
        self._linger = linger_s
        self._waiting: list[Work] = []
        self._likely = 1
        self._ready = Condition(Lock())
        self._thread: Thread | None = None
        self._closed = False

    def submit(self, work: Work) -> None:
        """Nothing; `work.done` is called when it is over. ProofError after `close`."""
        with self._ready:
            if self._closed:
                raise ProofError("the gate is closed", next_step="open it again")
            if self._thread is None:
                thread = Thread(target=self._run, name="gate-commit", daemon=True)
                thread.start()
                self._thread = thread
            self._waiting.append(work)
            if len(self._waiting) in (1, self._likely):
                self._ready.notify()

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
        with self._ready:
            self._closed = True
            self._ready.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while batch := self._taken():
            self._finish(batch)
            seen = min(len(batch) + len(self._waiting), self._most)
            self._likely = max(seen, self._likely * 3 // 4)

    def _taken(self) -> list[Work]:
        """What is to be committed together; nothing once the group is closed and all is done."""
        with self._ready:
            while not self._waiting and not self._closed:
                self._ready.wait()
            until = monotonic() + self._linger
            while len(self._waiting) < self._likely and not self._closed:
                left = until - monotonic()
                if left <= 0:
                    break
                self._ready.wait(left)
            batch = self._waiting[: self._most]
            del self._waiting[: self._most]
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
