"""Readings of messages: what they hold, whatever comes in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.model.reading import Label, Message
from jiedun.reading import conduct

CLEAR = [
    (Message("1", "再不还钱我们就把你的欠款名单贴到你们村口，通知你所有通讯录好友"), Label.THREAT_EXPOSURE),
    (Message("2", "最高可借20万，秒批秒到，点击领取额度", "sms"), Label.LOAN_MARKETING),
    (Message("3", "你这个不要脸的畜生，欠钱不还的废物", "chat"), Label.ABUSE),
    (Message("4", "您好，我是恒桥银行的客户经理，工号0418，请您回电"), Label.IDENTIFIES_SELF),
    (Message("5", "您儿子在我们平台借款逾期三个月欠两万没还", "sms", "third_party"), Label.DEBT_DISCLOSURE),
    (Message("6", "征信修复，逾期记录包清除，先付定金，不成功退款", "chat"), Label.CREDIT_REPAIR_SCAM),
]  # fmt: skip
CLEAN = ["妈，晚上回家吃饭吗", "您的快递已到菜鸟驿站，取件码3-2-1008", "明天开会改到下午三点"]


@pytest.fixture(params=["fast", "deep"])
def tier(request: pytest.FixtureRequest) -> conduct.Tier:
    """Both tiers."""
    return "fast" if request.param == "fast" else "deep"


def test_clear_messages(tier: conduct.Tier) -> None:
    readings = conduct.read([m for m, _ in CLEAR], tier=tier)
    assert [
        want for (_, want), r in zip(CLEAR, readings, strict=True) if want not in r.possible
    ] == []


def test_clean_messages(tier: conduct.Tier) -> None:
    readings = conduct.read([Message(t, t) for t in CLEAN], tier=tier)
    assert [r.probable for r in readings] == [frozenset()] * len(CLEAN)


def test_readings_are_well_formed(tier: conduct.Tier) -> None:
    readings = conduct.read([m for m, _ in CLEAR], tier=tier)
    for (message, _), reading in zip(CLEAR, readings, strict=True):
        assert reading.id == message.id
        assert reading.probable <= reading.possible
        assert set(reading.scores) == set(Label)
        assert all(0 <= p <= 1 for p in reading.scores.values())
        assert {s.label for s in reading.spans} == reading.possible
        assert all(0 <= s.start < s.end <= len(message.text) for s in reading.spans)


def test_debtor_and_guarantor_are_no_third_party(tier: conduct.Tier) -> None:
    text = "您儿子在我们平台借款逾期三个月欠两万没还，你叫他还钱"
    for recipient in ("debtor", "guarantor"):
        (reading,) = conduct.read([Message("1", text, "sms", recipient)], tier=tier)
        assert not reading.possible & {Label.DEBT_DISCLOSURE, Label.THIRD_PARTY_PRESSURE}


def test_company_does_not_matter(tier: conduct.Tier) -> None:
    alone = conduct.read([CLEAR[0][0]], tier=tier)[0].scores
    among = conduct.read([m for m, _ in CLEAR], tier=tier)[0].scores
    assert all(abs(alone[k] - among[k]) < 0.1 for k in Label)


def test_threads_agree() -> None:
    messages = [m for m, _ in CLEAR] * 20
    want = conduct.read(messages, tier="fast")
    with ThreadPoolExecutor(4) as pool:
        assert all(
            r == want for r in pool.map(lambda _: conduct.read(messages, tier="fast"), range(8))
        )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=60), max_size=5))
def test_any_text_is_read(texts: list[str]) -> None:
    messages = [Message(str(i), t, "call", "third_party") for i, t in enumerate(texts)]
    for message, reading in zip(messages, conduct.read(messages, tier="fast"), strict=True):
        assert all(0 <= s.start <= s.end <= len(message.text) for s in reading.spans)


def test_empty_and_enormous(tier: conduct.Tier) -> None:
    assert conduct.read([], tier=tier) == []
    texts = ["", "还" * 100_000, "\ud800" * 50, "a" * 100_000]
    assert len(conduct.read([Message(str(i), t) for i, t in enumerate(texts)], tier=tier)) == 4


def test_the_span_shows_the_words() -> None:
    text = "您好，天气转凉请注意保暖，另外你这个畜生废物不要脸的东西，祝您生活愉快"
    (reading,) = conduct.read([Message("1", text, "chat")], tier="fast")
    (span,) = [s for s in reading.spans if s.label is Label.ABUSE]
    assert "畜生" in text[span.start : span.end]
