"""The page on the ledger names every answer, option and field."""

import argparse
from pathlib import Path

from jiedun.cli import owe
from jiedun.ledger.caps import load_caps

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "ledger.md").read_text("utf-8")


def test_every_option_is_on_the_page() -> None:
    parser = argparse.ArgumentParser()
    owe.configure(parser)
    options = [
        o for a in parser._actions for o in a.option_strings if o.startswith("--") and o != "--help"
    ]
    assert [o for o in options if o not in PAGE] == []


def test_every_answer_is_on_the_page() -> None:
    names = ("contract", "contract_with_penalty", "cap_24", "cap_4lpr", "cap_4lpr_at_filing", "cap_transition",
             "no_interest", "void_contract_1lpr", "principal_only", "as_written")  # fmt: skip
    assert [n for n in names if f"`{n}`" not in PAGE] == []


def test_caps_have_words_in_both_languages_and_a_source() -> None:
    for rule in load_caps():
        assert rule.label.zh and rule.label.en and rule.basis.zh and rule.basis.en
        assert rule.clauses
        assert rule.verified in ("mirror", "page", "memory")
