"""The conformance folder: every worked example to the cent, with the law as shipped."""

from pathlib import Path

import pytest

from jiedun.errors import InputError
from jiedun.ledger.conformance import Example, check, read_examples
from jiedun.ledger.sources import default_law

FOLDER = Path(__file__).resolve().parents[2] / "conformance" / "loans"
EXAMPLES = read_examples(FOLDER)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.id)
def test_worked_example(example: Example) -> None:
    found = check(example, default_law())
    assert found
    assert [c for c in found if not c.agrees] == []


def test_ids_are_used_once() -> None:
    ids = [e.id for e in EXAMPLES]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 25


def test_a_wrong_figure_is_told() -> None:
    wrong = Example("x", "s", {"calc": "delay_interest", "with": {"base": 50000, "days": 100},
                               "expect": {"interest": 875.01}}, "f.yaml")  # fmt: skip
    (checked,) = check(wrong, default_law())
    assert not checked.agrees
    assert checked.got == "875.00"


@pytest.mark.parametrize("data", [
    {"calc": "nothing", "expect": {"a": 1}},
    {"calc": "delay_interest", "with": {"base": 1, "days": 1}, "expect": {"nothing": 1}},
])  # fmt: skip
def test_unknown_names_say_where(data: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"f\.yaml#x"):
        check(Example("x", "s", data, "f.yaml"), default_law())


def test_an_entry_without_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {id: q}\n", "utf-8")
    with pytest.raises(InputError, match=r"a\.yaml#q"):
        read_examples(tmp_path)
