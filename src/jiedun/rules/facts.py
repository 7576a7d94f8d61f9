"""The declared facts of a subject: what a predicate may speak of, in which type, and its words.

A fact is null when it is not known. `settle` says which evidence would make it known.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlglot import Tokenizer, TokenType

from jiedun.errors import Place, RuleError
from jiedun.model.text import Words
from jiedun.rules.exact_yaml import read_yaml, words

SUBJECTS = ("contact", "loan", "app", "platform")

DECIMAL_PLACES = 18
DECIMAL_DIGITS = 38
INT_MIN, INT_MAX = -(2**63), 2**63 - 1

RESERVED = ("count", "context_count", "total", "date", "time", "last_date", "last_time")
"""Names that every explanation may use beside the facts: how many rows are accused, how many further
rows of the group are listed, both together, the local day and clock of the first and last row."""

_FINDING_KEYS = ("context", "each", "exceptions", "certainties")

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEYS = {"type", "values", "label", "settle"}


class FactType(StrEnum):
    """The type of a fact: `int` has 64 bits, `decimal` 20 digits and 18 places, no float."""

    BOOL = "bool"
    INT = "int"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"


_PYTHON: Mapping[FactType, tuple[type, ...]] = {
    FactType.BOOL: (bool,),
    FactType.INT: (int,),
    FactType.DECIMAL: (Decimal, int),
    FactType.TEXT: (str,),
    FactType.DATE: (date,),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One declared fact; `values` lists all it can be, or is empty when any value will do.

    `value_words` says each of `values` in words for people, in the same order, or is empty.
    """

    name: str
    type: FactType
    label: Words
    settle: Words | None = None
    values: tuple[str, ...] = ()
    value_words: tuple[Words, ...] = ()

    def shown(self, value: str, lang: str) -> str:
        """`value` in words for people, or as it is where the table holds no words for it."""
        if value in self.values and self.value_words:
            return self.value_words[self.values.index(value)].of(lang)
        return value

    def holds(self, value: object) -> bool:
        """Whether `value` (or None) is of this fact's type, within its range and `values`."""
        if value is None:
            return True
        if not isinstance(value, _PYTHON[self.type]) or isinstance(value, datetime):
            return False
        if isinstance(value, bool):
            return self.type is FactType.BOOL
        if isinstance(value, int):
            return INT_MIN <= value <= INT_MAX
        if isinstance(value, Decimal):
            return fits_decimal(value)
        return not self.values or value in self.values


def fits_decimal(value: Decimal) -> bool:
    """Whether `value` is held exactly by DECIMAL(38, 18)."""
    if not value.is_finite():
        return False
    _, digits, exponent = value.as_tuple()
    places = max(0, -int(exponent))
    return places <= DECIMAL_PLACES and len(digits) + int(exponent) <= (
        DECIMAL_DIGITS - DECIMAL_PLACES
    )


@dataclass(frozen=True, slots=True)
class FactTable:
    """The facts of one subject by name."""

    subject: str
    facts: Mapping[str, Fact]

    @classmethod
    def of(cls, subject: str, facts: Iterable[Fact]) -> "FactTable":
        """A table of `facts`; `RuleError` when a name stands twice or cannot be used."""
        table: dict[str, Fact] = {}
        for fact in facts:
            _check_name(fact.name, Place(subject, fact.name))
            if fact.name in table:
                raise RuleError("the fact is declared twice", where=Place(subject, fact.name))
            table[fact.name] = fact
        return cls(subject, MappingProxyType(table))

    @classmethod
    def load(cls, path: Path) -> "FactTable":
        """The table in one YAML file: `subject:` and `facts:` by name."""
        data = read_yaml(path)
        if not isinstance(data, dict) or set(data) != {"subject", "facts"}:
            raise RuleError("a fact file holds `subject` and `facts`", where=path.name)
        if data["subject"] not in SUBJECTS or not isinstance(data["facts"], dict):
            raise RuleError(
                f"the subject is not one of {', '.join(SUBJECTS)}, or `facts` is no mapping",
                where=path.name,
            )
        return cls.of(
            data["subject"],
            [
                _fact(name, value, Place(path.name, str(name)))
                for name, value in data["facts"].items()
            ],
        )

    def check(self, row: Mapping[str, Any], where: Place) -> None:
        """Nothing, or `RuleError` when a fact in `row` is undeclared or of another type."""
        for name, value in row.items():
            fact = self.facts.get(name)
            if fact is None:
                raise RuleError(
                    f"the fact {name!r} is not declared for {self.subject}",
                    where=where,
                    next_step=near(name, self.facts),
                )
            if not fact.holds(value):
                raise RuleError(f"{name} is not {_kind(fact)}", where=where)


def near(name: str, known: Iterable[str]) -> str:
    """A hint naming the declared facts closest to `name`."""
    close = get_close_matches(name, list(known), n=3)
    return f"did you mean {' or '.join(close)}?" if close else "declare it in packs/facts"


def _kind(fact: Fact) -> str:
    return f"one of {', '.join(fact.values)}" if fact.values else f"of type {fact.type.value}"


def _check_name(name: object, where: Place) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RuleError("a fact's name is lower-case letters, digits and _", where=where)
    if name in RESERVED or name in _FINDING_KEYS:
        raise RuleError("this name has a meaning in every finding", where=where)
    tokens = Tokenizer().tokenize(name)
    if len(tokens) != 1 or tokens[0].token_type is not TokenType.VAR:
        raise RuleError("a fact's name must not be a word of SQL", where=where)


def _fact(name: Any, value: Any, where: Place) -> Fact:
    if not isinstance(value, dict) or not {"type", "label"} <= set(value) <= _KEYS:
        raise RuleError("a fact has type, label and may have values, settle", where=where)
    if value["type"] not in list(FactType):
        raise RuleError(
            "this type is not known", where=where, next_step=f"use one of {', '.join(FactType)}"
        )
    kind = FactType(value["type"])
    settle = words(value["settle"], where) if value.get("settle") is not None else None
    values = _values(value, kind, where)
    raw = value.get("values")
    said = tuple(words(raw[v], where) for v in values) if isinstance(raw, dict) else ()
    return Fact(name, kind, words(value["label"], where), settle, values, said)


def _values(value: Mapping[str, Any], kind: FactType, where: Place) -> tuple[str, ...]:
    values = value.get("values")
    if values is None:
        return ()
    values = list(values) if isinstance(values, dict) else values
    strings = isinstance(values, list) and bool(values) and all(isinstance(v, str) for v in values)
    if kind is not FactType.TEXT or not strings or len(set(values)) != len(values):
        raise RuleError("`values` lists different texts, for a fact of type text", where=where)
    return tuple(values)
