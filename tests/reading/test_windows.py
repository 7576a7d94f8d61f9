"""Long messages: every character is read, offsets hold, who speaks is repeated, the strongest part counts."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.model.reading import Label, Message
from jiedun.reading import conduct
from jiedun.reading.normalise import normalise
from jiedun.reading.turns import others_turns
from jiedun.reading.windows import MOST, WINDOW, cut, strongest, telling

_WORDS = st.text(st.sampled_from("还钱a1。！？，；\n 我客催：:💥"), max_size=900)
CALM = "您好，请问这周方便谈一下还款安排吗？我们可以把剩下的分成六期，每期少还一点，您看家里的开销够不够。"
THREAT = "今晚不还，我就把你的欠条贴满你们村，挨个给你通讯录里的人打电话。"


def _of_the_other_side(text: str, channel: str) -> set[int]:
    """The characters that the other side of a marked call says; nothing else may go unread."""
    batch = normalise([text])
    places = [*batch.start.tolist(), len(text)]
    turns = others_turns(batch.text(0)) if channel == "call" else []
    return {at for start, stop in turns for at in range(places[start], places[stop])}


@given(_WORDS, st.sampled_from(["sms", "call"]))
@settings(max_examples=200, deadline=None)
def test_every_character_stands_in_a_window_at_its_place(text: str, channel: str) -> None:
    windows = cut([Message("1", text, channel)])
    read = set()
    for part in windows.parts:
        said = part.message.text[part.mark :]
        assert text[part.start : part.start + len(said)] == said
        if len(windows.parts) > 1:
            assert len(normalise([said]).codes) <= WINDOW
        assert part.place(0) == part.start and part.place(part.mark + 1) == part.start + 1
        for start, stop in ((0, part.mark), (0, len(part.message.text))) if said else ():
            began, ended = part.stretch(start, stop)
            assert part.start <= began < ended <= part.start + len(said)
        read |= set(range(part.start, part.start + len(said)))
    assert set(range(len(text))) - read <= _of_the_other_side(text, channel)
    assert windows.bounds.tolist() == [0, len(windows.parts)]


def test_the_number_of_windows_grows_with_the_length() -> None:
    for unit in ("一" * 30 + "。", "一", "1", "。"):
        counts = [len(cut([Message("1", unit * (n // len(unit)))]).parts) for n in (5_000, 50_000)]
        assert counts[1] <= 10 * counts[0] + 10


def test_a_window_inside_a_turn_repeats_its_mark() -> None:
    text = "客：您好。" + "催：" + "我们等您的钱。" * 60 + "客：好的。"
    parts = cut([Message("1", text, "call")]).parts
    inside = [p for p in parts if p.mark]
    assert inside and all(p.message.text.startswith("催:我") for p in inside)
    assert all(not p.mark for p in cut([Message("1", text, "sms")]).parts)


@pytest.mark.parametrize(
    "mark", ["客户：", "客戶：", "HR：", "ＨＲ：", "客 户：", "客\u200b户:", "家屬："]
)
def test_what_the_other_side_says_at_length_is_not_the_collectors(mark: str) -> None:
    curse = "你再打电话来我就找人打断你的腿，你个畜生不得好死。"
    text = f"催：{CALM}{mark}{curse * 14}"
    for tier in ("fast", "deep"):
        [found] = conduct.read([Message("1", text, "call")], tier=tier)
        assert not found.probable


def test_windows_of_the_other_side_alone_are_left_out_unless_there_are_no_others() -> None:
    calm, curse = "催：" + CALM, "客：" + "你个畜生，不得好死。" * 40
    parts = cut([Message("1", calm + curse + calm, "call")]).parts
    assert all("催" in part.message.text for part in parts)
    assert len(cut([Message("1", curse, "call")]).parts) > 3


@pytest.mark.parametrize("padding", ["\u200b" * 60, "\u200d\u2060" * 9])
def test_padding_does_not_make_a_message_long(padding: str) -> None:
    padded = padding.join(THREAT)
    assert len(cut([Message("1", padded)]).parts) == 1
    for tier in ("fast", "deep"):
        plain, found = conduct.read([THREAT, padded], tier=tier)
        assert found.possible == plain.possible and found.probable == plain.probable


def test_many_turns_take_time_in_proportion() -> None:
    def took(turns: int) -> float:
        began = time.process_time()
        cut([Message("1", "催:还。客:不。" * turns, "call")])
        return time.process_time() - began

    assert min(took(16_000) for _ in range(2)) < 10 * max(took(4_000), 0.02)


def test_a_threat_without_punctuation_lies_whole_in_some_window() -> None:
    calm = "您好这边看您上个月那期还没有处理您说发了工资就安排现在方便吗咱们看看怎么分几期" * 9
    threat = "我把你的欠条贴满你们村挨个给你通讯录里的人打电话"
    for at in range(100, 220, 7):
        parts = cut([Message("1", calm[:at] + threat + calm[at:], "call")]).parts
        assert any(threat in part.message.text for part in parts)


def test_the_strongest_part_counts_and_is_lowered() -> None:
    evidence = np.array([[[1.0, 1.0]], [[2.0, -4.0]], [[0.0, 3.0]], [[5.0, 5.0]]])
    found, most = strongest(evidence, np.array([0, 3, 4]))
    assert most.tolist() == [[2], [3]]
    assert found[0, 0] == pytest.approx(np.array([0.0, 3.0]) - np.log(3))
    assert found[1, 0].tolist() == [5.0, 5.0]
    same, places = strongest(evidence, np.arange(5))
    assert same is evidence and places[:, 0].tolist() == [0, 1, 2, 3]


def test_of_very_many_windows_those_that_say_most_are_looked_at() -> None:
    logits = np.random.default_rng(2).normal(size=(MOST * 2 + 3, 14))
    asked = telling(logits, np.array([0, 3, len(logits)]))
    assert asked[:3].all() and asked[3:].sum() == MOST
    assert logits[3:][asked[3:]].max(1).min() >= logits[3:][~asked[3:]].max(1).max()
    assert telling(logits[:MOST], np.array([0, MOST])).all()


def test_one_threat_in_a_hundred_thousand_characters_is_found() -> None:
    text = CALM * 1000 + THREAT + CALM * 1000
    [found] = conduct.read([Message("1", text, "call")])
    assert Label.THREAT_EXPOSURE in found.possible
    span = next(s for s in found.spans if s.label is Label.THREAT_EXPOSURE)
    assert text[span.start : span.end] in CALM + THREAT + CALM


@pytest.mark.parametrize("tier", ["fast", "deep"])
def test_a_threat_in_the_middle_of_a_long_call_is_found_where_it_stands(tier: conduct.Tier) -> None:
    text = CALM * 12 + THREAT + CALM * 12
    calm, long = conduct.read(
        [Message("1", CALM * 24, "call"), Message("2", text, "call")], tier=tier
    )
    assert Label.THREAT_EXPOSURE in long.probable
    assert not calm.probable - {Label.IDENTIFIES_SELF}
    span = next(s for s in long.spans if s.label is Label.THREAT_EXPOSURE)
    at = text.index(THREAT)
    assert at - 20 <= span.start < span.end <= at + len(THREAT) + 20


def test_readings_do_not_hang_on_what_else_is_in_the_batch() -> None:
    messages = [Message(str(i), CALM * (i % 7) + THREAT, "sms") for i in range(40)]
    together = conduct.read(messages, tier="fast")
    alone = [conduct.read([m], tier="fast")[0] for m in messages]
    assert [r.possible for r in together] == [r.possible for r in alone]
    assert [r.spans for r in together] == [r.spans for r in alone]
