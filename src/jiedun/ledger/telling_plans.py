"""Limitation, outlook, ways out and the table of many loans in plain lines of text."""

from collections.abc import Iterator

from jiedun.ledger.limitation import Limitation
from jiedun.ledger.many import Together
from jiedun.ledger.outlook import Outlook, Said
from jiedun.ledger.ways_out import Proposal, WaysOut
from jiedun.model.finding import Cite
from jiedun.model.text import Words


def _cites(cites: tuple[Cite, ...], lang: str) -> str:
    names = [f"{c.title.of(lang)}{'#' + c.article if c.article else ''}" for c in cites]
    marks = [
        "" if c.verified else Words("［待核实］", " [to be confirmed]").of(lang) for c in cites
    ]
    joined = "; ".join(n + m for n, m in zip(names, marks, strict=True))
    return f"（{joined}）" if joined else ""


def tell_limitation(state: Limitation, lang: str) -> Iterator[str]:
    """Where limitation stands and what revives it."""
    yield Words("诉讼时效", "Limitation").of(lang)
    yield f"  {state.words.of(lang)}"
    for one in state.restarts:
        yield f"  - {one.on} {one.what.of(lang)}"
    yield Words(
        "  会让时效重新起算、或让已过时效的债复活的事：",
        "  What restarts it, or revives a debt that has run:",
    ).of(lang)
    yield from (f"    · {words.of(lang)}" for words in state.revives)
    yield f"  {_cites(state.cites[:4], lang)}"


def _said(head: Words, rows: tuple[Said, ...], lang: str) -> Iterator[str]:
    yield head.of(lang)
    yield from (f"  - {s.words.of(lang)}{_cites(s.cites, lang)}" for s in rows)


def tell_outlook(outlook: Outlook, lang: str) -> Iterator[str]:
    """Month by month, threats, and the record."""
    yield Words("如果一直不还（只算依法应还）", "If nothing is paid (lawful sums only)").of(lang)
    for m in outlook.months:
        yield Words(
            f"  {m.months}个月后 {m.on}: 本金 {m.principal} 利息 {m.interest} 诉讼费 {m.court_fee} "
            f"迟延 {m.delay} 合计 {m.total}",
            f"  after {m.months} months {m.on}: principal {m.principal} interest {m.interest} court fee {m.court_fee} "
            f"delay {m.delay} total {m.total}",
        ).of(lang)
    yield from (f"  * {note.of(lang)}" for note in outlook.notes)
    yield Words("常见的吓人话", "Common threats").of(lang)
    for t in outlook.threats:
        yield f"  「{t.threat.of(lang)}」"
        real = Words(
            f"    不够：{t.not_enough.zh}；真要成立：{t.would_need.zh}",
            f"    not enough: {t.not_enough.en}; it would take: {t.would_need.en}",
        )
        yield real.of(lang) + _cites(t.cites, lang)
    yield from _said(
        Words("判决以后法院可以做的", "What a court can do after a judgment"),
        outlook.after_judgment,
        lang,
    )
    yield from _said(Words("征信", "The credit record"), outlook.credit_record, lang)


def _proposal(one: Proposal, lang: str) -> Iterator[str]:
    fits = (
        Words("不超过上限", "within the cap")
        if one.within_cap
        else Words("超过上限，不要提", "above the cap: do not propose")
    )
    yield Words(
        f"  {one.id}: {one.words.zh}；合计 {one.total} 元，年化 {one.annual_rate * 100:.2f}%，{fits.zh}",
        f"  {one.id}: {one.words.en}; total {one.total}, {one.annual_rate * 100:.2f} % a year, {fits.en}",
    ).of(lang)
    for part in one.parts:
        yield f"    {part.no:>2}  {part.due}  {part.payment}"


def tell_ways(ways: WaysOut, lang: str) -> Iterator[str]:
    """Proposals, or why there are none; warnings first."""
    yield Words("还款方案", "Ways out").of(lang)
    if ways.refused is not None:
        yield f"  {ways.refused.of(lang)}"
        return
    yield from (f"  ! {words.of(lang)}" for words in ways.warnings)
    for one in ways.proposals:
        yield from _proposal(one, lang)


def tell_many(table: Together, lang: str) -> Iterator[str]:
    """One line a loan in the order to deal with them."""
    yield Words("几笔借款一起看（先处理谁）", "All loans, in the order to deal with them").of(lang)
    for row in table.rows:
        unknown = Words("未定", "open").of(lang)
        owed = unknown if row.owed is None else f"{row.owed:,.2f}"
        over = (
            ""
            if not row.overpaid
            else Words(f" 已多付 {row.overpaid}", f" overpaid {row.overpaid}").of(lang)
        )
        yield f"  {row.place}. {row.lender}  {Words('应还', 'owed').of(lang)} {owed}{over}  {row.why.of(lang)}"
    yield Words(
        f"  合计应还 {table.owed:,.2f} 元，已多付 {table.overpaid:,.2f} 元；{table.left_out} 笔未定没有计入",
        f"  owed in all {table.owed:,.2f}, overpaid {table.overpaid:,.2f}; {table.left_out} open and left out",
    ).of(lang)
