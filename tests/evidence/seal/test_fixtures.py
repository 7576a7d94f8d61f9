"""Bags sealed by earlier versions verify for ever. They are never made again: a version that
changes the form adds its own beside them."""

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import bagit
import pytest

from jiedun.evidence.seal import package, timestamp
from jiedun.evidence.seal.verify import Expected, verify

FIXTURES = Path(__file__).with_name("fixtures")
KNOWN = json.loads((FIXTURES / "v1.json").read_text())


@pytest.fixture(scope="module")
def bags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bags of the first version, unpacked."""
    folder = tmp_path_factory.mktemp("bags")
    with tarfile.open(FIXTURES / "v1-bags.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_old_bag_is_whole_for_every_verifier(bags: Path, name: str, both: Any) -> None:
    bag, known = bags / name, KNOWN[name]
    answer = both(bag, root=known["root"], key=known["key"])
    assert answer.product and answer.standalone
    bagit.Bag(str(bag)).validate()
    run = [sys.executable, "-I", str(bag / "verify.py"), str(bag), "--root", known["root"]]
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0


def test_old_timestamp_leads_to_its_root(bags: Path) -> None:
    roots = timestamp.roots(FIXTURES / "v1-stamped-root.pem")
    report = verify(bags / "v1-stamped", Expected(authorities=roots))
    assert report.whole and report.facts["timestamp"]


def test_old_package_opens(tmp_path: Path, both: Any) -> None:
    keys = package.identities(FIXTURES / "v1-key.txt")
    package.unpack(FIXTURES / "v1-plain.tar.age", tmp_path / "bag", keys=keys)
    assert both(tmp_path / "bag", root=KNOWN["v1-plain"]["root"]).standalone


def test_old_verifier_still_verifies_what_is_sealed_now(
    bags: Path, case: Path, tmp_path: Path, seal: Any
) -> None:
    seal(case, tmp_path / "r", tmp_path / "bag")
    shutil.copy(bags / "v1-plain/verify.py", tmp_path / "old.py")
    run = [sys.executable, "-I", str(tmp_path / "old.py"), str(tmp_path / "bag")]
    assert subprocess.run(run, capture_output=True, check=False).returncode == 0
