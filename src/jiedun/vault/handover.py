"""Handing data over to a recipient: decoys woven in, fingerprinted, recorded and signed.

Each hand-over is a line in a chained log: campaign, recipient, hashes of the file, of the decoys
and of the code word, and an Ed25519 signature over them. Decoys stand between the real rows at
places drawn under the trace key, so that place and order betray nothing.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jiedun.chain import canonical
from jiedun.chain.log import Log, entries
from jiedun.chain.sign import Key, verify
from jiedun.errors import ProofError, VaultError
from jiedun.vault.trace import Decoy, Mac, mark

KIND = "handover"


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over as recorded; `purpose` and `basis` empty in records from before both were kept."""

    id: str
    campaign: str
    recipient: str
    file_sha256: str
    decoys_sha256: str
    rows: int
    purpose: str = ""
    basis: str = ""


def weave(
    mac: Mac,
    one: tuple[str, str],
    decoys: Sequence[Decoy],
    header: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    column: str,
    fill: Callable[[str, str], str],
) -> str:
    """The CSV for hand-over `one` = (campaign, id): the real rows, and one row a decoy with its
    variant in `column`; `fill(decoy id, other column)` gives the rest. VaultError where the column
    is not in the header."""
    if column not in header:
        raise VaultError("the column that carries the variants is not in the file", where=column)
    campaign, number = one
    made = [
        {**{h: fill(decoy.id, h) for h in header}, column: variant}
        for decoy, variant in zip(decoys, mark(mac, campaign, number, decoys), strict=True)
    ]
    every = [*rows, *made]
    order = sorted(range(len(every)), key=lambda i: mac(f"place|{campaign}|{number}|{i}".encode()))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(header), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(every[i] for i in order)
    return out.getvalue()


def record(log: Log, key: Key, made: HandOver, at: datetime) -> None:
    """Nothing; the hand-over is signed and on the disk."""
    body: dict[str, Any] = asdict(made)
    signature = key.sign(canonical.encode(body)).hex()
    log.append(KIND, {**body, "key": key.public.hex(), "signature": signature}, at)


def recorded(path: Path) -> list[HandOver]:
    """The hand-overs of a log, chain and signatures checked; ProofError where one does not hold."""
    found = []
    for entry in entries(path):
        if entry.kind != KIND or entry.body is None:
            continue
        body = dict(entry.body)
        public, signature = bytes.fromhex(body.pop("key")), bytes.fromhex(body.pop("signature"))
        if not verify(public, signature, canonical.encode(body)):
            raise ProofError("a hand-over's signature does not hold", where=f"#{entry.seq}")
        found.append(HandOver(**body))
    return found


def decoys_text(decoys: Sequence[Decoy]) -> str:
    """Decoys as CSV, to be kept by the operator: `id,zero,one`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "zero", "one"])
    writer.writerows([d.id, d.zero, d.one] for d in decoys)
    return out.getvalue()


def read_decoys(path: Path) -> list[Decoy]:
    """The decoys of such a file; VaultError where it is not one."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        return [Decoy(row["id"], row["zero"], row["one"]) for row in rows]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        raise VaultError("not a file of decoys (id,zero,one)", where=path.name) from error


def sha256(text: str) -> str:
    """The hash of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()
