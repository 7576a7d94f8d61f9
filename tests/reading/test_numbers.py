"""Numbers that identify, and numbers that only look so."""

import itertools
import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as std_luhn
from stdnum.cn import ric, uscc

from jiedun.reading import checks
from jiedun.reading.numbers import find_numbers

FOUND = [
    ("身份证999999198508170422不对", []),
    ("电话17000001234谢谢", [("CN_MOBILE", "17000001234")]),
    ("打１７０ ０００１ ２３４５找我", [("CN_MOBILE", "１７０ ０００１ ２３４５")]),
    ("号码一七零零零零零一二三四", [("CN_MOBILE", "一七零零零零零一二三四")]),
    ("（+86）17027501304", [("CN_MOBILE", "（+86）17027501304")]),
    ("+86-170-0965-2025停用", [("CN_MOBILE", "+86-170-0965-2025")]),
    ("单位电话024-40004421 转 7881。", [("CN_LANDLINE", "024-40004421 转 7881")]),
    ("(021) 60001563", [("CN_LANDLINE", "(021) 60001563")]),
    ("店里座机4553979打不通", [("CN_LANDLINE", "4553979")]),
    ("卡号6222 0800 2867 1148。", [("BANK_CARD", "6222 0800 2867 1148")]),
    ("护照E12345678", [("PASSPORT", "E12345678")]),
    ("车牌浙A12345，另一辆粤Z·G741澳", [("PLATE", "浙A12345"), ("PLATE", "粤Z·G741澳")]),
    ("发到li.lei@example.com吧", [("EMAIL", "li.lei@example.com")]),
    ("微信号lili_lan92，QQ10610001", [("WECHAT_ID", "lili_lan92"), ("QQ", "10610001")]),
    ("IP为198.51.100.251", [("IP", "198.51.100.251")]),
    ("来自2001:db8::1f", [("IP", "2001:db8::1f")]),
    (
        "两个号13812345678和13987654321",
        [("CN_MOBILE", "13812345678"), ("CN_MOBILE", "13987654321")],
    ),
]
NOTHING = [
    "尾号8888，回电138****1234", "6222 **** **** 1234", "4101**********123X", "客服95588、400-820-8820、12378",
    "订单号17012345678", "流水202608260711559444", "版本3.12.0.4", "2026-11-28 12:30:45", "金额12345678.90元",
    "运单SF1612878469615", "EA123456789CN", "时间戳1795188328252", "一二三四五六七", "第1.2.3.4款",
]  # fmt: skip


@pytest.mark.parametrize(("text", "spans"), FOUND)
def test_numbers_found(text: str, spans: list[tuple[str, str]]) -> None:
    assert [(s.type.value, s.value) for s in find_numbers([text])[0]] == spans


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_one(text: str) -> None:
    assert find_numbers([text]) == [[]]


def _resident(rng: random.Random) -> str:
    day = f"{rng.randint(1900, 2020)}{rng.randint(1, 13):02d}{rng.randint(1, 31):02d}"
    return f"{rng.randint(110000, 659999)}{day}{rng.randint(0, 999):03d}"


@given(st.randoms(use_true_random=False))
def test_resident_id_equals_stdnum(rng: random.Random) -> None:
    body = _resident(rng)
    for check in "0123456789X":
        ours = checks.resident_id(body + check)
        try:
            theirs = ric.calc_check_digit(body + check) == check and bool(
                ric.get_birth_date(body + check)
            )
        except ValueError:
            theirs = False
        assert ours == theirs


@given(st.text("0123456789", min_size=15, max_size=19))
def test_luhn_equals_stdnum(digits: str) -> None:
    assert checks.luhn(digits) == std_luhn.is_valid(digits)


@given(
    st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17),
    st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"),
)
def test_social_credit_code_equals_stdnum(body: str, check: str) -> None:
    body = "9" + body[1:2] + "310000" + body[8:]
    for last in {check, uscc.calc_check_digit(body)}:
        assert checks.social_credit_code(body + last) == (uscc.calc_check_digit(body) == last)


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_valid_mobile_of_phonenumbers_is_found(number: str) -> None:
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:  # 17900 and 17901 dial another carrier
        return
    if phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE:
        assert [s.value for s in find_numbers([f"请打{number}。"])[0]] == [number]


@given(st.lists(st.text(st.characters(), max_size=60), max_size=6))
def test_spans_lie_in_their_text(texts: list[str]) -> None:
    for text, spans in zip(texts, find_numbers(texts), strict=True):
        assert all(text[s.start : s.end] == s.value for s in spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


@given(st.sampled_from([t for t, _ in FOUND]), st.sampled_from([t for t, _ in FOUND]))
def test_texts_do_not_touch(first: str, second: str) -> None:
    assert find_numbers([first, second])[1] == find_numbers([second])[0]
