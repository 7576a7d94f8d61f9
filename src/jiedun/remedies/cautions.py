"""What never to say, whom never to pay, what never to do."""

from datetime import date

from jiedun import law
from jiedun.remedies._data import entries, words
from jiedun.remedies.values import Caution


def cautions(kind: str, on: date) -> tuple[Caution, ...]:
    """The cautions of a situation, each with the first clause that says why on that day."""
    found = []
    for entry in entries("cautions"):
        if entry["situations"] and kind not in entry["situations"]:
            continue
        cites = [law.cite(c["instrument"], c["article"], on) for c in entry["cites"]]
        cite = next((c for c in cites if c is not None), None)
        found.append(
            Caution(entry["id"], entry["kind"], words(entry["text"]), words(entry["why"]), cite)
        )
    return tuple(found)
