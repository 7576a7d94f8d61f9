"""Whether a rule is broken more or less often than in the period before, beyond chance."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jiedun.audit.chance import Share, changed, holm
from jiedun.audit.run import Audit
from jiedun.audit.totals import ANY, Totals
from jiedun.errors import InputError

SUMMARY = "audit.json"


@dataclass(frozen=True, slots=True)
class Change:
    """One rule in both periods; `chance` is the probability of such a difference without a change,
    `beyond` whether it stands beside all other rules at 5 % (Holm)."""

    rule: str
    before: Share
    after: Share
    chance: float
    beyond: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The changes of all rules. `before` and `after` name the periods; `same_rules` is False where
    the earlier audit was made by other rules, so that a change may be theirs."""

    before: str
    after: str
    changes: tuple[Change, ...]
    same_rules: bool = True


def within(result: Audit) -> Comparison | None:
    """The last period of the data beside the one before; None where there is but one."""
    if result.periods is None:
        return None
    totals, periods = result.totals, result.periods
    rules = sorted({rule for rule, _ in totals.rules})
    pairs = [(r, totals.share(r, "previous"), totals.share(r, "current")) for r in rules]
    before, after = (" – ".join(map(str, d)) for d in (periods.previous, periods.current))
    return Comparison(before, after, _changes(pairs))


def with_earlier(result: Audit, folder: Path) -> Comparison:
    """The whole audit beside an earlier one in `folder`; InputError where that cannot be read."""
    path = folder / SUMMARY
    try:
        held = json.loads(path.read_text("utf-8"))
        totals = Totals()
        totals.add(held["totals"])
        before, version = held["days"], held["rules_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "the earlier audit cannot be read", where=str(path), why=type(error).__name__,
            next_step="name the folder that an earlier run was given with --out",
        ) from error  # fmt: skip
    rules = sorted({r for r, _ in result.totals.rules} | {r for r, _ in totals.rules})
    pairs = [(r, totals.share(r, "all"), result.totals.share(r, "all")) for r in rules]
    return Comparison(
        " – ".join(before),
        " – ".join(result.days),
        _changes(pairs),
        version == result.rules_version,
    )


def _changes(pairs: Sequence[tuple[str, Share, Share]]) -> tuple[Change, ...]:
    seen = [(rule, old, new) for rule, old, new in pairs if old.part + new.part]
    chances = [changed(old, new) for _, old, new in seen]
    stand = holm(chances)
    made = [
        Change(rule, old, new, chance, beyond)
        for (rule, old, new), chance, beyond in zip(seen, chances, stand, strict=True)
    ]
    return tuple(sorted(made, key=lambda c: (c.rule != ANY, c.chance, c.rule)))


def save(result: Audit) -> Path:
    """The file that a later audit compares itself with, written whole."""
    path = result.out / SUMMARY
    held = {
        "rules_version": result.rules_version, "rows": result.rows, "findings": result.findings,
        "days": list(result.days), "totals": result.totals.as_json(),
    }  # fmt: skip
    half = path.with_suffix(".half")
    half.write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    half.replace(path)
    return path
