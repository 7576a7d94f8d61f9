"""Kinds of evidence an office asks for, and which of them the folder holds."""

from collections.abc import Iterable

from jiedun.model.text import Words
from jiedun.remedies._data import table
from jiedun.remedies.values import Need


def needs(ids: Iterable[str], have: frozenset[str]) -> tuple[Need, ...]:
    """The kinds with these ids of `data/needs.yaml`; `have` are the ids held."""
    rows = table("needs")
    return tuple(Need(i, Words(rows[i]["zh"], rows[i]["en"]), i in have) for i in ids)
