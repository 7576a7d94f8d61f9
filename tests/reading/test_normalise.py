"""Disguises are undone, and every code knows what it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.reading.normalise import normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("您的貸款已逾期", "您的贷款已逾期"),
        ("ＡＢＣ１２３", "abc123"),
        ("贷*款 逾 期 了", "贷款逾期了"),
        ("还\u200b钱", "还钱"),
        ("尽💩快💥还💥钱", "尽快还钱"),
        ("①②③", "123"),
        ("快还💰", "快还钱"),
        ("再不huanqian", "再不还钱"),
        ("加vx转账", "加微信转账"),
        ("辶不钅戋", "还钱"),
        ("你好 客: 我不是", "你好 客: 我不是"),
        ("go home please", "go home please"),
        ("100.50元", "100.50元"),
        ("", ""),
    ],
)
def test_disguises_are_undone(written: str, plain: str) -> None:
    assert normalise([written]).text(0) == plain


@given(st.lists(st.text(st.characters(), max_size=40), max_size=6))
def test_offsets_lead_back(texts: list[str]) -> None:
    batch = normalise(texts)
    assert len(batch.bounds) == len(texts) + 1
    for i, text in enumerate(texts):
        part = slice(int(batch.bounds[i]), int(batch.bounds[i + 1]))
        starts, stops = batch.start[part].tolist(), batch.stop[part].tolist()
        assert all(0 <= a < b <= len(text) for a, b in zip(starts, stops, strict=True))
        assert starts == sorted(starts)


@given(st.text("还钱 *催a1", max_size=30), st.text("还钱 *催a1", max_size=30))
def test_neighbours_do_not_matter(first: str, second: str) -> None:
    assert normalise([first, second]).text(1) == normalise([second]).text(0)


def test_lone_surrogates_and_nulls_are_read() -> None:
    assert normalise(["\ud83d\udc00还\x00钱"]).text(0) == "还钱"
