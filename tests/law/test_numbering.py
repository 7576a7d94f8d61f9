"""Article numbers: every spelling gives one, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.law import article_number
from jiedun.law.numbering import article_order, chinese_number

DIGITS = "零一二三四五六七八九"


def _chinese(number: int) -> str:
    """The numeral as statutes write it, 1..9999."""
    out, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit:
            out += ("零" if zero and out else "") + DIGITS[digit] + name
            zero = False
        else:
            zero = True
    return out.removeprefix("一") if out.startswith("一十") else out


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("23", "23"),
        (" 023 ", "23"),
        ("２３", "23"),
        ("第23条", "23"),
        ("第 23 条", "23"),
        ("第二十三条", "23"),
        ("二十三", "23"),
        ("第十条", "10"),
        ("第一百条", "100"),
        ("第一百零七条", "107"),
        ("第二百九十三条之一", "293-1"),
        ("第293条之一", "293-1"),
        ("293之1", "293-1"),
        ("293-1", "293-1"),
        ("二百九十三之一", "293-1"),
        ("第一千二百六十条", "1260"),
    ],
)
def test_every_spelling_gives_the_number(written: str, number: str) -> None:
    assert article_number(written) == number


@pytest.mark.parametrize(
    "written", ["", "条", "abc", "0", "第零条", "2-", "-1", "1-2-3", "5.3", "1²³⁴⁵"]
)
def test_other_text_is_no_number(written: str) -> None:
    assert article_number(written) is None


@given(st.integers(1, 9999))
def test_chinese_numerals_are_read_back(number: int) -> None:
    assert chinese_number(_chinese(number)) == number
    assert article_number(f"第{_chinese(number)}条") == str(number)


@given(st.integers(1, 1300), st.integers(1, 20))
def test_added_articles_are_read_back(number: int, added: int) -> None:
    plain = f"{number}-{added}"
    assert article_number(f"第{_chinese(number)}条之{_chinese(added)}") == plain
    assert article_order(str(number)) < article_order(plain) < article_order(str(number + 1))


@given(st.text(max_size=40))
def test_any_text_is_answered(text: str) -> None:
    number = article_number(text)
    assert number is None or article_number(number) == number
