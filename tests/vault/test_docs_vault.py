"""docs/vault.md names every act and reason; docs/threat-model.md names tests that exist."""

import argparse
import re
from pathlib import Path

from jiedun.cli import vault as command
from jiedun.vault import access

ROOT = Path(__file__).resolve().parents[2]
VAULT = (ROOT / "docs/vault.md").read_text("utf-8")
THREATS = (ROOT / "docs/threat-model.md").read_text("utf-8")


def test_every_act_is_documented() -> None:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    (acts,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    assert acts.choices
    for name in acts.choices:
        assert f"`{name}`" in VAULT, name


def test_every_reason_is_documented() -> None:
    source = Path(access.__file__).read_text("utf-8")
    reasons = set(re.findall(r'Decision\(Grant\.\w+, "(\w+)"\)', source)) - {"absent"}
    assert len(reasons) == 7
    assert all(f"`{reason}`" in VAULT for reason in reasons)


def test_the_limits_stated_are_the_limits() -> None:
    limits = access.Limits()
    assert f"{limits.per_minute} subjects a minute and {limits.per_day:,} a day" in VAULT


def test_tests_named_in_the_threat_model_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", THREATS))
    assert named
    assert all((ROOT / "tests/vault" / f"{name}.py").exists() for name in named)
