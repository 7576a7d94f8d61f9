"""Property: whatever the file, the fast lane gives the records and problems that expat alone gives."""

import io
from unittest.mock import patch

from hypothesis import example, given, settings
from hypothesis import strategies as st

from jiedun.evidence.interface import Record, Source
from jiedun.evidence.readers import _xml_blocks
from jiedun.evidence.readers._sms_lane import Lane
from jiedun.evidence.readers.sms_backup import SmsBackup
from jiedun.model.evidence import Contact, Problem

LAYOUTS = (
    "address date type body",
    "protocol address date date_sent type body read contact_name",
    "date:x address date type body",
)
WORDS = st.lists(
    st.sampled_from(
        ("逾期", "a", "&amp;", "&lt;sms &gt;", "&#10;", "&#55357;&#56838;", "'", "😆", "> /> ", "/>", "&#00065;",
         "null", "\x7f", "\x85", "\u2028", "\ufeff")
    ), max_size=4,
).map("".join)  # fmt: skip
HARMFUL = st.sampled_from(
    ("<", "&", "&b;", "\n", "\t", "\r\n", "\x01", "\x00", "\ufffe", "&#0;", "&#55357;", '"', '" ', "<!--", "]]>",
     '" x="', "&#" + "9" * 30 + ";", "&#xfffe;", "&#110;ull", "> <sms ", "/> &am", " />\n<sms body=")
)  # fmt: skip
BETWEEN = st.sampled_from(
    ("", "\n", "\r\n", "  ", "\t", "text", "&bad", "&amp;", "&#0;", "]]>", "-->", "</smses>", "<smses>", "</sms>",
     "</mms>", "<n:sms xmlns:n='u'/>", "<SMS body='x'/>", "<sms/>", "<sms />", "<sms", "<", ">", "\x01", "<mms>")
)  # fmt: skip
QUIET = st.sampled_from(
    ("<!-- <sms a='1' /> -->", "<!--", "<![CDATA[<sms />]]>", "<![CDATA[", "<?pi <sms ?>", "<?",
     "<!DOCTYPE x [<!ENTITY a 'b'>]>")
)  # fmt: skip
DATES = st.sampled_from(("1735689600000", "1735689600", "0", "", "x", " 1735689600 ", "1_7", "٣"))


Values = list[tuple[str, str]]


@st.composite
def _values(draw: st.DrawFn, layout: str) -> Values:
    """A message in the order of `layout`, as an app writes it."""
    values = {
        "address": draw(st.sampled_from(("95500", "+86 170", "null", "", "(Unknown)", "&#52;"))),
        "date": "1735689600000",
        "date_sent": draw(DATES),
        "type": draw(st.sampled_from("1112359")),
        "body": draw(WORDS),
        "contact_name": draw(WORDS),
    }
    return [(name, values.get(name, "0")) for name in layout.split()]


def _written(values: Values, space: str = " ", quote: str = '"', end: str = " />") -> str:
    return "<sms " + space.join(f"{name}={quote}{value}{quote}" for name, value in values) + end


@st.composite
def _harmed(draw: st.DrawFn, layout: str) -> str:
    """A message of that layout with one thing wrong, or only written otherwise."""
    values = draw(_values(layout))
    at = draw(st.integers(0, len(values) - 1))
    name, value = values[at]
    how = draw(st.sampled_from(("value",) * 4 + ("date", "twice", "space", "quote", "end", "cut")))
    if how == "value":
        place = draw(st.integers(0, len(value)))
        values[at] = (name, value[:place] + draw(HARMFUL) + value[place:])
    elif how == "date":
        values = [(n, draw(DATES) if n == "date" else v) for n, v in values]
    elif how == "twice":
        values.insert(draw(st.integers(0, len(values))), (name, value))
    elif how == "cut":
        whole = _written(values)
        place = draw(st.integers(4, len(whole)))
        return whole[:place] + whole[place + draw(st.integers(1, 40)) :]
    return _written(
        values,
        draw(st.sampled_from(("  ", "\n", ""))) if how == "space" else " ",
        draw(st.sampled_from(("'", ""))) if how == "quote" else '"',
        draw(st.sampled_from(("/>", "></sms>", ">", "", " /> &am", " ><sms ")))
        if how == "end"
        else " />",
    )


OTHER = st.tuples(st.sampled_from(("mms", "call")), WORDS).map(
    lambda made: (
        f'<mms date="1735689600" msg_box="1"><parts><part text="{made[1]}" data="{"A" * 1100}"/></parts></mms>'
        if made[0] == "mms"
        else '<call number="1" date="1735689600000" type="1" duration="2"/>'
    )
)


@st.composite
def _run(draw: st.DrawFn, layout: str) -> str:
    """Elements of one layout, as a backup app writes them: each of a few repeated."""
    different = draw(st.lists(_values(layout).map(_written), min_size=1, max_size=2))
    return "\n  ".join([*different * draw(st.integers(1, 8)), ""])


def _pieces(layout: str) -> st.SearchStrategy[list[str]]:
    run, harmed = _run(layout), _harmed(layout)
    other = st.sampled_from(LAYOUTS).flatmap(_run)
    middle = st.lists(st.one_of(run, run, harmed, harmed, OTHER, BETWEEN, other), max_size=8)
    late = st.lists(st.one_of(run, harmed), max_size=2)
    whole = st.tuples(run, middle, st.lists(QUIET, max_size=1), late)
    return whole.map(lambda made: [made[0], *made[1], *made[2], *made[3]])


PIECES = st.sampled_from(LAYOUTS).flatmap(_pieces)
CUTS = st.lists(
    st.tuples(
        st.integers(0, 4000), st.integers(0, 3), st.sampled_from((b"", b"", b"\xff", b'"', b"<", b"\xe4\xb8"))
    ), max_size=3,
)  # fmt: skip


def _file(pieces: list[str], cuts: list[tuple[int, int, bytes]], end: int) -> bytes:
    data = ("<?xml version='1.0'?>\n<smses>" + "".join(pieces) + "</smses>\n").encode()
    for place, gone, put in cuts:
        at = 29 + place % max(1, len(data) - 29)
        data = data[:at] + put + data[at + gone :]
    return data[: max(30, len(data) - end)]


def _read(data: bytes) -> list[Record | Problem]:
    return list(
        SmsBackup().read(Source("sms.xml", len(data), data[:65536], lambda: io.BytesIO(data)))
    )


PLAIN = _written([("address", "1"), ("date", "1735689600000"), ("type", "1"), ("body", "x")]) + "\n"
OPEN = PLAIN.replace(" />", ">")


@example([PLAIN * 9, OPEN, PLAIN * 2, "</sms>", PLAIN], [], 0, 400)
@example([PLAIN * 9, "<mms>", PLAIN * 2, "</mms>", PLAIN], [], 0, 400)
@settings(max_examples=300, deadline=None)
@given(PIECES, CUTS, st.sampled_from((0, 0, 9, 40, 300)), st.sampled_from((150, 400, 1000, 65536)))
def test_lane_and_expat_give_the_same(
    pieces: list[str], cuts: list[tuple[int, int, bytes]], end: int, chunk: int
) -> None:
    data = _file(pieces, cuts, end)
    with patch.object(_xml_blocks, "CHUNK", chunk):
        swift = _read(data)
        with patch.object(Lane, "ready", property(lambda _: False)):
            assert swift == _read(data)


def test_the_generated_files_do_take_the_lane() -> None:
    taken = 0
    real = Lane.take

    def counting(lane: Lane, text: str, at: int) -> tuple[list[tuple[str, ...]], int]:
        nonlocal taken
        rows, stop = real(lane, text, at)
        taken += len(rows)
        return rows, stop

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(PIECES, st.sampled_from((400, 1000)))
    def read(pieces: list[str], chunk: int) -> None:
        with patch.object(_xml_blocks, "CHUNK", chunk), patch.object(Lane, "take", counting):
            assert all(isinstance(i, Contact | Problem) for i in _read(_file(pieces, [], 0)))

    read()
    assert taken > 100
