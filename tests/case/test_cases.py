"""Whole cases: every violation decided by time, count, role and parties found exactly, none beside."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from jiedun.case.check import Checked, check
from jiedun.model.time import SHANGHAI
from jiedun.reading import conduct

BY_TIME_COUNT_ROLE = ("calls_over_daily_limit", "call_outside_hours", "third_party_contact")
BY_LOAN = ("interest_in_advance", "rate_over_cap", "penalty_over_limit")
BY_WORDS = (
    "debt_disclosure", "threat", "false_legal", "impersonation", "induce_borrowing",
    "identity_concealment", "abuse", "private_payment",
)  # fmt: skip


def _check(folder: Path, as_of: str) -> Checked:
    return check(
        folder,
        as_of=date.fromisoformat(as_of),
        at=datetime(2026, 11, 28, tzinfo=SHANGHAI),
        read=lambda messages: conduct.read(messages, tier="fast"),
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


@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_violations_of_time_count_role_and_parties_exactly(shared: Path, name: str) -> None:
    expected = json.loads((shared / "cases" / name / "expected.json").read_text("utf-8"))
    checked = _check(shared / "cases" / name, expected["as_of"])
    _assert_exact(checked, expected)


@pytest.mark.parametrize("days", [-35, 21, -900])
@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_the_same_with_every_name_number_and_date_changed(
    shared: Path,
    name: str,
    days: int,
    shifted: Callable[[Path, Any], Path],
    make_shift: Callable[[Path, int], Any],
) -> None:
    case = shared / "cases" / name
    shift = make_shift(case, days)
    folder = shifted(case, shift)
    expected = shift.value(json.loads((case / "expected.json").read_text("utf-8")))
    _assert_exact(_check(folder, expected["as_of"]), expected)


@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_traps_of_time_count_role_and_parties_are_not_flagged(shared: Path, name: str) -> None:
    case = shared / "cases" / name
    expected = json.loads((case / "expected.json").read_text("utf-8"))
    checked = _check(case, expected["as_of"])
    for trap in expected["must_not_flag"]:
        if "id" in trap and trap["violation"] in BY_TIME_COUNT_ROLE:
            assert trap["id"] not in _items(checked, trap["violation"]), trap["why"]


@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_words_are_found_with_few_beside(shared: Path, name: str) -> None:
    expected = json.loads((shared / "cases" / name / "expected.json").read_text("utf-8"))
    checked = _check(shared / "cases" / name, expected["as_of"])
    wanted = found = right = 0
    for violation in BY_WORDS:
        block = expected["violations"][violation]
        free = {item["id"] for item in block["either_way"]}
        mine = _items(checked, violation) - free
        theirs = {item["id"] for item in block["items"]}
        wanted, found, right = wanted + len(theirs), found + len(mine), right + len(mine & theirs)
    assert right >= 0.8 * wanted
    assert right >= 0.6 * found


@pytest.mark.parametrize("name", ["case-a", "case-b"])
def test_nothing_of_words_is_certain_and_no_cite_is_out_of_force(shared: Path, name: str) -> None:
    from jiedun import law

    expected = json.loads((shared / "cases" / name / "expected.json").read_text("utf-8"))
    checked = _check(shared / "cases" / name, expected["as_of"])
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
