"""Whose personal information a redacted package replaces: everybody's but the parties' to the debt.

What is personal information is decided by `jiedun.reading.pii`; besides, every number and name that
parties.csv gives to a person who is neither the debtor nor on the creditor's side is replaced
wherever it stands.
"""

import csv
import importlib
import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jiedun.errors import JiedunError
from jiedun.evidence.custody.store import Store
from jiedun.evidence.seal.redact import Find, Span

_OWN = {"debtor", "lender", "collector"}
_KINDS = {
    "PERSON": "姓名",
    "MOBILE": "电话",
    "LANDLINE": "电话",
    "PHONE": "电话",
    "ADDRESS": "地址",
}
_ENCODINGS = ("utf-8-sig", "gb18030")


def others(store: Store) -> Find:
    """The function that finds other people's personal information in one text. JiedunError when
    this build holds no reader of personal information."""
    try:
        find = importlib.import_module("jiedun.reading.pii").find
    except (ImportError, AttributeError):
        raise JiedunError(
            "this build cannot find personal information", next_step="seal without --redact"
        ) from None
    rows = _parties(store)
    own = {r.get(k, "") for r in rows if r.get("role") in _OWN for k in ("number", "name")}
    known = {
        r.get(k, ""): kind
        for r in rows
        if r.get("role") not in _OWN
        for k, kind in (("number", "电话"), ("name", "姓名"))
    }
    return finder(find, own - {""}, {v: k for v, k in known.items() if len(v) > 1})


def _parties(store: Store) -> list[dict[str, str]]:
    """The rows of parties.csv, header names in lower case; empty when there is none."""
    kept = next((k for k in store.kept() if k.path == "parties.csv"), None)
    if kept is None:
        return []
    raw = io.BytesIO()
    store.pour(kept.sha256, raw)
    for encoding in _ENCODINGS:
        try:
            text = raw.getvalue().decode(encoding)
        except UnicodeDecodeError:
            continue
        rows = csv.DictReader(io.StringIO(text))
        return [{str(k).strip().lower(): str(v or "").strip() for k, v in r.items()} for r in rows]
    return []


def finder(find: Callable[[str], Iterable[Any]], own: set[str], known: dict[str, str]) -> Find:
    """The function that names the pieces of `find` (objects with start, end, type) and of `known`
    (value -> kind), but none in `own`; the longer of two that overlap counts."""
    digits = {re.sub(r"\D", "", value) for value in own} - {""}
    literal = re.compile("|".join(map(re.escape, sorted(known, key=len, reverse=True))) or r"(?!)")

    def mine(value: str) -> bool:
        bare = re.sub(r"\D", "", value)
        return value in own or (len(bare) >= 5 and bare.removeprefix("86") in digits)

    def spans(text: str) -> Sequence[Span]:
        found = [Span(m.start(), m.end(), known[m[0]]) for m in literal.finditer(text)]
        found += [Span(s.start, s.end, _kind(s.type)) for s in find(text)]
        return _apart([s for s in found if not mine(text[s.start : s.end])])

    return spans


def _kind(name: object) -> str:
    word = str(getattr(name, "value", name)).upper()
    return _KINDS.get(word, word)


def _apart(spans: list[Span]) -> list[Span]:
    """The spans without overlaps; the longer counts, then the earlier."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        if all(span.end <= k.start or span.start >= k.end for k in kept):
            kept.append(span)
    return sorted(kept)
