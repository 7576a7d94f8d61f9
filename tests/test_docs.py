"""The docs cannot lie: generated pages are current, every link resolves, every command is told of."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from jiedun.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """The script that makes the pages."""
    spec = importlib.util.spec_from_file_location("build_docs", ROOT / "scripts" / "build_docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["commands.md", "rulebook.md"])
def test_generated_page_is_current(build: ModuleType, name: str) -> None:
    assert (ROOT / "docs" / name).read_text("utf-8") == build.PAGES[name](), "run `make docs`"


def test_readme_tells_of_every_command() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert [name for name in COMMANDS if f"jiedun {name}" not in readme] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target
