"""A clause on a day: was it in force, with which text, and where it stood before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from jiedun.errors import LawError
from jiedun.law.articles import article_dates, article_numbers, text_held
from jiedun.law.numbering import article_number, article_order
from jiedun.law.register import Instrument, instrument
from jiedun.law.renumbering import Reference, predecessor, successor
from jiedun.model.finding import Cite


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause as asked for one day.

    `in_force`: True = in force that day with the text held (`text`, except for an act asked for
    as a whole); False = not in force that day; None = the text of that day is not held, or is not
    known. `in_force_from`, `in_force_to`: the days over which the held text is shown to apply
    (for a text not held, the instrument's days), None where open or unknown.
    """

    instrument: str
    article: str | None
    in_force: bool | None
    text: str | None
    in_force_from: date | None
    in_force_to: date | None
    successor: Reference | None
    predecessor: Reference | None


@dataclass(frozen=True, slots=True)
class _Entry:
    act: Instrument
    article: str | None
    held: bool
    text: str | None
    text_from: date | None
    article_from: date | None
    successor: Reference | None
    predecessor: Reference | None

    @property
    def start(self) -> date | None:
        """First day of the held text; of the instrument, where that has no earlier version."""
        if self.held and self.text_from is not None:
            return self.text_from
        first = self.act.effective_from == self.act.first_in_force
        return self.act.effective_from if first or self.act.held == "none" else None

    def in_force(self, on: date) -> bool | None:
        applies = self.act.in_force(on)
        if applies is False or (self.article_from is not None and on < self.article_from):
            return False
        if applies is None or not self.held or self.text_from is None or on < self.text_from:
            return None
        return True if self.act.text_to is None or on <= self.act.text_to else None


def clause(instrument_id: str, article: str | None, on: date) -> Clause:
    """The clause on that local day; `article` in any spelling (`23`, `第二十三条`, `293-1`).

    `article` None asks for an instrument that is one text without numbers, or for an act as a
    whole (no text then). LawError where the instrument is not registered, or has no such article.
    """
    entry = _entry(instrument_id, article)
    applies = entry.in_force(on)
    return Clause(
        instrument_id,
        entry.article,
        applies,
        entry.text if applies else None,
        entry.start,
        entry.act.text_to if entry.held else entry.act.effective_to,
        entry.successor,
        entry.predecessor,
    )


def cite(
    instrument_id: str,
    article: str | None,
    on: date,
    *,
    paragraph: str | None = None,
    item: str | None = None,
) -> Cite | None:
    """What a finding may cite for an act of that day, None where it may cite nothing.

    `quote` is the whole article, verbatim, only where the text in force that day is held and
    verified. An instrument known to apply that day in a text not held gives a cite without a
    quote, `verified` False. Errors as for `clause`.
    """
    found = clause(instrument_id, article, on)
    act = instrument(instrument_id)
    if found.in_force is False or (found.in_force is None and act.in_force(on) is not True):
        return None
    sure = bool(found.in_force) and act.verified and found.article not in act.disputed
    shown = found.in_force is True or act.held == "none"
    start = found.in_force_from if shown else None
    return Cite(
        instrument=act.id,
        article=found.article,
        force=act.force,
        in_force_from=start if start is not None and start <= on else None,
        quote=found.text if sure else None,
        verified=sure,
        title=act.title,
        paragraph=paragraph,
        item=item,
    )


@lru_cache(maxsize=16384)
def _entry(instrument_id: str, article: str | None) -> _Entry:
    act = instrument(instrument_id)
    number = _number(act, article)
    dates = article_dates(act.id, number)
    text = text_held(act.id, number)
    return _Entry(
        act=act,
        article=number,
        held=text is not None or (number is None and act.held == "full"),
        text=text,
        text_from=dates.text_from if dates else act.text_from,
        article_from=dates.article_from if dates else None,
        successor=successor(act.id, number),
        predecessor=predecessor(act.id, number),
    )


def _number(act: Instrument, article: str | None) -> str | None:
    if article is None:
        return None
    number, numbers = article_number(article), article_numbers(act.id)
    if act.held == "none":
        return number or article.strip()
    if number in numbers or (act.held == "excerpt" and number is not None):
        return number
    raise _no_article(act, article, number, numbers)


def _no_article(
    act: Instrument, article: str, number: str | None, numbers: Sequence[str]
) -> LawError:
    if not numbers:
        why = "全文不分条，请不写条号 / one text without article numbers: leave the number out"
        return LawError(f"没有这一条 / no such article: {act.id}#{article[:40]}", why=why)
    wanted = article_order(number) if number else (1, 0)
    near = sorted(numbers, key=lambda n: abs(article_order(n)[0] - wanted[0]))[:3]
    return LawError(
        f"没有这一条 / no such article: {act.id}#{article[:40]}",
        why=f"{act.title.zh}，收录 {len(numbers)} 条 / {len(numbers)} articles",
        next_step="最接近的 / nearest: " + ", ".join(f"{act.id}#{n}" for n in near),
    )
