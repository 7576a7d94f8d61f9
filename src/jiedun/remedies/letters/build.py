"""Building a letter: texts with their placeholders become runs; evidence and clauses are collected.

Placeholders in a template's text:

| written | becomes |
|---|---|
| `{me.name}` | a field of the form or case; a blank with its label where it is not known |
| `{?label}` | a blank to fill by hand |
| `{¥main.total}` | a sum: `main` or an answer's id, and a part; or `loan.principal`, `refund` … |
| `{@loan}` | the evidence number of the loan file (`{@payments}` of the payments) |
| `{§pipl#45}` | the clause's name; its text is printed under 所引条文. `a#1\\|b#2`: the one in force |
| `{=term}` | the term; its plain explanation is printed at the end |
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from jiedun import law
from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Cite
from jiedun.model.letter import Block, Kind, Quote, Run, Runs
from jiedun.model.money import to_fen
from jiedun.model.text import Words
from jiedun.remedies._data import table
from jiedun.remedies.letters.matter import Matter
from jiedun.remedies.letters.numerals import clause_name

_MARK = re.compile(r"\{([?¥@§=]?)([^{}]+)\}")
UNVERIFIED = Words("（待核实，未引原文）", " (to be checked, not quoted)")


@dataclass
class Builder:
    """One letter in the making: which evidence and clauses it has named so far."""

    matter: Matter
    lang: str
    numbers: dict[str, int] = field(default_factory=dict)
    clauses: dict[tuple[str, str | None, str | None], Quote] = field(default_factory=dict)
    terms: list[str] = field(default_factory=list)
    written: list[Block] = field(default_factory=list)
    told_not_law: bool = False

    def runs(self, text: str) -> Runs:
        """A template's text as runs."""
        return tuple(run for run in self._parse(text) if run.text)

    def evidence(self, *refs: ItemRef | str) -> Run:
        """`〔证据1、2〕` for these items, numbered in the order they are first named."""
        names = list(dict.fromkeys(map(str, refs)))
        for name in names:
            self.numbers.setdefault(name, len(self.numbers) + 1)
        word = "Evidence " if self.lang == "en" else "证据"
        shown = _joined([self.numbers[name] for name in names])
        return Run(f"〔{word}{shown}〕", Kind.EVIDENCE, " ".join(names))

    def clause(self, cite: Cite, on: date) -> Run:
        """The clause's name; its text is kept to be printed once for each wording."""
        name = clause_name(cite, self.lang)
        key = (cite.instrument, cite.article, cite.quote)
        label = name_of_whole(cite, self.lang)
        if cite.quote is None:
            label += UNVERIFIED.of(self.lang)
        self.clauses.setdefault(key, Quote(label, cite.quote, cite, on))
        mark = "" if cite.quote is not None else UNVERIFIED.of(self.lang)
        ref = f"{cite.instrument}#{cite.article or ''}@{on}"
        return Run(name + mark, Kind.CLAUSE, ref)

    def figure(self, key: str, *, unit: bool = True) -> Run:
        """The sum of this key in yuan, or a blank where it is not known."""
        amount = self.matter.figures().get(key)
        if amount is None:
            return Run("金额" if self.lang != "en" else "sum", Kind.BLANK)
        return Run(money(amount, self.lang, unit=unit), Kind.FIGURE, key)

    def _parse(self, text: str) -> Iterator[Run]:
        end = 0
        for mark in _MARK.finditer(text):
            yield Run(text[end : mark.start()])
            yield self._mark(mark[1], mark[2])
            end = mark.end()
        yield Run(text[end:])

    def _mark(self, sign: str, name: str) -> Run:
        kinds: dict[str, Callable[[str], Run]] = {
            "": self._field,
            "?": lambda label: Run(label, Kind.BLANK),
            "¥": lambda key: self.figure(self._sum_key(key)),
            "@": self._at,
            "§": self._section,
            "=": self._term,
        }
        return kinds[sign](name)

    def _field(self, key: str) -> Run:
        value = self.matter.fields.get(key, "")
        if value:
            return Run(value, Kind.GIVEN, key)
        return Run(label_of(key, self.lang), Kind.BLANK)

    def _sum_key(self, key: str) -> str:
        loan = self.matter.loans[0] if self.matter.loans else None
        if loan is None:
            return key
        head, _, part = key.partition(".")
        if head == "loan":
            return f"{loan.path}:{part}"
        if not part:
            return f"{loan.path}:{head}"
        return f"{loan.path}:{loan.main if head == 'main' else head}.{part}"

    def _at(self, name: str) -> Run:
        loans = [loan.ref for loan in self.matter.loans]
        paid = [p.ref for p in self.matter.payments]
        refs = {"loan": loans, "payments": paid}.get(name, [])
        return self.evidence(*refs) if refs else Run("")

    def _section(self, names: str) -> Run:
        on = self.matter.as_of
        for name in names.split("|"):
            act, _, article = name.partition("#")
            cite = law.cite(act, article or None, on)
            if cite is not None:
                return self.clause(cite, on)
        title = law.instrument(names.partition("#")[0]).title.of(self.lang)
        return Run(f"《{title}》{UNVERIFIED.of(self.lang)}", Kind.PLAIN)

    def _term(self, term: str) -> Run:
        if term not in self.terms:
            self.terms.append(term)
        row = table("terms")[term]
        return Run(term if self.lang != "en" else row["term_en"])


def name_of_whole(cite: Cite, lang: str) -> str:
    """The article's name without paragraph and item: what a quote shows is the whole article."""
    whole = Cite(
        cite.instrument, cite.article, cite.force, cite.in_force_from, cite.quote, cite.verified,
        cite.title,
    )  # fmt: skip
    return clause_name(whole, lang)


def money(amount: Decimal, lang: str, *, unit: bool = True) -> str:
    """`1,234.50元`, `CNY 1,234.50`; the bare number where a table's head names the unit."""
    rounded = to_fen(amount)
    sign = "−" if rounded < 0 else ""
    text = f"{sign}{abs(rounded):,.2f}"
    if not unit:
        return text
    return f"CNY {text}" if lang == "en" else f"{text}元"


def label_of(key: str, lang: str) -> str:
    """What a blank for this field asks for."""
    row = table("fields").get(key)
    if row is None:
        return key
    return str(row["en" if lang == "en" else "zh"])


def day_of(on: date, lang: str) -> str:
    """`2026年11月20日`, `2026-11-20`."""
    return on.isoformat() if lang == "en" else f"{on.year}年{on.month}月{on.day}日"


def _joined(numbers: list[int]) -> str:
    """`1-3、7` for 1, 2, 3, 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return "、".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def told_by(ref: ItemRef) -> Words | None:
    """Whose written word an item is, where it is no record of a device."""
    if ref.path.startswith("statements/"):
        return Words("在场人的书面说明", "written account of a witness")
    if ref.path.endswith("events.csv"):
        return Words("本人的书面记录", "own written record")
    return None
