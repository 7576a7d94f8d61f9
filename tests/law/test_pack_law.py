"""The packed data is what the script makes of the collected texts."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from jiedun.law._data import DATA

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/pack_law.py"


@pytest.fixture(scope="module")
def pack_law() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pack_law", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_packed_data_equals_the_source(pack_law: ModuleType, shared: Path) -> None:
    files = pack_law.packed(shared / "law")
    assert set(files) == {"articles.jsonl", "renumbering.csv", "lpr.csv", "channels.csv"}
    for name, content in files.items():
        assert (DATA / name).read_bytes() == content, name


def test_the_register_contradicts_no_front_matter(pack_law: ModuleType, shared: Path) -> None:
    assert pack_law.differences(shared / "law", DATA / "instruments.yaml") == []


def test_body_is_what_stands_below_the_title(pack_law: ModuleType) -> None:
    assert pack_law.body_of("---\nid: x\n---\n\n# 标题\n\n第一段\n\n第二段\n") == "第一段\n\n第二段"
    assert pack_law.body_of("---\nid: x\n---\n\n没有标题\n") == "没有标题"
