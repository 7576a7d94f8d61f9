"""Evidence text shown: nothing unseen left, nothing lost."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun.present.escaping import one_line, original, visible

ANY_TEXT = st.text(st.characters(codec=None))  # lone surrogates too


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("还钱", "还钱"),
        ("a\tb\nc", "a\tb\nc"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("abc\u202egnp.exe", "abc⟨U+202E⟩gnp.exe"),
        ("\ud83d", "⟨U+D83D⟩"),
        ("⟨U+202E⟩", "⟨U+27E8⟩U+202E⟩"),
        ("⟨普通括号⟩", "⟨普通括号⟩"),
        ("家庭👨‍👩‍👧", "家庭👨‍👩‍👧"),
    ],
)
def test_unseen_characters_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert original(shown) == text


@given(ANY_TEXT)
def test_shown_text_can_be_turned_back(text: str) -> None:
    assert original(visible(text)) == text


@given(ANY_TEXT)
def test_shown_text_is_utf8_without_controls(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not [c for c in shown if unicodedata.category(c) == "Cc" and c not in "\t\n"]
    assert not [c for c in shown if unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE")]


@given(ANY_TEXT, st.integers(2, 40))
def test_one_line_is_short_and_single(text: str, limit: int) -> None:
    cut = original(one_line(text, limit))
    assert "\n" not in cut
    assert len(cut) <= limit
