"""A worker that writes, changes, rotates and erases until it is killed, and the check afterwards.

Every finished act is acknowledged by a line in `acknowledged`, synced before the next act begins.
"""

import json
import os
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from jiedun.chain.log import verify
from jiedun.errors import VaultError
from jiedun.vault import change
from jiedun.vault.access import Actor, Limits
from jiedun.vault.keyring import Cost, Keyring
from jiedun.vault.register import example
from jiedun.vault.store import Places, Vault, open_vault

ACTOR = Actor("worker", "credit")
SECRET = "绝密明文"
FREE = Limits(10**9, 10**9)
MOST = 60  # so many live subjects at most: every kind of act goes on being begun, and killed


def _now() -> datetime:
    return datetime.now(UTC)


def prepare(folder: Path) -> None:
    """Nothing; a keyring lies in the folder."""
    Keyring.create(folder / "ring", "pw", now=_now(), cost=Cost(64, 1, 1))
    (folder / "acknowledged").touch()


def open_it(folder: Path, clock: Callable[[], datetime] = _now) -> Vault:
    """The vault in the folder."""
    ring = Keyring.open(folder / "ring", "pw")
    return open_vault(Places.below(folder / "v"), ring, example(), clock=clock, limits=FREE)


def work(folder: Path, seed: int) -> None:
    """Acts at random until killed; says `ready` first."""
    rng, known = random.Random(seed), state(folder)
    with open_it(folder) as vault, (folder / "acknowledged").open("ab", buffering=0) as book:
        change.sweep(vault)
        print("ready", flush=True)
        while True:
            _act(vault, rng, known, lambda line: _say(book.fileno(), line))


def _say(book: int, line: dict[str, str | None]) -> None:
    os.write(book, json.dumps(line).encode() + b"\n")
    os.fsync(book)


def _act(
    vault: Vault,
    rng: random.Random,
    known: dict[str, str | None],
    say: Callable[[dict[str, str | None]], None],
) -> None:
    live = sorted(s for s, v in known.items() if v is not None)
    kind = rng.choice(["put", "put", "correct", "erase", "kek", "index"])
    if kind == "put" and len(live) >= MOST:
        kind = "erase"
    if kind == "put" or len(live) < 3:
        value = f"{SECRET}{rng.random()}"
        row = {"name": value, "mobile": f"138{rng.randrange(10**8):08}"}
        for subject in vault.put_many([row] * 5, ["loan"], ACTOR):
            known[subject.hex()] = value
            say({"subject": subject.hex(), "value": value})
    elif kind == "correct":
        one, value = rng.choice(live), f"{SECRET}{rng.random()}"
        say({"subject": one, "intent": value})
        change.correct(vault, bytes.fromhex(one), {"name": value}, ACTOR)
        known[one] = value
        say({"subject": one, "value": value})
    elif kind == "erase":
        one = rng.choice(live)
        say({"subject": one, "intent": None})
        change.erase(vault, bytes.fromhex(one), ACTOR, "test")
        known[one] = None
        say({"subject": one, "value": None})
    elif kind == "kek":
        change.rotate_kek(vault, ACTOR, batch=3)
    else:
        change.rotate_index(vault, ACTOR, batch=3)


def _lines(folder: Path) -> list[dict[str, str | None]]:
    raw = (folder / "acknowledged").read_bytes()
    return [json.loads(line) for line in raw[: raw.rfind(b"\n") + 1].splitlines()]


def state(folder: Path) -> dict[str, str | None]:
    """The acknowledged values by subject, None where erased. Where the last word is an intent the
    subject is left alone from then on: both outcomes are right."""
    found: dict[str, str | None] = {}
    for line in _lines(folder):
        subject = str(line["subject"])
        if "intent" in line:
            found.pop(subject, None)
        else:
            found[subject] = line["value"]
    return found


def check(folder: Path, clock: Callable[[], datetime]) -> int:
    """The number of acknowledged subjects found as acknowledged; AssertionError where one is lost
    or back, a chain is broken, or anything lies in clear."""
    known = state(folder)
    with open_it(folder, clock) as vault:
        change.sweep(vault)
        for subject, value in known.items():
            if value is None:
                assert _gone(vault, subject), "an erased person is back"
                continue
            shown = vault.read(bytes.fromhex(subject), ["name", "mobile"], "loan", ACTOR)
            assert shown["name"].value == value, "an acknowledged value is lost"
            mobile = str(shown["mobile"].value)
            assert bytes.fromhex(subject) in vault.find("mobile", mobile, "loan", ACTOR)
        vault.ledger.verify()
        verify(vault.log.path)
    search(folder)
    return len(known)


def search(folder: Path) -> None:
    """Nothing; AssertionError where a value lies in clear in any file of the vault."""
    for path in (folder / "v").rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), "plaintext on disk"


def _gone(vault: Vault, subject: str) -> bool:
    try:
        vault.read(bytes.fromhex(subject), ["name"], "loan", ACTOR)
    except VaultError:
        return True
    return False


if __name__ == "__main__":
    work(Path(sys.argv[1]), int(sys.argv[2]))
