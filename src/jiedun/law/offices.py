"""Where to turn: offices, hotlines and courts, each statement with how sure it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jiedun.errors import LawError
from jiedun.law._data import Once, rows_of
from jiedun.model.text import Words

_DOUBT = re.compile(
    r"\bmemory\b|unverified|not verified|unconfirmed|not tested|\blow\b|\bmay apply\b|varies|"
    r"local (?:rules|\()|\?|not in dossier",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"(high|medium-high|medium|low)(?:\s*\(([^)]*)\))?")
_LIMITS = ("acceptance_time_limit", "decision_time_limit")
_NOTHING = ("", "-")


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement about a channel; `to_confirm`: show as 'to be confirmed with the office'."""

    text: str
    confidence: str
    to_confirm: bool


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to complain, report or sue, with the statement and confidence of each field."""

    id: str
    name: Words
    operator: str
    scope: str
    evidence_accepted: str
    phone_or_host: Stated
    legal_basis: Stated
    acceptance_time_limit: Stated
    decision_time_limit: Stated
    since: Stated
    notes: Stated
    confidence: str


def channels() -> tuple[Channel, ...]:
    """All channels, in the order of channels.csv."""
    return tuple(_channels().values())


def channel(channel_id: str) -> Channel:
    """The channel of this id; LawError with all ids where there is none."""
    found = _channels().get(channel_id)
    if found is None:
        raise LawError(
            f"没有这个渠道 / no such channel: {channel_id[:80]}",
            next_step="有 / there are: " + ", ".join(_channels()),
        )
    return found


def _channel(row: Mapping[str, str]) -> Channel:
    names = ("phone_or_host", "legal_basis", *_LIMITS, "since", "notes")
    stated = {name: _stated(name, row[name], row["confidence"]) for name in names}
    return Channel(
        id=row["id"],
        name=Words(row["name_zh"], row["name_en"]),
        operator=row["operator"],
        scope=row["scope"],
        evidence_accepted=row["evidence_accepted"],
        confidence=row["confidence"],
        **stated,
    )


def _stated(name: str, text: str, confidence: str) -> Stated:
    level = "high" if "(verified)" in text or ", verified)" in text else _level(name, confidence)
    empty = text.strip() in _NOTHING
    doubtful = bool(_DOUBT.search(text)) or not level.endswith("high")
    return Stated(text, level, not empty and doubtful)


def _level(name: str, confidence: str) -> str:
    """The level that the row's confidence gives to one field; `medium` where it speaks of others."""
    named = {"number": ("phone_or_host",), "limits": _LIMITS, "15 days": ("decision_time_limit",)}
    general = "medium"
    for level, about in _LEVEL.findall(confidence):
        if not about:
            general = level
        elif name in named.get(about, ()):
            return str(level)
    return str(general)


_channels: Once[dict[str, Channel]] = Once(
    lambda: {row["id"]: _channel(row) for row in rows_of("channels.csv")}
)
