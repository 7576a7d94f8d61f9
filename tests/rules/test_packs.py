"""Packs: what the loader refuses, that every shipped pack holds, and that a changed rule is noticed."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from jiedun import law
from jiedun.errors import LawError, RuleError
from jiedun.model.finding import Cite, Force
from jiedun.model.loan import LenderType
from jiedun.model.text import Words
from jiedun.rules.exact_yaml import parse_yaml
from jiedun.rules.examples import try_file, try_own
from jiedun.rules.facts import FactTable
from jiedun.rules.language import Predicate
from jiedun.rules.pack import load_facts, load_pack, load_packs, packs_folder, rulebook
from jiedun.rules.rule import CiteSpec, Rule

DATA = Path(__file__).parent / "data"
SCHEMA = json.loads((packs_folder() / "schema.json").read_text(encoding="utf-8"))
PACKS = [DATA / "sample.yaml", *sorted(packs_folder().glob("*.yaml"))]
_FORCES = {"gbt-45251-2025": Force.STANDARD, "guide": Force.SELF_DISCIPLINE}


@cache
def tables() -> Mapping[str, FactTable]:
    return load_facts(DATA / "facts")


def sample() -> tuple[Rule, ...]:
    return load_packs([DATA / "sample.yaml"], tables())


def cite(
    instrument: str,
    article: str | None,
    on: date,
    /,
    *,
    paragraph: str | None = None,
    item: str | None = None,
) -> Cite:
    force = _FORCES.get(instrument, Force.LAW)
    return Cite(instrument, article, force, None, None, False, Words("法", "act"), paragraph, item)


def plain(value: Any) -> Any:
    """YAML as JSON has it: days as text, decimals as numbers."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else float(value)


@pytest.mark.parametrize("path", PACKS, ids=lambda p: p.stem)
def test_every_pack_is_valid_by_the_schema(path: Path) -> None:
    jsonschema.validate(
        plain(parse_yaml(path.read_text(encoding="utf-8"), path.name)),
        SCHEMA,
        cls=jsonschema.Draft202012Validator,
    )


def test_the_sample_agrees_with_its_examples() -> None:
    assert [t.example.name for t in try_own(sample(), cite) if not t.agrees] == []


@pytest.mark.parametrize("rule", rulebook(), ids=lambda r: r.id)
def test_every_shipped_rule_agrees_with_its_examples(rule: Rule) -> None:
    failed = [(t.example.name, t.said) for t in try_own([rule], law.cite) if not t.agrees]
    assert failed == []


@pytest.mark.parametrize("rule", rulebook(), ids=lambda r: r.id)
def test_every_cite_is_in_the_register_and_binds_whom_it_says(rule: Rule) -> None:
    for spec in rule.cites:
        act = law.instrument(spec.instrument)
        law.clause(spec.instrument, spec.article, spec.from_ or rule.from_ or date(2026, 1, 1))
        addressed = (rule.binds if spec.binds is None else spec.binds) or frozenset(LenderType)
        for lender in addressed - {LenderType.UNKNOWN}:
            assert act.binds_lender(lender), (spec.instrument, lender)


@pytest.mark.parametrize("rule", rulebook(), ids=lambda r: r.id)
def test_what_a_rule_cites_was_in_force_on_the_day_of_each_example(rule: Rule) -> None:
    for example in rule.examples:
        for spec in rule.cites:
            found = law.cite(spec.instrument, spec.article, example.on)
            if found is not None:
                assert law.clause(spec.instrument, spec.article, example.on).in_force is not False


def mutants() -> list[tuple[str, Rule]]:
    """The hour moved by a second, an operator turned, a word swapped, an exception dropped."""
    hours, cap = sample()
    changes = [
        ("28800", "28801"), ("28800", "28799"), ("79200", "79201"), (">= 79200", "> 79200"),
        ("< 28800", "<= 28800"), (" OR ", " AND "), ("creditor_side AND", "NOT creditor_side AND"),
        ("creditor_side AND", "TRUE AND"),
    ]  # fmt: skip
    made = [
        (
            f"{old}->{new}",
            replace(hours, when=Predicate.of(hours.when.text.replace(old, new), hours.table)),
        )
        for old, new in changes
    ]
    return [
        *made,
        ("no exceptions", replace(hours, exceptions=())),
        ("from a day later", replace(hours, from_=date(2025, 3, 1))),
        ("from a day earlier", replace(hours, from_=date(2025, 2, 27))),
        ("binds everyone", replace(hours, binds=frozenset())),
        ("cap: >=", replace(cap, when=Predicate.of("annual_nominal >= cap", cap.table))),
        ("cap: cite from later", replace(cap, cites=(replace(cap.cites[0], from_=None),))),
        ("cap: binds everyone", replace(cap, binds=frozenset())),
    ]


@pytest.mark.parametrize(
    ("name", "mutant"), mutants(), ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_mutated_rule_fails_its_examples(name: str, mutant: Rule) -> None:
    assert any(not tried.agrees for tried in try_own([mutant], cite)), name


Change = Callable[[dict[str, Any]], Any]


def put(key: str, value: Any) -> Change:
    return lambda rule: rule.update({key: value})


def drop(key: str) -> Change:
    return lambda rule: rule.pop(key)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (put("whenn", "TRUE"), "did you mean when"),
        (drop("source"), "source must be given"),
        (put("version", 1), "version must be a text"),
        (put("subject", "letter"), "subject is not known"),
        (put("title", "夜间"), "both languages"),
        (put("title", {"zh": "夜间", "en": ""}), "both languages"),
        (put("when", "creditor_sid"), "did you mean creditor_side"),
        (put("from", "2025"), "must be a day"),
        (put("until", date(2025, 1, 1)), "`from` is after `until`"),
        (put("until", date(2025, 12, 31)), "each side of `until`"),
        (put("binds", ["banks"]), "holds 'banks'"),
        (put("outside", "perhaps"), "outside is not known"),
        (put("certainty", "sure"), "certainty is not known"),
        (put("severity", 6), "severity must be an integer from 1 to 5"),
        (put("severity", True), "severity must be an integer"),
        (put("group", ["creditr"]), "group names"),
        (put("group", "creditor"), "group must be a list"),
        (put("group", []), "context needs a group"),
        (put("explain", {"zh": "{cout}", "en": "{count}"}), "did you mean count"),
        (put("explain", {"zh": "{count", "en": "x"}), "braces do not match"),
        (put("explain", {"zh": "{count!r}", "en": "x"}), "more than a number format"),
        (put("explain", {"zh": "{count.real}", "en": "x"}), "which is no fact"),
        (put("explain", {"zh": "{second_of_day:%Y}", "en": "x"}), "does not fit"),
        (put("lowers", [{"when": "TRUE", "to": "certain"}]), "must be probable or possible"),
        (put("cites", [{"instrument": "code"}]), "article must be given"),
        (put("cites", [{"instrument": "code", "article": 5}]), "article must be a text"),
        (put("examples", []), "a violating example is wanted"),
        (lambda r: r["examples"].pop(), "each side of `from`"),
        (lambda r: r["examples"][0]["facts"].update(hour=3), "not declared"),
        (lambda r: r["examples"][0]["facts"].update(second_of_day="3"), "not of type int"),
        (lambda r: r["examples"][0]["facts"].update(channel="fax"), "is not one of"),
        (lambda r: r["examples"][0].update(expect="lawful"), "does not fit"),
        (lambda r: r["examples"][0].update(kind="good"), "kind is not known"),
        (lambda r: r["examples"][0].update(name="ten sharp"), "the same name"),
        (lambda r: r["exceptions"][0].update(presume="no"), "must be true or false"),
        (lambda r: r["exceptions"].append(r["exceptions"][0]), "the same name"),
    ],
)
def test_the_loader_refuses_and_names_file_and_rule(
    tmp_path: Path, change: Change, said: str
) -> None:
    raw = parse_yaml((DATA / "sample.yaml").read_text(encoding="utf-8"), "sample.yaml")
    rule = deepcopy(raw[0])
    change(rule)
    pack = tmp_path / "changed.yaml"
    pack.write_text(yaml.safe_dump([rule], allow_unicode=True), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_pack(pack, tables())
    assert said in str(caught.value)
    assert str(caught.value).startswith("changed.yaml#SAMPLE-HOURS")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1", "a rule pack is a list"),
        ("- [", "line 2: this is not YAML"),
        ("- {id: x, id: y}", "stands twice"),
        ("- 5", "mapping with named fields"),
        ("- {on: 1}", "the key 'on' is not known"),
        ("- !!python/object:os.system x", "this is not YAML"),
        ("- {2025-13-01: x}", "this is not YAML"),
    ],
)
def test_what_is_no_pack(tmp_path: Path, text: str, said: str) -> None:
    pack = tmp_path / "bad.yaml"
    pack.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError, match=r"bad\.yaml") as caught:
        load_pack(pack, tables())
    assert said in str(caught.value)


def test_a_file_that_is_not_there_or_not_utf8(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"\xff\xfe\xff")
    for path in (bad, tmp_path / "none.yaml"):
        with pytest.raises(RuleError, match="cannot be read"):
            load_pack(path, tables())


def test_an_id_stands_once_in_all_files(tmp_path: Path) -> None:
    second = tmp_path / "second.yaml"
    second.write_text((DATA / "sample.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RuleError, match=r"stands in sample\.yaml already"):
        load_packs([DATA / "sample.yaml", second], tables())


def test_a_cite_that_the_register_does_not_hold() -> None:
    def known(spec: CiteSpec) -> bool:
        try:
            law.clause(spec.instrument, spec.article, date(2026, 1, 1))
        except LawError:
            return False
        return True

    with pytest.raises(RuleError, match="does not hold guide#9"):
        load_packs([DATA / "sample.yaml"], tables(), known)


def test_yaml_means_what_it_says() -> None:
    assert parse_yaml("{a: on, b: no, c: 22:00, d: 010, e: 1.50, f: true}", "x") == {
        "a": "on", "b": "no", "c": "22:00", "d": "010", "e": parse_yaml("1.5", "x"), "f": True,
    }  # fmt: skip
    assert str(parse_yaml("0.1", "x")) == "0.1"


@pytest.mark.parametrize(
    "text",
    [
        "facts: {}",
        "{subject: letter, facts: {}}",
        "{subject: contact, facts: {a: {type: int}}}",
        "{subject: contact, facts: {a: {type: float, label: {zh: 甲, en: a}}}}",
        "{subject: contact, facts: {a: {type: int, label: {zh: 甲, en: a}, values: [x]}}}",
        "{subject: contact, facts: {a: {type: text, label: {zh: 甲, en: a}, values: [x, x]}}}",
        "{subject: contact, facts: {a: {type: int, label: {zh: 甲, en: a}, unit: s}}}",
        "{subject: contact, facts: {select: {type: int, label: {zh: 甲, en: a}}}}",
    ],
)
def test_a_fact_table_that_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RuleError):
        FactTable.load(path)


def test_cases_in_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    facts = "{creditor_side: true, second_of_day: 79200, agreed_hours: false}"
    path.write_text(
        f"- {{name: ten, rule: SAMPLE-HOURS, on: 2025-03-01, facts: {facts}, expect: violates}}\n"
        f"- {{name: not so, rule: SAMPLE-HOURS, on: 2025-03-01, facts: {facts}, expect: lawful}}\n",
        encoding="utf-8",
    )
    assert [tried.agrees for tried in try_file(path, sample(), cite)] == [True, False]
    path.write_text("- {name: ten, rule: NONE, on: 2025-03-01, facts: {}, expect: lawful}")
    with pytest.raises(RuleError, match="case 1: rule is not in the rulebook"):
        try_file(path, sample(), cite)
