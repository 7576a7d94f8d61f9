"""What docs/rules.md shows is loaded and tried, and its table names every field."""

import re
from pathlib import Path

from jiedun import law
from jiedun.rules._reader import ALLOWED, NEEDED
from jiedun.rules.examples import try_file, try_own
from jiedun.rules.pack import load_facts, load_pack, packs_folder, rulebook

DOC = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOC, re.S)


def test_the_rule_shown_agrees_with_its_examples(tmp_path: Path) -> None:
    path = tmp_path / "shown.yaml"
    path.write_text(BLOCKS[0], encoding="utf-8")
    tried = try_own(load_pack(path, load_facts(packs_folder() / "facts")), law.cite)
    assert [(t.example.name, t.said) for t in tried if not t.agrees] == []
    assert len(tried) == 6


def test_the_case_shown_agrees(tmp_path: Path) -> None:
    path = tmp_path / "shown.yaml"
    path.write_text(BLOCKS[1], encoding="utf-8")
    assert [t.agrees for t in try_file(path, rulebook(), law.cite)] == [True]


def test_every_field_is_in_the_table() -> None:
    table = DOC.split("## The fields")[1].split("## The language")[0]
    assert [key for key in (*NEEDED, *ALLOWED) if f"`{key}`" not in table] == []
