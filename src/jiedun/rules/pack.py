"""Rule packs: YAML files with lists of rules, read strictly into frozen `Rule` objects.

The packs of the project lie in `packs/`, the facts they speak of in `packs/facts/`. Every error
names the file and the rule.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from jiedun.errors import Place, RuleError
from jiedun.rules._reader import read_rule
from jiedun.rules.exact_yaml import read_yaml
from jiedun.rules.facts import FactTable
from jiedun.rules.rule import CiteSpec, Rule

Known = Callable[[CiteSpec], bool]
"""Whether the law register holds the instrument and, where given, the article of a cite."""


def packs_folder() -> Path:
    """The folder of the packs that ship with the project."""
    with as_file(files("jiedun.rules") / "packs") as folder:
        return folder


def load_facts(folder: Path) -> Mapping[str, FactTable]:
    """The fact tables in `folder` by subject."""
    tables: dict[str, FactTable] = {}
    for path in sorted(folder.glob("*.yaml")):
        table = FactTable.load(path)
        if table.subject in tables:
            raise RuleError(f"the facts of {table.subject} stand in two files", where=path.name)
        tables[table.subject] = table
    return tables


def load_pack(
    path: Path, tables: Mapping[str, FactTable], known: Known | None = None
) -> tuple[Rule, ...]:
    """The rules of one file in file order; `known` checks the cites when it is given."""
    data = read_yaml(path)
    if not isinstance(data, list):
        raise RuleError("a rule pack is a list of rules", where=path.name)
    rules = tuple(read_rule(item, path.name, i, tables) for i, item in enumerate(data, 1))
    for rule in rules:
        _check_cites(rule, path.name, known)
    return rules


def load_packs(
    paths: Iterable[Path], tables: Mapping[str, FactTable], known: Known | None = None
) -> tuple[Rule, ...]:
    """The rules of several files; an id may stand once in all of them."""
    rules: list[Rule] = []
    owner: dict[str, str] = {}
    for path in paths:
        for rule in load_pack(path, tables, known):
            if rule.id in owner:
                raise RuleError(
                    f"the id stands in {owner[rule.id]} already", where=Place(path.name, rule.id)
                )
            owner[rule.id] = path.name
            rules.append(rule)
    return tuple(rules)


@cache
def rulebook() -> tuple[Rule, ...]:
    """Every rule that ships with the project, by file and place in it."""
    folder = packs_folder()
    return load_packs(sorted(folder.glob("*.yaml")), load_facts(folder / "facts"))


def of_subject(rules: Sequence[Rule], subject: str) -> tuple[Rule, ...]:
    """Those of `rules` that judge `subject`."""
    return tuple(rule for rule in rules if rule.subject == subject)


def _check_cites(rule: Rule, file: str, known: Known | None) -> None:
    for cite in rule.cites:
        if known is not None and not known(cite):
            article = f"#{cite.article}" if cite.article else ""
            raise RuleError(
                f"the law register does not hold {cite.instrument}{article}",
                where=Place(file, rule.id),
                next_step="see `jiedun law`, or leave the article null",
            )
