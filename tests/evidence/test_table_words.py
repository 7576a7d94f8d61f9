"""What cells say: properties of times, days and lengths; nothing random breaks a reader."""

import random
import string
import time
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.evidence.interface import Source
from jiedun.evidence.readers.table_words import Trouble, amount, day, moment, number, seconds
from jiedun.evidence.readers.tables import TABLE_READERS
from jiedun.model.evidence import Problem
from jiedun.model.time import SHANGHAI, Moment

WALL = st.datetimes(datetime(1992, 1, 1), datetime(2099, 12, 31)).map(
    lambda d: d.replace(microsecond=0)
)
FORMS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日%H时%M分%S秒",
    "%Y%m%d%H%M%S",
    "%Y%m%d %H:%M:%S",
    "%Y-%m-%d  %H:%M:%S",
    "%Y-%m-%d %I:%M:%S %p",
    "%Y-%m-%d %H:%M:%S.000",
]


def read_moment(text: str) -> Moment:
    found = moment(text)
    assert isinstance(found, Moment), (text, found)
    return found


@given(WALL, st.sampled_from(FORMS))
def test_every_form_of_a_wall_time(wall: datetime, form: str) -> None:
    text = wall.strftime(form)
    found = read_moment(text)
    assert (found.at, found.raw, found.zone_assumed) == (wall.replace(tzinfo=SHANGHAI), text, True)


@given(WALL, st.integers(-12 * 4, 14 * 4))
def test_offsets_are_honoured(wall: datetime, quarters: int) -> None:
    zoned = wall.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    if zoned.astimezone(UTC).year < 2099:
        found = read_moment(zoned.isoformat())
        assert (found.at, found.zone_assumed) == (zoned, False)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2026/9/1 8:05", "08:05:00"),
        ("2026-09-01 下午3:04:05", "15:04:05"),
        ("2026-09-01 上午 9:00", "09:00:00"),
        ("2026年9月1日 星期二 21:00", "21:00:00"),
        ("2026-09-01 凌晨12:30", "00:30:00"),
        ("2026-09-01 中午12:30", "12:30:00"),
        ("2026-09-01 中午1:30", "13:30:00"),
        ("2026-09-01 中午11:30", "11:30:00"),
        ("2026-09-01 晚上11:30", "23:30:00"),
        ("2026-09-01 12:00 AM", "00:00:00"),
        ("2026-09-01 12:00 PM", "12:00:00"),
        ("２０２６-09-01 08：05：00", "08:05:00"),
        ("46266.875", "21:00:00"),
        ("2026-09-01 10:00:00 UTC", "18:00:00"),
        ("2026-09-01 10:00:00 GMT+8", "10:00:00"),
        ("1788224400", "09:00:00"),
        ("1788224400999", "09:00:00"),
    ],
)
def test_clocks(text: str, clock: str) -> None:
    assert read_moment(text).local.strftime("%H:%M:%S") == clock


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Trouble.EMPTY),
        ("--", Trouble.EMPTY),
        ("2026-09-01", Trouble.NO_CLOCK),
        ("46266", Trouble.NO_CLOCK),
        ("09-18 14:07:37", Trouble.NO_YEAR),
        ("1601-01-01 00:00:00", Trouble.IMPLAUSIBLE),
        ("2100-01-01 00:00:00", Trouble.IMPLAUSIBLE),
        ("2026-02-30 10:00:00", Trouble.UNREADABLE),
        ("2026-13-01 10:00", Trouble.UNREADABLE),
        ("2026-09-01 25:00:00", Trouble.UNREADABLE),
        ("2026-09-01 晚上12:30", Trouble.UNREADABLE),
        ("昨天", Trouble.UNREADABLE),
        ("99999999999999", Trouble.UNREADABLE),
        ("9" * 400, Trouble.UNREADABLE),
        ("2026-09-01 10:00:00 +99:99", Trouble.UNREADABLE),
    ],
)
def test_what_is_no_time(text: str, why: Trouble) -> None:
    assert moment(text) is why


@pytest.mark.parametrize("gap", [" " * 3000, "T" * 3000, " T," * 1000, "\t" * 50_000])
def test_no_text_takes_long_to_refuse(gap: str) -> None:
    began = time.process_time()
    for text in (
        f"2024-02-01{gap}x",
        f"2024{gap}-02{gap}-01{gap}",
        f"2024-02-01 9{gap}:{gap}30{gap}?",
    ):
        assert isinstance(moment(text), Trouble) and not isinstance(day(text), datetime)
    assert time.process_time() - began < 0.5


@given(st.integers(0, 200_000))
def test_lengths_in_every_form(length: int) -> None:
    hours, minutes, rest = length // 3600, length % 3600 // 60, length % 60
    spoken = f"{hours}小时{minutes}分{rest}秒" if hours else f"{minutes}分{rest}秒"
    for text in (
        str(length),
        f"{length}.0",
        f"{length}秒",
        f"{length} s",
        spoken,
        f"{hours:02}:{minutes:02}:{rest:02}",
        f"{hours}h{minutes}m{rest}s",
    ):
        assert seconds(text) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("1分钟", 60),
        ("2小时", 7200),
        ("1:07", 67),
        ("1'07\"", 67),
        ("０秒", 0),
        ("-5", Trouble.NEGATIVE),
        ("-1秒", Trouble.NEGATIVE),
        ("--", Trouble.EMPTY),
        ("", Trouble.EMPTY),
        ("soon", Trouble.UNREADABLE),
        ("1秒1分", Trouble.UNREADABLE),
        ("1e9", Trouble.UNREADABLE),
        ("9" * 50, Trouble.UNREADABLE),
    ],
)
def test_lengths(text: str, length: int | Trouble) -> None:
    assert seconds(text) == length


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_no_cell_breaks_a_parser(text: str) -> None:
    for parse in (moment, day, seconds, amount):
        parse(text)
    assert isinstance(number(text)[0], str)


_SEEDS = (
    (
        "calls.csv",
        "time,direction,peer_number,peer_name,duration_s\n2026-09-01 10:00:00,incoming,1,甲,5\n",
    ),
    (
        "通话详单.csv",
        "起始时间,通信地点,通信方式,对方号码,通信时长,通信类型\r\n09-01 10:00:00,--,被叫,86\t,1分,国内\r\n",
    ),
    ("parties.csv", "number,role,name,note\n17000000001,collector,甲,代表乙\n"),
    ("payments.csv", 'date,amount,payee,note\n2026-03-26,"1,452.50",甲,代扣\n'),
    (
        "events.csv",
        "time,kind,place,who,what,proof_file\n2026-09-01 19:30,visit,家,甲,敲门,a.jpg\n",
    ),
    ("通讯录.csv", "姓名,电话\n妈妈,17000000001\n"),
    ("loan.json", '{"lender": "甲", "principal": 6000, "fees": [{"name": "乙", "amount": 1.5}]}'),
)
_SPICE = [
    '"',
    ",",
    "\n",
    "\r",
    "\t",
    "\0",
    ";",
    "|",
    "-",
    "E+10",
    "\ufeff",
    "\ud83d\ude00",
    "{",
    "}",
    "[",
    "]",
    ":",
    "NaN",
    "9" * 40,
    "年",
    "'",
    "=",
    "\x1c",
    "\u2028",
    " " * 50,
]


def _mutant(chance: random.Random) -> tuple[str, bytes]:
    name, text = chance.choice(_SEEDS)
    characters = list(text * chance.randint(1, 3))
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(characters))
        match chance.randrange(3):
            case 0:
                characters[at] = chance.choice(_SPICE)
            case 1:
                del characters[at : at + chance.randint(1, 5)]
                characters.append(chance.choice(string.printable))
            case _:
                characters.insert(at, chance.choice(_SPICE))
    data = "".join(characters).encode(chance.choice(["utf-8", "gb18030", "utf-16"]), "replace")
    cut = chance.randrange(len(data)) if chance.random() < 0.2 else len(data)
    return name, data[:cut]


@pytest.mark.parametrize("seed", range(4))
def test_mutated_files_never_break_a_reader(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(500):
        name, data = _mutant(chance)
        source = Source(name, len(data), data[:65536], partial(BytesIO, data))
        readers = [reader for reader in TABLE_READERS if reader.recognises(source)]
        for record in (record for reader in readers for record in reader.read(source)):
            if isinstance(record, Problem):
                assert record.path == name
                assert record.message.zh
                assert record.message.en
