"""From one mapping of a pack to a `Rule`, strictly."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from jiedun.errors import Place, RuleError
from jiedun.model.finding import Certainty
from jiedun.model.loan import LenderType
from jiedun.rules._fields import Fields
from jiedun.rules.explain import check_template
from jiedun.rules.facts import FactTable
from jiedun.rules.language import Predicate
from jiedun.rules.rule import (
    CiteSpec,
    Example,
    ExceptionClause,
    Expect,
    Kind,
    Lowering,
    Outside,
    Rule,
)

NEEDED = (
    "id", "version", "subject", "violation", "title", "when", "certainty", "explain", "severity",
    "source", "examples",
)  # fmt: skip
ALLOWED = (
    "exceptions", "from", "until", "binds", "outside", "cites", "lowers", "group", "context",
    "settle", "channels", "weighed",
)  # fmt: skip
_FITTING = {
    Kind.VIOLATING: {Expect.VIOLATES, Expect.ADVISORY},
    Kind.LAWFUL: {Expect.LAWFUL},
    Kind.BORDERLINE: set(Expect),
}


def read_rule(data: object, file: str, number: int, tables: Mapping[str, FactTable]) -> Rule:
    """The rule in `data`, which stands `number`th in `file`; `RuleError` says what is wrong."""
    name = data.get("id") if isinstance(data, Mapping) else None
    where = Place(file, name if isinstance(name, str) and name else f"rule {number}")
    fields = Fields(data, where, needed=NEEDED, allowed=ALLOWED)
    table = tables.get(fields.text("subject"))
    if table is None:
        fields.refuse("subject", "is not known", f"use one of {', '.join(sorted(tables))}")
    rule = _rule(fields, table)
    _check(rule, where)
    return rule


def _rule(fields: Fields, table: FactTable) -> Rule:
    binds = fields.members("binds", LenderType)
    return Rule(
        id=fields.text("id"),
        version=fields.text("version"),
        table=table,
        violation=fields.text("violation"),
        title=fields.words("title"),
        when=_predicate(fields, "when", table),
        explain=fields.words("explain"),
        certainty=fields.one_of("certainty", Certainty),
        severity=fields.integer("severity", 1, 5),
        source=fields.text("source"),
        examples=tuple(_example(f, table, binds) for f in _parts(fields, "examples", *_EXAMPLE)),
        exceptions=tuple(_exception(f, table) for f in _parts(fields, "exceptions", *_EXCEPTION)),
        from_=fields.day("from"),
        until=fields.day("until"),
        binds=binds,
        outside=fields.one_of("outside", Outside, Outside.ADVISORY),
        cites=tuple(_cite(f) for f in _parts(fields, "cites", *_CITE)),
        lowers=tuple(_lowering(f, table) for f in _parts(fields, "lowers", *_LOWERING)),
        group=fields.names("group"),
        context=_predicate(fields, "context", table) if fields.data.get("context") else None,
        settle=tuple(f.words("words") for f in _settles(fields)),
        channels=fields.names("channels"),
        weighed=fields.flag("weighed", False),
    )


_EXAMPLE = (("name", "kind", "on", "facts", "expect"), ("lender",))
_EXCEPTION = (("id", "when", "words"), ("presume",))
_CITE = (("instrument", "article"), ("paragraph", "item", "from", "until", "binds"))
_LOWERING = (("when", "to"), ("settle",))


def _parts(
    fields: Fields, key: str, needed: tuple[str, ...], allowed: tuple[str, ...]
) -> Iterator[Fields]:
    for i, item in enumerate(fields.listed(key), 1):
        place = Place(fields.where.path, f"{fields.where.at}.{key}[{i}]")
        yield Fields(item, place, needed=needed, allowed=allowed)


def _settles(fields: Fields) -> Iterator[Fields]:
    for i, item in enumerate(fields.listed("settle"), 1):
        place = Place(fields.where.path, f"{fields.where.at}.settle[{i}]")
        yield Fields({"words": item}, place, needed=("words",), allowed=())


def _predicate(fields: Fields, key: str, table: FactTable) -> Predicate:
    value = fields.data.get(key)
    if isinstance(value, bool):
        value = str(value).upper()
    if not isinstance(value, str):
        fields.refuse(key, "must be a predicate", "put it in quotation marks")
    return Predicate.of(value, table, fields.at(key))


def _exception(fields: Fields, table: FactTable) -> ExceptionClause:
    when = _predicate(fields, "when", table)
    presume = fields.flag("presume", True)
    return ExceptionClause(fields.text("id"), when, fields.words("words"), presume)


def _lowering(fields: Fields, table: FactTable) -> Lowering:
    to = fields.one_of("to", Certainty)
    if to is Certainty.CERTAIN:
        fields.refuse("to", "must be probable or possible")
    return Lowering(_predicate(fields, "when", table), to, fields.words_or_none("settle"))


def _cite(fields: Fields) -> CiteSpec:
    return CiteSpec(
        instrument=fields.text("instrument"),
        article=fields.text_or_none("article"),
        paragraph=fields.text_or_none("paragraph"),
        item=fields.text_or_none("item"),
        from_=fields.day("from"),
        until=fields.day("until"),
        binds=None if fields.data.get("binds") is None else fields.members("binds", LenderType),
    )


def _example(fields: Fields, table: FactTable, binds: frozenset[LenderType]) -> Example:
    facts, on = fields.data["facts"], fields.day("on")
    if not isinstance(facts, dict):
        fields.refuse("facts", "must be a mapping of facts")
    table.check(facts, fields.at("facts"))
    if on is None:
        fields.refuse("on", "must be a day")
    kind, expect = fields.one_of("kind", Kind), fields.one_of("expect", Expect)
    if expect not in _FITTING[kind]:
        fields.refuse("expect", f"does not fit a {kind} example")
    default = min(binds) if binds else LenderType.UNKNOWN
    lender = fields.one_of("lender", LenderType, default)
    return Example(fields.text("name"), kind, on, dict(facts), expect, lender)


def _check(rule: Rule, where: Place) -> None:
    for name in rule.group:
        if name not in rule.table.facts:
            raise RuleError(f"group names {name!r}, which is no fact", where=where)
    if rule.context is not None and not rule.group:
        raise RuleError("context needs a group", where=where)
    check_template(rule.explain, rule.table, Place(where.path, f"{where.at}.explain"))
    for part, names in (
        ("exceptions", [e.id for e in rule.exceptions]),
        ("examples", [e.name for e in rule.examples]),
    ):
        if len(set(names)) < len(names):
            raise RuleError(f"two {part} bear the same name", where=where)
    _check_dates(rule.from_, rule.until, where)
    for cite in rule.cites:
        _check_dates(cite.from_, cite.until, where)
    _check_examples(rule, where)


def _check_dates(first: date | None, last: date | None, where: Place) -> None:
    if first is not None and last is not None and first > last:
        raise RuleError("`from` is after `until`", where=where)


def _check_examples(rule: Rule, where: Place) -> None:
    for kind in Kind:
        if not any(example.kind is kind for example in rule.examples):
            raise RuleError(f"a {kind.value} example is wanted", where=where)
    edges: list[tuple[str, date]] = []
    if rule.from_ is not None:
        edges.append(("from", rule.from_))
    if rule.until is not None:
        edges.append(("until", rule.until + timedelta(days=1)))
    for key, first in edges:
        days = [example.on for example in rule.examples]
        if not (any(day < first for day in days) and any(day >= first for day in days)):
            raise RuleError(f"an example on each side of `{key}` is wanted", where=where)
