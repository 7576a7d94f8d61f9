"""Signed accounts and events.csv: who did what when, what is no act, and one visit told twice."""

from datetime import date, datetime

import pytest

from jiedun.case.account import act_in, denies
from jiedun.case.clock_words import number, when
from jiedun.case.told import Told, told
from jiedun.model.evidence import Event, Evidence, ItemRef, PartyRow, Statement
from jiedun.model.time import SHANGHAI, Moment
from jiedun.people import People, resolve
from jiedun.rules.contact_facts import contact_rows

_ROWS = (
    ("17000009001", "debtor", "甲某", "本人"),
    ("4000000911", "lender", "青石消金", ""),
    ("17000009021", "collector", "乙某", "代表青石消金"),
    ("17000009031", "relative", "丙某", "母亲"),
    ("17000009061", "friend", "己某", ""),
)


@pytest.fixture
def who() -> People:
    rows = tuple(PartyRow(ItemRef("parties.csv", n), *row) for n, row in enumerate(_ROWS, 1))
    return resolve(Evidence(parties=rows), collects={}, signatures={})


def _told(who: People, events: tuple[Event, ...] = (), **statements: str) -> Told:
    signed = tuple(Statement(f"statements/{name}.txt", text) for name, text in statements.items())
    return told(events, signed, who, lambda messages: [])


def _event(n: int, time: str, kind: str, what: str, who: str = "乙某") -> Event:
    at = datetime.fromisoformat(time).replace(tzinfo=SHANGHAI) if len(time) > 10 else None
    day = date.fromisoformat(time) if at is None else None
    moment = Moment(at, time) if at else None
    return Event(ItemRef("events.csv", n), moment, kind, "", who, what, day=day)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026年9月3日清晨6点10分", "2026-09-03 06:10"),
        ("2026年9月1日晚上12点", "2026-09-02 00:00"),
        ("2026年9月1日凌晨12点半", "2026-09-01 00:30"),
        ("2026年9月1日凌晨2点一刻", "2026-09-01 02:15"),
        ("2026年9月1日中午12点", "2026-09-01 12:00"),
        ("2026年9月1日中午1点", "2026-09-01 13:00"),
        ("2026年9月1日早上7点", "2026-09-01 07:00"),
        ("2026年9月1日下午3点三刻", "2026-09-01 15:45"),
        ("2026年9月1日傍晚6点", "2026-09-01 18:00"),
        ("2026年9月1日夜里11点", "2026-09-01 23:00"),
        ("2026年9月1日夜里2点", "2026-09-01 02:00"),
        ("2026年9月1日，晚上大约十一点二十分", "2026-09-01 23:20"),
        ("2026年9月1日16时许", "2026-09-01 16:00"),
        ("2026年9月1日16点30左右", "2026-09-01 16:30"),
        ("2026-09-01 23:17", "2026-09-01 23:17"),
        ("2026年9月4日23时17000009021", "2026-09-04 23:00"),
        ("2026年9月4日24时", "2026-09-05 00:00"),
        ("2026年9月1日", None),
        ("2026年9月1日上午", None),
        ("2026年9月1日晚上", None),
        ("2026年9月1日6点", None),
        ("2026年9月1日7:30", None),
        ("2026年9月1日晚上10点前", None),
        ("2026年9月1日17000009021", None),
        ("2026年9月1日还一点钱", None),
        ("2026年9月1日29点", None),
    ],
)
def test_times_in_words(text: str, at: str | None) -> None:
    found = when(text)
    assert found is not None
    assert found.day_only is (at is None)
    if at is not None:
        assert f"{found.at:%Y-%m-%d %H:%M}" == at


def test_no_full_date_is_no_time() -> None:
    assert when("9月2日上午10点") is None
    assert when("2026年13月2日") is None
    assert [number(w) for w in ("两", "十", "十一", "二十三", "五十", "十十")] == [
        2, 10, 11, 23, 50, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "channel"),
    [
        ("2026年9月2日，17000009021打电话给我，让我转告甲某", "call"),
        ("2026年9月2日，我接到17000009021打来的电话", "call"),
        ("2026年9月2日我在店里时乙某打来电话", "call"),
        ("2026年9月2日因我未还款，17000009021给我打电话", "call"),
        ("2026年9月2日，170-0000-9021也打过店里的电话", "call"),
        ("2026年9月2日有人到店里，自称乙某（电话17000009021），说甲某欠青石消金的钱", "visit"),
        ("2026年9月2日乙某上门砸门，我打电话报警", "visit"),
        ("2026年9月2日我没开门，乙某一直堵在门口", "visit"),
        ("2026年9月2日乙某在我家门上贴了一张纸", "poster"),
        ("2026年9月2日乙某给我发了一条短信", "sms"),
        ("2026年9月2日乙某当着我的面骂她", "other"),
        ("2026年9月2日有两个人来了，其中一个是乙某", "visit"),
        ("2026年9月2日，17000009021来过我们单位", "visit"),
        ("2026年9月2日23点，未接来电17000009021", "call"),
        ("2026年9月2日我和甲某在家，乙某上门大骂甲某", "visit"),
        ("2026年9月2日，有个自称乙某的人给我打电话", "call"),
        ("2026年9月2日，甲某打电话给我，说乙某骂她", None),
        ("2026年9月2日，我同事说乙某打电话到单位", None),
        ("2026年9月2日，甲某给我看了乙某发的短信", None),
        ("2026年9月2日，我看到甲某手机上乙某发的短信", None),
        ("2026年9月2日我妈接到17000009021电话", None),
        ("2026年9月2日，乙某打电话给甲某", None),
        ("2026年9月2日，我还了青石消金500元", None),
        ("2026年9月2日，青石消金放款到我卡上", None),
        ("2026年9月2日，我自己打给17000009021问什么事", None),
        ("2026年9月2日我给乙某打电话", None),
        ("2026年9月2日我拨打了17000009021", None),
        ("2026年9月2日我去找乙某理论", None),
        ("2026年9月2日，17000009021没有给我打过电话", None),
        ("2026年9月2日我没有接到17000009021的电话", None),
        ("2026年9月2日乙某从来没有上门", None),
        ("2026年9月2日有没有乙某的电话我不记得了", None),
        ("听甲某说，2026年9月4日23时17000009021骂她", None),
        ("2026年9月4日甲某告诉我，乙某给她打电话", None),
        ("据说2026年9月4日乙某上门", None),
        ("2026年9月4日乙某给我妈打电话", None),
        ("2026年9月4日，丙某（17000009031）打电话给我，说甲某欠了青石消金的钱", None),
        ("2026年9月4日甲某借了青石消金的钱", None),
        ("乙某打电话给我", None),
    ],
)
def test_acts_of_a_sentence(sentence: str, channel: str | None, who: People) -> None:
    act = act_in(sentence, who.of("17000009061"), who)
    assert (act.channel.value if act else None) == channel
    if act is not None:
        assert act.party.number == "17000009021"


def test_a_time_somebody_threatens_with_is_not_the_time_of_the_act(who: People) -> None:
    act = act_in("2026年9月2日，17000009021打电话给我，说晚上11点来我家", None, who)
    assert act is not None
    assert act.day_only


def test_a_day_without_a_clock_has_no_second_of_the_day(who: People) -> None:
    found = _told(who, 己某="2026年9月1日晚上，17000009021打电话给我。")
    (contact,) = found.contacts
    assert contact.day_only
    assert "时间不详" in found.word_of[str(contact.ref)].zh
    (row,) = contact_rows(found.contacts)
    assert row.facts["second_of_day"] is None
    assert row.facts["local_date"] == date(2026, 9, 1)


def test_an_event_of_a_day_is_kept_and_one_that_did_not_happen_is_not(who: People) -> None:
    events = (
        _event(1, "2026-09-01", "call", "说要打断我的腿"),
        _event(2, "2026-09-02 23:00", "visit", "乙某没有来，什么都没说"),
        _event(3, "2026-09-03 12:00", "call", "我打电话给乙某问怎么还款"),
    )
    (contact,) = _told(who, events).contacts
    assert (str(contact.ref), contact.day_only) == ("events.csv#1", True)
    assert denies("乙某没有来")
    assert not denies("两个人到店里找我，当着顾客说我没还钱")


@pytest.mark.parametrize(
    ("time", "told_at", "count"),
    [
        ("2026-09-01 16:10", "16时许", 1),
        ("2026-09-01 16:10", "上午", 1),
        ("2026-09-01", "16时许", 1),
        ("2026-09-01 10:00", "16时许", 2),
        ("2026-09-02 16:10", "16时许", 2),
    ],
)
def test_one_visit_told_twice_is_one(time: str, told_at: str, count: int, who: People) -> None:
    found = _told(
        who,
        (_event(1, time, "visit", "到店里说我欠钱"),),
        己某=f"2026年9月1日{told_at}，乙某到店里，说甲某欠钱。",
    )
    assert len(found.contacts) == count
    if count == 1:
        (contact,) = found.contacts
        word = found.word_of[str(contact.ref)].zh
        assert "events.csv" in word
        assert "statements/己某.txt" in word
        assert contact.owner.number == "17000009061"
        assert not contact.day_only


def test_two_visits_of_one_file_and_calls_to_two_people_stay_two(who: People) -> None:
    visits = (
        _event(1, "2026-09-01 16:10", "visit", "来了"),
        _event(2, "2026-09-01 17:00", "visit", "又来"),
    )
    assert len(_told(who, visits).contacts) == 2
    call = (_event(1, "2026-09-01 16:10", "call", "骂我"),)
    assert len(_told(who, call, 己某="2026年9月1日16时，乙某打电话给我。").contacts) == 2


def test_a_statement_by_a_collector_accuses_nobody(who: People) -> None:
    assert _told(who, 乙某="2026年9月1日23时05分，我（17000009021）上门找过甲某。").contacts == ()
