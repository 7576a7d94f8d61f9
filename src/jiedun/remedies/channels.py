"""Which channel fits which creditor's case, and why not the others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jiedun.law import Channel, channel
from jiedun.model.finding import Finding, Force
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.remedies._data import entries, words
from jiedun.remedies.needs import needs
from jiedun.remedies.values import Fit, Situation

_ASK_TYPE = Words(
    "要看放贷方是不是持牌机构：先查合同里的全称（jiedun lender）",
    "depends on whether the lender is licensed: check its full name (jiedun lender)",
)


def where(found: Channel) -> tuple[Words, bool]:
    """Where the channel is reached, in both languages, and whether that is still to be confirmed."""
    entry = next((e for e in entries("channels") if e["channel"] == found.id), {})
    stated = found.phone_or_host
    told = words(entry["where"]) if "where" in entry else Words(stated.text, stated.text)
    return told, stated.to_confirm


def fits(case: Situation) -> tuple[Fit, ...]:
    """Every channel of `data/channels.yaml` for every creditor, those that fit first."""
    found = [fit for creditor, kind in _creditors(case) for fit in _of(case, creditor, kind)]
    return tuple(sorted(found, key=lambda f: (f.creditor or "", {True: 0, None: 1}.get(f.fits, 2))))


def _creditors(case: Situation) -> Iterator[tuple[str | None, LenderType]]:
    names = dict.fromkeys([*case.lender_types, *(f.creditor for f in case.findings if f.creditor)])
    for name in names:
        yield name, case.lender_types.get(name, LenderType.UNKNOWN)
    if any(f.creditor is None for f in case.findings) or not names:
        yield None, LenderType.UNKNOWN


def _of(case: Situation, creditor: str | None, kind: LenderType) -> Iterator[Fit]:
    mine = [f for f in case.findings if f.creditor == creditor]
    for entry in entries("channels"):
        fit, why = _fit(entry, case, mine, kind)
        because = _because(entry, mine) if fit is not False else []
        yield Fit(
            channel=channel(entry["channel"]),
            creditor=creditor,
            fits=fit,
            why=why,
            violations=tuple(dict.fromkeys(f.title for f in because)),
            needs=needs(entry["ask"], case.have),
            letters=tuple(entry["letters"]) if fit is not False else (),
        )


def _fit(
    entry: Mapping[str, Any], case: Situation, mine: Sequence[Finding], kind: LenderType
) -> tuple[bool | None, Words]:
    no, yes = words(entry["why_not"]), words(entry["why"])
    if case.kind not in entry.get("situations", (case.kind,)):
        return False, no
    after = entry.get("after")
    if after and after not in {f.channel for f in case.filed}:
        return False, no
    if case.kind == "collection" and not _because(entry, mine):
        return False, no
    lenders = [LenderType(name) for name in entry["lenders"]]
    if lenders and kind is LenderType.UNKNOWN:
        return None, Words(f"{_ASK_TYPE.zh}。{yes.zh}", f"{_ASK_TYPE.en}. {yes.en}")
    return (False, no) if lenders and kind not in lenders else (True, yes)


def _because(entry: Mapping[str, Any], mine: Sequence[Finding]) -> list[Finding]:
    """The findings the channel deals with; an advisory count alone opens no channel but the lender."""
    wanted = set(entry["violations"])
    media = set(entry.get("channels", ()))
    return [
        f
        for f in mine
        if (not wanted or f.violation in wanted)
        and (f.force is not Force.ADVISORY or entry["channel"] in ("lender", "spam-12321"))
        and (not media or f.facts.get("channel", "other") in media)
    ]
