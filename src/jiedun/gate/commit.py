"""Batches of works committed together: read what is not known, do each, write, tell.

What this process knows of debtors and of the ends of chains holds until another gate writes; the
session tells when one did. A batch that meets another gate, or loses its connection, is done again.
"""

from collections.abc import Callable, Sequence

from jiedun.errors import JiedunError, ProofError
from jiedun.gate.group import Work
from jiedun.gate.state import Debtors
from jiedun.gate.tx import Session, Tx, Wanted

TRIES = 3


class _UnkeptError(Exception):
    """Nothing could be written."""


class Committer:
    """Commits batches through one session; used by one thread."""

    def __init__(self, opening: Callable[[], Session], debtors: Debtors) -> None:
        self._opening = opening
        self._debtors = debtors
        self._session: Session | None = None
        self._ends: dict[int, tuple[int, str]] = {}
        self._sure: set[int] = set()

    def commit(self, batch: list[Work]) -> None:
        """Nothing; every work has its result or its error, and what it wrote is on the disk."""
        try:
            self._keep(batch)
        except _UnkeptError:
            for work in batch:
                _fail(work)
        except Exception as error:
            self._drop(batch)
            if len(batch) == 1:
                batch[0].result, batch[0].error = None, error
                return
            for work in batch:
                self.commit([work])

    def close(self) -> None:
        """Nothing; the connection is closed."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _keep(self, batch: Sequence[Work]) -> None:
        for attempt in range(TRIES):
            try:
                session = self._opened()
            except ProofError as error:
                raise _UnkeptError from error
            try:
                self._attempt(session, batch, attempt > 0)
                return
            except session.errors as error:
                usable = self._drop(batch)
                if usable and not isinstance(error, session.conflicts):
                    raise _UnkeptError from error
        raise _UnkeptError

    def _opened(self) -> Session:
        if self._session is None:
            self._session = self._opening()
            self._sure.clear()
        return self._session

    def _drop(self, batch: Sequence[Work]) -> bool:
        """Whether the session can still be used; nothing is taken for known on the batch's chains."""
        for chain in {work.chain for work in batch}:
            self._ends.pop(chain, None)
            self._sure.discard(chain)
            self._debtors.forget_chain(chain)
        session = self._session
        if session is None:
            return True
        usable = session.rollback()
        if not usable:
            self.close()
        return usable

    def _attempt(self, session: Session, batch: Sequence[Work], careful: bool) -> None:
        for work in batch:
            work.result = work.error = None
        if session.begin():
            self._sure.clear()
        tx = Tx(session)
        self._read(tx, batch, careful)
        for work in batch:
            try:
                work.result = work.do(tx)
            except JiedunError as error:
                work.error = error
        session.write(tx)
        for chain in tx.moved:
            self._ends[chain] = tx.ends[chain]

    def _read(self, tx: Tx, batch: Sequence[Work], careful: bool) -> None:
        chains = {work.chain for work in batch}
        unsure = chains if careful else chains - self._sure
        wanted = Wanted(
            sorted(unsure),
            self._debtors.missing({w.debtor: w.since for w in batch if w.debtor is not None}),
            [w.request for w in batch if w.request is not None],
            [w.contact for w in batch if w.contact is not None],
            careful,
        )
        tx.session.read(tx, wanted)
        for chain in unsure:
            if self._ends.get(chain) != tx.ends[chain]:
                self._debtors.forget_chain(chain)
                self._ends[chain] = tx.ends[chain]
        self._sure |= unsure
        for chain in chains:
            tx.ends[chain] = self._ends[chain]


def _fail(work: Work) -> None:
    work.error = None
    try:
        work.result = work.failed()
    except JiedunError as error:
        work.result, work.error = None, error
