"""Encodings found strictly, and only bad bytes replaced."""

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.evidence.decode import decode_text
from jiedun.evidence.hashing import hash_stream

TABLE = "起始时间,通信地点,对方号码\r\n2025-01-02 03:04:05,北京,17000000001\t\r\n" * 3


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TABLE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TABLE.encode(), "utf-8"),
        (TABLE.encode("gbk"), "gbk"),
        ((TABLE + "𠮷").encode("gb18030"), "gb18030"),
        (b"\xff\xfe" + TABLE.encode("utf-16-le"), "utf-16-le"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "utf-16-be"),
        (TABLE.encode("utf-16-le"), "utf-16-le"),
        (TABLE.encode("utf-16-be"), "utf-16-be"),
        (b"\xff\xfe\x00\x00" + TABLE.encode("utf-32-le"), "utf-32-le"),
    ],
)
def test_every_encoding_is_named_and_whole(data: bytes, encoding: str) -> None:
    text, named, bad = decode_text(data)
    assert (named, bad) == (encoding, 0)
    assert text.startswith(TABLE)
    assert "\ufeff" not in text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("", "utf-8"),
        ("time,direction\n", "utf-8"),
        ("café,¥5·", "utf-8"),
        ("Привет", "utf-8"),
        ("1,联通,x", "gbk"),
        ("number,姓", "gbk"),
    ],
)
def test_short_texts(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == (text, encoding, 0)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_one_bad_byte_costs_one_character(encoding: str) -> None:
    good = TABLE.encode(encoding)
    text, named, bad = decode_text(good + b"\xff" + good)
    assert (text, bad) == (TABLE + "\ufffd" + TABLE, 1)
    assert named == {"utf-8": "utf-8", "gbk": "gb18030"}[encoding]


def test_a_replacement_character_in_the_file_is_not_a_bad_place() -> None:
    assert decode_text("坏\ufffd字".encode() + b"\xff") == ("坏\ufffd字\ufffd", "utf-8", 1)


@given(st.binary(max_size=300))
def test_any_bytes_decode(data: bytes) -> None:
    text, _, bad = decode_text(data)
    assert bad >= 0
    text.encode()


@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_utf8_with_bom_comes_back(text: str) -> None:
    assert decode_text(b"\xef\xbb\xbf" + text.encode()) == (text, "utf-8", 0)


@given(st.binary(max_size=3000))
def test_hash_of_a_stream(data: bytes) -> None:
    assert hash_stream(io.BytesIO(data)) == (hashlib.sha256(data).hexdigest(), len(data))
