"""Proof of a letter: clauses verbatim and in force, figures the ledger's, evidence that resolves.

The checks look at the finished content, not at how it was made, and look everything up again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jiedun import law
from jiedun.errors import LawError
from jiedun.model.finding import Certainty, Force
from jiedun.model.letter import (
    Block,
    Items,
    Kind,
    Letter,
    Para,
    Quote,
    Run,
    Table,
    runs_of,
    text_of,
)
from jiedun.remedies.letters.annex import path_of
from jiedun.remedies.letters.build import UNVERIFIED, money
from jiedun.remedies.letters.matter import Matter

_SUM = re.compile(r"\d[\d,]*\.?\d*\s*元|CNY\s*\d")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a letter, and where."""

    code: str
    where: str


def prove(letter: Letter, matter: Matter) -> tuple[Flaw, ...]:
    """Everything wrong with the letter; empty where it is sound."""
    found = [
        *_quotes(letter),
        *_clauses(letter),
        *_figures(letter, matter),
        *_loose_sums(letter),
        *_evidence(letter, matter),
        *_said(letter, matter),
        *_unsupported(letter),
        *_words(letter, matter),
    ]
    return tuple(found)


def _all_runs(letter: Letter) -> Iterator[Run]:
    for block in letter.blocks:
        yield from runs_of(block)


def _quotes(letter: Letter) -> Iterator[Flaw]:
    """Each quote is the text in force that day, letter by letter; none without its text."""
    for block in letter.blocks:
        if not isinstance(block, Quote):
            continue
        found = law.cite(block.cite.instrument, block.cite.article, block.on)
        if found is None:
            yield Flaw("not in force that day", block.label)
        elif found.quote is None and not _marked(block):
            yield Flaw("quoted without a verified text", block.label)
        elif found.quote is not None and block.text != found.quote:
            yield Flaw("not verbatim", block.label)


def _marked(quote: Quote) -> bool:
    """No text is shown and the label says that it is still to be checked."""
    return quote.text is None and any(m in quote.label for m in (UNVERIFIED.zh, UNVERIFIED.en))


def _clauses(letter: Letter) -> Iterator[Flaw]:
    """Each clause named is in force on its day, printed below, and marked where it is not held."""
    printed = {
        (b.cite.instrument, b.cite.article): b for b in letter.blocks if isinstance(b, Quote)
    }
    for run in _all_runs(letter):
        if run.kind is not Kind.CLAUSE:
            continue
        act, article, on = _reference(run.ref)
        try:
            cite = law.cite(act, article, on)
        except LawError:
            cite = None
        if cite is None:
            yield Flaw("clause not in force that day", run.text)
        elif (act, cite.article) not in printed:
            yield Flaw("clause named but not printed", run.text)
        elif cite.quote is None and not run.text.endswith((UNVERIFIED.zh, UNVERIFIED.en)):
            yield Flaw("unverified clause without its mark", run.text)


def _reference(ref: str) -> tuple[str, str | None, date]:
    name, _, day = ref.rpartition("@")
    act, _, article = name.partition("#")
    return act, article or None, date.fromisoformat(day)


def _figures(letter: Letter, matter: Matter) -> Iterator[Flaw]:
    known = matter.figures()
    for run in _all_runs(letter):
        if run.kind is Kind.FIGURE and not (
            run.ref in known
            and run.text
            in (money(known[run.ref], letter.lang), money(known[run.ref], "", unit=False))
        ):
            yield Flaw("figure is not the ledger's", f"{run.text} ({run.ref})")


def _loose_sums(letter: Letter) -> Iterator[Flaw]:
    """No template writes a sum of money as plain text, except limits that the law itself sets."""
    for run in _all_runs(letter):
        if run.kind is Kind.GIVEN and _SUM.search(run.text) and not run.ref:
            yield Flaw("sum outside the ledger", run.text)


def _evidence(letter: Letter, matter: Matter) -> Iterator[Flaw]:
    """Each reference names items that exist, in files whose hash is known, and is in the annex."""
    hashes, text = matter.hashes, text_of(letter)
    known = {*matter.items, *(str(loan.ref) for loan in matter.loans)}
    known |= {str(payment.ref) for payment in matter.payments}
    known |= {str(ref) for f in matter.findings for ref in f.items}
    for run in _all_runs(letter):
        if run.kind is not Kind.EVIDENCE:
            continue
        for name in run.ref.split(" ") if run.ref else []:
            if name not in known:
                yield Flaw("evidence does not resolve", name)
            elif path_of(name) not in hashes:
                yield Flaw("evidence file without a hash", name)
            elif hashes[path_of(name)] not in text:
                yield Flaw("evidence not in the annex", name)


def _said(letter: Letter, matter: Matter) -> Iterator[Flaw]:
    """Words shown as said are the words of the evidence."""
    for run in _all_runs(letter):
        if run.kind is Kind.SAID:
            item = matter.items.get(run.ref)
            if item is None or not item.text.startswith(run.text):
                yield Flaw("words are not those of the evidence", run.ref)


def _unsupported(letter: Letter) -> Iterator[Flaw]:
    """A statement of fact names its evidence, or leaves a blank for it."""
    for block in letter.blocks:
        for text, runs in _statements(block):
            if not any(run.kind in (Kind.EVIDENCE, Kind.BLANK) for run in runs):
                yield Flaw("fact without evidence", text[:60])


def _statements(block: Block) -> Iterator[tuple[str, tuple[Run, ...]]]:
    if isinstance(block, Para) and block.fact:
        yield "".join(run.text for run in block.runs), block.runs
    if isinstance(block, Table) and block.facts:
        for row in block.rows:
            runs = tuple(run for cell in row for run in cell)
            yield "".join(run.text for run in runs), runs


def _words(letter: Letter, matter: Matter) -> Iterator[Flaw]:
    """Standards and advisory counts are never called a breach; what is possible never asserted."""
    for block in letter.blocks:
        for runs in _sentences(block):
            text = "".join(run.text for run in runs if run.kind not in (Kind.SAID, Kind.GIVEN))
            clauses = [run for run in runs if run.kind is Kind.CLAUSE]
            forces = {law.instrument(_reference(run.ref)[0]).force for run in clauses}
            soft = forces & {Force.STANDARD, Force.SELF_DISCIPLINE, Force.ADVISORY}
            if soft and "违反" in text:
                yield Flaw("a standard called a breach", text[:60])
    yield from _asserted(letter, matter)


def _asserted(letter: Letter, matter: Matter) -> Iterator[Flaw]:
    """Every finding that is only possible stands under a heading or mark that says so."""
    possible = {
        str(ref)
        for f in matter.findings
        if f.certainty is Certainty.POSSIBLE and f.force is not Force.ADVISORY
        for ref in f.items
    }
    surer = {
        str(ref)
        for f in matter.findings
        if f.certainty is not Certainty.POSSIBLE or f.force is Force.ADVISORY
        for ref in f.items
    }
    only = possible - surer
    mark = re.compile(r"疑似|Possibly|suspected|may ")
    head = ""
    for block in letter.blocks:
        if not isinstance(block, Table | Para | Items | Quote) and runs_of(block):
            head = "".join(run.text for run in runs_of(block))
        if isinstance(block, Table) and block.facts:
            named = {
                n for run in runs_of(block) if run.kind is Kind.EVIDENCE for n in run.ref.split()
            }
            if named and named <= only and not mark.search(head) and not _is_list(block):
                yield Flaw("possible finding asserted", head[:60])


def _is_list(block: Table) -> bool:
    """A bare list of numbers and times claims nothing."""
    return len(block.header) > 3


def _sentences(block: Block) -> Iterator[tuple[Run, ...]]:
    if isinstance(block, Para):
        yield block.runs
    if isinstance(block, Items):
        yield from block.items
