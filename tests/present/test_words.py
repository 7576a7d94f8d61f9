"""Words fit the force: the strongest word is kept for what bears it."""

from collections.abc import Callable

import pytest

from jiedun.model.evidence import Channel, Outcome
from jiedun.model.finding import Certainty, Finding, Force
from jiedun.model.party import Role
from jiedun.model.report import Reached
from jiedun.present import words

BREACH = {Force.LAW, Force.REGULATION, Force.JUDICIAL_INTERPRETATION}
BOTH = [(force, sure) for force in Force for sure in Certainty]
SCHEMA = [
    "calls_over_daily_limit",
    "call_outside_hours",
    "third_party_contact",
    "debt_disclosure",
    "threat",
    "false_legal",
    "impersonation",
    "induce_borrowing",
    "identity_concealment",
    "abuse",
    "private_payment",
    "interest_in_advance",
    "rate_over_cap",
    "penalty_over_limit",
]
FURTHER = [
    "unanswered_over_limit",
    "contact_after_refusal",
    "contact_person_reachable",
    "address_book_exposure",
    "call_bombing",
    "third_party_pressure",
    "pi_disclosure",
    "undisclosed_fee",
    "compound_over_limit",
]


@pytest.mark.parametrize(("force", "sure"), BOTH)
def test_only_binding_norms_are_breached(force: Force, sure: Certainty) -> None:
    said = words.verdict(force, sure)
    assert ("违反" in said.zh) == (force in BREACH)
    assert ("in breach" in said.en) == (force in BREACH)


@pytest.mark.parametrize("sure", Certainty)
def test_crime_is_left_to_the_police(sure: Certainty) -> None:
    said = words.verdict(Force.CRIMINAL_LAW, sure)
    assert said.zh.startswith("涉嫌")
    assert "公安机关认定" in said.zh
    assert "police" in said.en


@pytest.mark.parametrize("sure", Certainty)
def test_standards_and_advisories_keep_their_place(sure: Certainty) -> None:
    assert "不符合推荐性标准" in words.verdict(Force.STANDARD, sure).zh
    assert "不符合自律规范" in words.verdict(Force.SELF_DISCIPLINE, sure).zh
    assert words.verdict(Force.ADVISORY, sure).zh.startswith("提示")


@pytest.mark.parametrize(("force", "sure"), BOTH)
def test_doubt_is_heard_in_the_verdict(force: Force, sure: Certainty) -> None:
    said = words.verdict(force, sure)
    hedged = "可能" in said.zh and ("possib" in said.en or "probab" in said.en)
    assert hedged == (sure is not Certainty.CERTAIN)


@pytest.mark.parametrize("violation", SCHEMA + FURTHER)
def test_every_violation_has_a_name(violation: str) -> None:
    name = words.VIOLATION[violation]
    assert name.zh
    assert name.en
    assert "违法" not in name.zh


def test_an_unknown_violation_goes_by_the_findings_own_title(
    make_finding: Callable[..., Finding],
) -> None:
    found = make_finding("f", "something_new", Force.LAW, "2026-01-01 10:00:00")
    assert words.violation(found) == found.title


def test_every_member_has_words() -> None:
    tables = (
        (words.FORCE, Force),
        (words.FORCE_MEANS, Force),
        (words.CERTAINTY, Certainty),
        (words.CERTAINTY_MEANS, Certainty),
        (words.ROLE, Role),
        (words.REACHED, Reached),
        (words.CHANNEL, Channel),
        (words.OUTCOME, Outcome),
    )
    for table, members in tables:
        assert set(table) == set(members)
