"""The examples of a rule put before it, and cases that others write in the same form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jiedun.errors import Place, RuleError
from jiedun.model.evidence import ItemRef
from jiedun.model.finding import Force
from jiedun.model.loan import LenderType
from jiedun.model.time import SHANGHAI
from jiedun.rules._fields import Fields
from jiedun.rules.exact_yaml import read_yaml
from jiedun.rules.judge import Judgement, Row, judge
from jiedun.rules.rule import Example, Expect, Kind, Rule
from jiedun.rules.standing import CiteFn


@dataclass(frozen=True, slots=True)
class Tried:
    """One example with what the rule said; `file` is where it stands, None for the rule's own."""

    rule: Rule
    example: Example
    said: Expect
    file: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether the rule said what was expected."""
        return self.said is self.example.expect


def said(rule: Rule, example: Example, cite: CiteFn) -> Expect:
    """What `rule` says of `example`: one row on the example's day, from its type of lender."""
    second = example.facts.get("second_of_day") or 0
    midnight = datetime(example.on.year, example.on.month, example.on.day, tzinfo=SHANGHAI)
    row = Row(
        ref=ItemRef("example", 1),
        at=midnight + timedelta(seconds=second),
        on=example.on,
        facts=example.facts,
        subject=rule.subject,
    )
    return _said(judge([rule], [row], lender_type_of=lambda _: example.lender, cite=cite))


def _said(judgement: Judgement) -> Expect:
    if judgement.findings:
        advisory = judgement.findings[0].force is Force.ADVISORY
        return Expect.ADVISORY if advisory else Expect.VIOLATES
    return Expect.UNKNOWN if judgement.unknown else Expect.LAWFUL


def try_own(rules: Sequence[Rule], cite: CiteFn) -> tuple[Tried, ...]:
    """Every rule's own examples, tried."""
    return tuple(Tried(r, e, said(r, e, cite)) for r in rules for e in r.examples)


def try_file(path: Path, rules: Sequence[Rule], cite: CiteFn) -> tuple[Tried, ...]:
    """The cases of one file, tried: a list of `{name, rule, on, facts, expect}`, and if wanted
    `lender` (a type of lender) and `source`. `RuleError` names the case that is not well formed.
    """
    data = read_yaml(path)
    if not isinstance(data, list):
        raise RuleError("a file of cases is a list", where=path.name)
    by_id = {rule.id: rule for rule in rules}
    cases = [_case(item, Place(path.name, f"case {i}"), by_id) for i, item in enumerate(data, 1)]
    return tuple(Tried(rule, case, said(rule, case, cite), path.name) for rule, case in cases)


def _case(data: Any, where: Place, rules: Mapping[str, Rule]) -> tuple[Rule, Example]:
    fields = Fields(
        data, where, needed=("name", "rule", "on", "facts", "expect"), allowed=("lender", "source")
    )
    rule = rules.get(fields.text("rule"))
    if rule is None:
        fields.refuse("rule", "is not in the rulebook", "see `jiedun rules list`")
    on, facts = fields.day("on"), fields.data["facts"]
    if on is None or not isinstance(facts, dict):
        raise RuleError("a case has a day (`on`) and a mapping of facts", where=where)
    rule.table.check(facts, fields.at("facts"))
    default = min(rule.binds) if rule.binds else LenderType.UNKNOWN
    lender = fields.one_of("lender", LenderType, default)
    expect = fields.one_of("expect", Expect)
    return rule, Example(fields.text("name"), Kind.BORDERLINE, on, dict(facts), expect, lender)
