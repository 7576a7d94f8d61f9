"""The book of incidents: each from a suspicion to a closed report, in a chained log.

Every change writes the incident whole; the last line of an id is how it stands, the lines before are its
history. Cause, measures and notes are written by people: they hold no personal information.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from jiedun.chain.log import Log, entries
from jiedun.errors import ProofError, VaultError
from jiedun.vault.incidents import Incident, Stage, advance

KIND = "incident"


def read(path: Path) -> dict[str, Incident]:
    """The incidents by id as they stand, in order of opening; ProofError where the chain is broken."""
    found: dict[str, Incident] = {}
    if not path.exists():
        return found
    for entry in entries(path):
        if entry.kind == KIND and entry.body is not None:
            one = _incident(entry.body, entry.seq)
            found[one.id] = one
    return found


def begin(
    log: Log, found_at: datetime, window: tuple[datetime, datetime], cause: str, now: datetime
) -> Incident:
    """A new incident, suspected, written down. VaultError for times without a zone, a window that ends
    before it begins, or a discovery in the future."""
    if any(t.tzinfo is None for t in (found_at, *window)) or window[0] > window[1]:
        raise VaultError("the times of an incident have a zone, and its window begins first")
    if found_at > now:
        raise VaultError("an incident is not found in the future")
    number = f"i-{log.head.count + 1}"
    return keep(log, Incident(number, found_at, window, cause), now)


def step(log: Log, one: Incident, to: Stage, note: str, now: datetime) -> Incident:
    """The incident one stage on, written down. VaultError as for `incidents.advance`."""
    return keep(log, advance(one, to, now, note), now)


def measure(log: Log, one: Incident, words: str, now: datetime) -> Incident:
    """The incident with one more measure taken, written down. VaultError where it is closed."""
    if one.stage is Stage.CLOSED or not words.strip():
        raise VaultError("a measure has words, and a closed incident takes no more", where=one.id)
    return keep(log, replace(one, measures=(*one.measures, words)), now)


def keep(log: Log, one: Incident, now: datetime) -> Incident:
    """The incident, on the disk."""
    body = {
        "id": one.id,
        "found_at": one.found_at.isoformat(),
        "window": [t.isoformat() for t in one.window],
        "cause": one.cause,
        "stage": one.stage.value,
        "measures": list(one.measures),
        "timeline": [[at.isoformat(), stage.value, note] for at, stage, note in one.timeline],
    }
    log.append(KIND, body, now)
    return one


def _incident(body: Mapping[str, Any], seq: int) -> Incident:
    try:
        start, end = map(datetime.fromisoformat, body["window"])
        return Incident(
            body["id"],
            datetime.fromisoformat(body["found_at"]),
            (start, end),
            body["cause"],
            Stage(body["stage"]),
            tuple(body["measures"]),
            tuple((datetime.fromisoformat(at), Stage(s), n) for at, s, n in body["timeline"]),
        )
    except (KeyError, ValueError, TypeError):
        raise ProofError("a line of the book of incidents is none", where=f"#{seq}") from None
