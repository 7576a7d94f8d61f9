"""Names, addresses, masking."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.model.personal import PersonalType as P
from jiedun.model.personal import Span
from jiedun.reading.masking import mask, masked, pseudonyms
from jiedun.reading.pii import find, find_batch


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("借款人张建国逾期三天", [("PERSON", "张建国")]),
        ("请转告欧阳晓梅女士回电", [("PERSON", "欧阳晓梅")]),
        (
            "现住浙江省杭州市西湖区文三路12号3栋402室。",
            [("ADDRESS", "浙江省杭州市西湖区文三路12号3栋402室")],
        ),
        ("张经理您好，老李找您", []),
        ("高峰时段请稍后再拨", []),
    ],
)
def test_names_and_addresses(text: str, spans: list[tuple[str, str]]) -> None:
    assert [(s.type.value, s.value) for s in find(text)] == spans


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=50), max_size=5))
def test_any_text_can_be_searched(texts: list[str]) -> None:
    for text, spans in zip(texts, find_batch(texts), strict=True):
        assert all(text[s.start : s.end] == s.value for s in spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (P.CN_MOBILE, "13812341234", "138****1234"),
        (P.PERSON, "张建国", "张**"),
        (P.EMAIL, "li.lei@example.com", "l***@example.com"),
        (P.BANK_CARD, "6222 0800 2867 1148", "6222********1148"),
        (P.IP, "198.51.100.1", "*********"),
        (P.QQ, "12", "**"),
    ],
)
def test_masked_values(kind: P, value: str, shown: str) -> None:
    assert masked(Span(0, len(value), kind, value, 1.0)) == shown


def test_masking_leaves_the_rest() -> None:
    assert mask("请打17000001234，谢谢") == "请打170****1234，谢谢"
    assert mask("请打17000001234", only=[P.QQ]) == "请打17000001234"


def test_pseudonyms_are_stable_and_keyed() -> None:
    text = "17000001234和170-0000-1234和17000009999"
    first, second, third = mask(text, replace=pseudonyms(b"k")).split("和")
    assert first == second != third
    assert first.startswith("手机-")
    assert mask(text, replace=pseudonyms(b"other")).split("和")[0] != first
