"""The disguises that the bench measures change the text and are undone."""

import pytest
from bench._evasions import TRANSFORMS, transformed

from jiedun.reading.normalise import normalise

TEXT = "你再不还钱逾期3天就联系你家里，加微信转账欠款1200"


@pytest.mark.parametrize("name", TRANSFORMS)
def test_a_disguise_is_undone(name: str) -> None:
    (written,) = transformed(name, [TEXT])
    plain = normalise([TEXT]).text(0)
    assert written == TEXT or normalise([written]).text(0) == plain


def test_most_disguises_change_this_text() -> None:
    assert sum(transformed(name, [TEXT]) != [TEXT] for name in TRANSFORMS) >= 9
