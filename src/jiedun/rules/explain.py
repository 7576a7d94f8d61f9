"""The words of a rule's explanation with the facts of a finding put in."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from string import Formatter
from typing import Any

from jiedun.errors import Place, RuleError
from jiedun.model.text import Words
from jiedun.rules.facts import RESERVED, FactTable, FactType, near

_UNKNOWN = Words(zh="（未知）", en="(unknown)")
_YES, _NO = Words(zh="是", en="yes"), Words(zh="否", en="no")
_SAMPLES: Mapping[FactType, Any] = {
    FactType.BOOL: True,
    FactType.INT: 7,
    FactType.DECIMAL: Decimal("1.5"),
    FactType.TEXT: "x",
    FactType.DATE: date(2025, 2, 28),
}
_RESERVED_SAMPLES = {name: 7 if "count" in name or name == "total" else "x" for name in RESERVED}


class _Word(str):
    """A value shown in words whatever number format the text asks for."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return str(self)


class _Shown(Mapping[str, Any]):
    """The facts as one language shows them."""

    def __init__(self, facts: Mapping[str, Any], table: FactTable, lang: str) -> None:
        self._facts = facts
        self._table = table
        self._lang = lang

    def __getitem__(self, name: str) -> Any:
        value = self._facts.get(name)
        if value is None:
            return _Word(_UNKNOWN.of(self._lang))
        if isinstance(value, bool):
            return _Word((_YES if value else _NO).of(self._lang))
        fact = self._table.facts.get(name)
        if isinstance(value, str) and fact is not None:
            return fact.shown(value, self._lang)
        return value

    def __iter__(self) -> Any:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


def explain(template: Words, facts: Mapping[str, Any], table: FactTable) -> Words:
    """`template` in both languages with `facts` put in; what is not known reads （未知）."""
    return Words(fill(template.zh, facts, table, "zh"), fill(template.en, facts, table, "en"))


def fill(text: str, facts: Mapping[str, Any], table: FactTable, lang: str) -> str:
    """`text`, the template of one language, with `facts` put in."""
    return text.format_map(_Shown(facts, table, lang))


def names_in(template: Words) -> frozenset[str]:
    """The names in braces, of both languages."""
    return frozenset(
        name
        for text in (template.zh, template.en)
        for _, name, _, _ in Formatter().parse(text)
        if name
    )


def check_template(template: Words, table: FactTable, where: Place) -> None:
    """Nothing, or `RuleError` when a name in braces is no fact or its number format is wrong."""
    known = {**{n: _SAMPLES[f.type] for n, f in table.facts.items()}, **_RESERVED_SAMPLES}
    for text in (template.zh, template.en):
        try:
            for _, name, spec, conversion in Formatter().parse(text):
                _check_name(name, spec, conversion, known, where)
        except ValueError as error:
            raise RuleError("the braces do not match", where=where, why=str(error)) from error
    for facts in (known, {}):
        try:
            explain(template, facts, table)
        except (ValueError, TypeError) as error:
            raise RuleError(
                "a number format does not fit its fact", where=where, why=str(error)
            ) from error


def _check_name(
    name: str | None,
    spec: str | None,
    conversion: str | None,
    known: Mapping[str, Any],
    where: Place,
) -> None:
    if name is None:
        return
    if conversion or "{" in (spec or ""):
        raise RuleError(
            f"{{{name}}} asks for more than a number format",
            where=where,
            next_step="write {name} or, for a number, {name:.2f}",
        )
    if name not in known:
        raise RuleError(
            f"the explanation names {name!r}, which is no fact",
            where=where,
            next_step=near(name, known),
        )
