"""Findings put together by rule: what happened, which clauses, how sure, what would settle it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from jiedun.model.finding import Certainty, Cite, Finding, Force
from jiedun.model.text import Words
from jiedun.present.words import violation


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """All findings of one rule and force, in order of time; clauses and remarks once each."""

    rule: str
    version: str
    name: Words
    violation: str
    force: Force
    findings: tuple[Finding, ...]
    cites: tuple[Cite, ...]
    would_settle: tuple[Words, ...]
    exceptions: tuple[Words, ...]
    by_certainty: tuple[tuple[Certainty, int], ...]
    weighed: bool = False

    @property
    def certainty(self) -> Certainty:
        """The surest of its findings."""
        return self.by_certainty[0][0]

    @property
    def first(self) -> datetime:
        """When it first happened."""
        return self.findings[0].occurred_at

    @property
    def last(self) -> datetime:
        """When it last happened."""
        return self.findings[-1].occurred_at


@dataclass(frozen=True, slots=True)
class Kind:
    """One violation across rules: how many findings, the strongest force, how sure of it.

    `certainty` is the surest among the findings of that strongest force: the two hold together.
    """

    violation: str
    name: Words
    count: int
    force: Force
    certainty: Certainty
    severity: int
    weighed: bool = False


def by_rule(findings: Iterable[Finding]) -> tuple[RuleGroup, ...]:
    """Groups with the strongest force first, then the gravest, then the surest."""
    groups: dict[tuple[str, Force], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule, finding.force].append(finding)
    made = [_group(sorted(some, key=lambda f: (f.occurred_at, f.id))) for some in groups.values()]
    return tuple(sorted(made, key=_weight))


def kinds(findings: Iterable[Finding]) -> tuple[Kind, ...]:
    """One line a violation: the strongest force first, then the gravest, then the surest."""
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.violation].append(finding)
    made = [_kind(some) for some in groups.values()]
    return tuple(sorted(made, key=_order))


def apart(findings: Iterable[Finding]) -> tuple[Kind, ...]:
    """As `kinds`, but hints stand apart from what a clause carries, each with its own count."""
    groups: dict[tuple[str, bool], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.violation, finding.force is Force.ADVISORY].append(finding)
    return tuple(sorted((_kind(some) for some in groups.values()), key=_order))


def _kind(some: Sequence[Finding]) -> Kind:
    top = min(some, key=lambda f: (f.force.rank, f.certainty.rank))
    return Kind(
        top.violation,
        violation(top),
        len(some),
        top.force,
        top.certainty,
        _gravest(some),
        top.weighed,
    )


def _gravest(some: Iterable[Finding]) -> int:
    return max(finding.severity for finding in some)


def _order(kind: Kind) -> tuple[int, int, int, int, str]:
    return kind.force.rank, -kind.severity, kind.certainty.rank, -kind.count, kind.violation


def _weight(group: RuleGroup) -> tuple[int, int, int, int, str]:
    gravest = _gravest(group.findings)
    return group.force.rank, -gravest, group.certainty.rank, -len(group.findings), group.rule


def _group(some: Sequence[Finding]) -> RuleGroup:
    head = some[0]
    sure = [(level, sum(f.certainty is level for f in some)) for level in Certainty]
    return RuleGroup(
        rule=head.rule,
        version=head.rule_version,
        name=violation(head),
        violation=head.violation,
        force=head.force,
        findings=tuple(some),
        cites=tuple(dict.fromkeys(cite for f in some for cite in f.cites)),
        would_settle=tuple(dict.fromkeys(words for f in some for words in f.would_settle)),
        exceptions=tuple(dict.fromkeys(words for f in some for words in f.exceptions)),
        by_certainty=tuple((level, n) for level, n in sure if n),
        weighed=head.weighed,
    )
