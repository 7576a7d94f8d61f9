"""Whole cases: every violation decided by time, count, role and parties found exactly, none beside."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from jiedun import law
from jiedun.case.check import Checked, check
from jiedun.model.time import SHANGHAI
from jiedun.reading import conduct

BY_TIME_COUNT_ROLE = ("calls_over_daily_limit", "call_outside_hours", "third_party_contact")
BY_LOAN = ("interest_in_advance", "rate_over_cap", "penalty_over_limit")
BY_WORDS = (
    "debt_disclosure", "threat", "false_legal", "impersonation", "induce_borrowing",
    "identity_concealment", "abuse", "private_payment",
)  # fmt: skip

ROOT = Path(__file__).resolve().parents[2]
CASES = [
    *(ROOT / "conformance" / "cases" / name for name in ("case-c", "case-d", "case-e")),
    *(ROOT.parent / "shared" / "cases" / name for name in ("case-a", "case-b")),
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)


def _expected(case: Path) -> dict[str, Any]:
    """The answers of a case, or a plain skip where the reference data is not there."""
    if not case.is_dir():
        pytest.skip("the reference data (../shared) is not beside this checkout")
    loaded: dict[str, Any] = json.loads((case / "expected.json").read_text("utf-8"))
    return loaded


def _check(folder: Path, as_of: str, tier: conduct.Tier = "fast") -> Checked:
    return check(
        folder,
        as_of=date.fromisoformat(as_of),
        at=datetime(2026, 11, 28, tzinfo=SHANGHAI),
        read=lambda messages: conduct.read(messages, tier=tier),
    )


def _items(checked: Checked, violation: str) -> set[str]:
    return {str(ref) for f in checked.findings if f.violation == violation for ref in f.items}


def _assert_exact(checked: Checked, expected: Mapping[str, Any]) -> None:
    for violation in BY_TIME_COUNT_ROLE:
        block = expected["violations"][violation]
        free = {item["id"] for item in block["either_way"]}
        found = _items(checked, violation)
        assert found - free == {item["id"] for item in block["items"]} - free, violation
    for violation in BY_LOAN:
        count = sum(f.violation == violation for f in checked.findings)
        assert count == expected["violations"][violation]["count"], violation


@every_case
def test_violations_of_time_count_role_and_parties_exactly(case: Path) -> None:
    expected = _expected(case)
    _assert_exact(_check(case, expected["as_of"]), expected)


@pytest.mark.parametrize("days", [-35, 21, -900])
@every_case
def test_the_same_with_every_name_number_and_date_changed(
    case: Path,
    days: int,
    shifted: Callable[[Path, Any], Path],
    make_shift: Callable[[Path, int], Any],
) -> None:
    truth = _expected(case)
    shift = make_shift(case, days)
    folder = shifted(case, shift)
    expected = shift.value(truth)
    _assert_exact(_check(folder, expected["as_of"]), expected)


@every_case
def test_traps_of_time_count_role_and_parties_are_not_flagged(case: Path) -> None:
    expected = _expected(case)
    checked = _check(case, expected["as_of"])
    for trap in expected["must_not_flag"]:
        if "id" in trap and trap["violation"] in BY_TIME_COUNT_ROLE:
            assert trap["id"] not in _items(checked, trap["violation"]), trap["why"]


def _words(case: Path) -> tuple[int, int, int]:
    """Items of the violations that words decide, as `jiedun check` reads them: wanted, found, right."""
    expected = _expected(case)
    checked = _check(case, expected["as_of"], tier="deep")
    wanted = found = right = 0
    for violation in BY_WORDS:
        block = expected["violations"][violation]
        free = {item["id"] for item in block["either_way"]}
        mine = _items(checked, violation) - free
        theirs = {item["id"] for item in block["items"]}
        wanted, found, right = wanted + len(theirs), found + len(mine), right + len(mine & theirs)
    return wanted, found, right


@every_case
def test_words_are_found_with_few_beside(case: Path) -> None:
    wanted, found, right = _words(case)
    assert right >= 0.8 * wanted
    assert found - right <= max(2, 0.4 * found)  # a case may have two items in all


def test_words_of_all_cases_together() -> None:
    each = [_words(case) for case in CASES if case.is_dir()]
    wanted, found, right = (sum(column) for column in zip(*each, strict=True))
    assert wanted > 20
    assert right >= 0.9 * wanted
    assert right >= 0.75 * found


@every_case
def test_nothing_of_words_is_certain_and_no_cite_is_out_of_force(case: Path) -> None:
    expected = _expected(case)
    checked = _check(case, expected["as_of"])
    for finding in checked.findings:
        if finding.violation in BY_WORDS:
            assert finding.certainty.value != "certain"
        day = finding.occurred_at.astimezone(SHANGHAI).date()
        for cite in finding.cites:
            assert law.instrument(cite.instrument).in_force(day) is not False
            if cite.quote is not None:
                assert cite.article is not None
                assert law.clause(cite.instrument, cite.article, day).text == cite.quote
        if finding.force.value == "advisory":
            assert finding.cites == ()
