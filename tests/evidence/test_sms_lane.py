"""The fast lane gives what expat gives, whatever the blocks, and quick contacts are contacts."""

import copy
import io
import pickle
import random
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers import _quick, _xml_blocks
from jiedun.evidence.readers._sms_lane import Lane
from jiedun.evidence.readers.sms_backup import SmsBackup
from jiedun.model.evidence import Channel, Contact, Direction, ItemRef, Outcome, Problem
from jiedun.model.time import Moment

WORDS = (
    "你好", "a&amp;b", "&lt;sms &gt;", "&#10;", "&#55357;&#56838;", "&#0;", "&#xD83D;", "&quot;x&quot;",
    "null", "", "'单'", "😆", "> /> ", "=\"", "&bad;", "& ", "<", "\x01", "\n", "<!-- ", "-->", "&#00000000065;",
)  # fmt: skip


def _element(rng: random.Random, n: int, *, harm: int) -> str:
    weights = [20] * 12 + [harm] * (len(WORDS) - 12)
    body = "".join(rng.choices(WORDS, weights, k=rng.randrange(4)))
    layout = rng.choice(
        ("address date type body", "address date date_sent type body contact_name extra")
    )
    values = {
        "address": rng.choice(("95500", "+86 170", "null")),
        "date": rng.choice((str(1735689600000 + n), "0", "x")) if n % 9 == 0 else "1735689600000",
        "date_sent": rng.choice(("0", "null", "1735689600000", "")),
        "type": rng.choice("1112223459"),
        "body": body,
        "contact_name": rng.choice(("(Unknown)", "张", "null")),
        "extra": "&amp;" if n % 7 == 0 else "1",
    }
    written = " ".join(f'{name}="{values[name]}"' for name in layout.split())
    kind = rng.choice(("plain",) * 8 + ("open", "mms", "call", "comment"))
    return {
        "plain": f"<sms {written} />\n",
        "open": f"<sms {written}></sms>",
        "mms": f'<mms date="1735689600" msg_box="1"><parts><part text="{body}" data="{"A" * 1500}"/></parts></mms>',
        "call": '<call number="1" date="1735689600000" type="1" duration="2"/>',
        "comment": "<!-- <sms /> -->" if n % 5 == 0 else " ",
    }[kind]


def _file(seed: int, *, harm: int = 1) -> bytes:
    rng = random.Random(seed)
    body = "".join(_element(rng, n, harm=harm) for n in range(rng.randrange(1, 40)))
    data = f"<?xml version='1.0'?><!-- c --><smses>\n{body}</smses>".encode()
    if seed % 4 == 0:
        data = data[: rng.randrange(60, len(data))]
    if harm and seed % 5 == 0:
        at = rng.randrange(60, len(data)) if len(data) > 60 else 0
        data = data[:at] + b"\xff" + data[at + 1 :]
    return data


def _read(data: bytes) -> list[Record | Problem]:
    return list(
        SmsBackup().read(Source("sms.xml", len(data), data[:65536], lambda: io.BytesIO(data)))
    )


@pytest.mark.parametrize("chunk", [211, 1009, 1 << 18])
def test_lane_and_expat_agree(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(_xml_blocks, "CHUNK", chunk)
    taken = 0
    for seed in range(200):
        data = _file(seed)
        fast = _read(data)
        with monkeypatch.context() as patch:
            patch.setattr(Lane, "ready", property(lambda _: False))
            assert fast == _read(data), seed
        taken += len(fast)
    assert taken > 2000


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(150):
        data = _file(seed, harm=0)
        whole = _read(data)
        for chunk in (211, 997, 4096):
            with monkeypatch.context() as patch:
                patch.setattr(_xml_blocks, "CHUNK", chunk)
                assert _read(data) == whole, (seed, chunk)


def test_the_lane_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_xml_blocks, "CHUNK", 500)
    element = '<sms address="1" date="1735689600000" type="1" body="a&amp;b" />\n'
    taken: list[int] = []
    real = Lane.take

    def counting(lane: Lane, text: str, place: int) -> tuple[list[tuple[str, ...]], int]:
        rows, end = real(lane, text, place)
        taken.append(len(rows))
        return rows, end

    monkeypatch.setattr(Lane, "take", counting)
    items = _read(f"<smses>{element * 200}</smses>".encode())
    assert [i.text for i in items if isinstance(i, Contact)] == ["a&b"] * 200
    assert sum(taken) > 180


def test_quick_contacts_are_ordinary_contacts() -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    ref, when = _quick.ref("p", 3, "mms"), _quick.moment(at, "raw")
    flow = (Direction.IN, Outcome.DELIVERED)
    made = _quick.contact(
        ref, "1", Channel.SMS, flow, when, "peer", "name", "1", text="text", sent=when
    )
    plain = Contact(
        ItemRef("p", 3, "mms"), "1", Channel.SMS, *flow, Moment(at, "raw"), "peer", "name", "1", None,
        "text", Moment(at, "raw"),
    )  # fmt: skip
    assert made == plain
    assert hash(made) == hash(plain)
    assert repr(made) == repr(plain)
    assert type(made) is Contact
    assert pickle.loads(pickle.dumps(made)) == copy.deepcopy(made) == plain
    with pytest.raises(FrozenInstanceError):
        made.text = "other"  # type: ignore[misc]
