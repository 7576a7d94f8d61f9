"""Batches of every kind that may be given to the reader say the same."""

from typing import Any

import pytest

from jiedun.errors import BadValue
from jiedun.model.reading import Message
from jiedun.reading import conduct
from jiedun.reading.given import messages_of

TEXT = "今天不还就把你通讯录里的人全打一遍"
WHOLE = {"id": "a", "text": TEXT, "channel": "chat", "recipient": "guarantor"}


def test_texts_mappings_and_messages() -> None:
    mixed: list[Any] = [TEXT, WHOLE, Message("x", "好")]
    assert messages_of(mixed) == [
        Message("0", TEXT),
        Message("a", TEXT, "chat", "guarantor"),
        Message("x", "好"),
    ]
    own = [Message("x", "好")]
    assert messages_of(own) is own
    assert messages_of([]) == []


def test_arrow_says_what_lists_say() -> None:
    arrow: Any = pytest.importorskip("pyarrow")
    texts = [TEXT, "谢谢，已收到还款", ""]
    listed = conduct.read(texts, tier="fast")
    for batch in (
        arrow.array(texts),
        arrow.chunked_array([texts[:1], texts[1:]]),
        arrow.table({"text": texts}),
        arrow.record_batch({"id": ["0", "1", "2"], "text": texts}),
    ):
        assert conduct.read(batch, tier="fast") == listed
    assert listed[0].possible and not listed[1].possible


@pytest.mark.parametrize("bad", [[None], [3], [{"id": "1"}], [TEXT, {"text": None}]])
def test_a_row_without_text_is_named(bad: Any) -> None:
    with pytest.raises(BadValue, match="no text") as caught:
        messages_of(bad)
    assert f"row {len(bad) - 1}" in str(caught.value)


@pytest.mark.parametrize("bad", [TEXT, TEXT.encode(), WHOLE, (x for x in [TEXT]), 3, None])
def test_what_is_no_batch_is_refused(bad: Any) -> None:
    with pytest.raises(BadValue, match="a batch is a list"):
        conduct.read(bad)


def test_ids_that_are_nothing_are_kept() -> None:
    assert [m.id for m in messages_of([{"text": TEXT, "id": 1}, {"text": TEXT, "id": 0}])] == [
        "1",
        "0",
    ]
