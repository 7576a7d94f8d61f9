"""Where the tests find things; tests that need the reference data skip plainly without it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference data beside the checkout, or a plain skip."""
    if not SHARED.is_dir():
        pytest.skip("the reference data (../shared) is not beside this checkout")
    return SHARED


@pytest.fixture
def rewrite() -> Callable[[Path, str], None]:
    """Compares text with a golden file, or rewrites it when JIEDUN_GOLDEN=rewrite."""

    def compare(path: Path, text: str) -> None:
        if os.environ.get("JIEDUN_GOLDEN") == "rewrite":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.read_text("utf-8") == text

    return compare
