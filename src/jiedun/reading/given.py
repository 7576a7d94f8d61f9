"""What `conduct.read` may be given: messages, texts, mappings, or Arrow arrays and tables of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from jiedun.errors import BadValue
from jiedun.model.reading import Message


class Arrow(Protocol):
    """An Arrow array of strings or structs, a record batch or a table."""

    def to_pylist(self) -> list[Any]:
        """Its rows as Python values."""


Given = Sequence[Message] | Sequence[str] | Sequence[Mapping[str, Any]] | Arrow


def messages_of(batch: Given) -> Sequence[Message]:
    """The messages of a batch, in order; a text alone is an SMS to the debtor with its place as id.

    Mappings and rows of Arrow tables have `text` and may have `id`, `channel` and `recipient`.
    BadValue naming the row where there is no text.
    """
    if isinstance(batch, str | bytes):
        raise BadValue("a batch is a list of texts, not one text", next_step="write [text]")
    rows = batch.to_pylist() if hasattr(batch, "to_pylist") else batch
    if all(type(row) is Message for row in rows):
        return cast(Sequence[Message], rows)
    return [_message(place, row) for place, row in enumerate(rows)]


def _message(place: int, row: object) -> Message:
    if isinstance(row, Message):
        return row
    told = row if isinstance(row, Mapping) else {"text": row}
    text = told.get("text")
    if not isinstance(text, str):
        raise BadValue("a message has no text", where=f"row {place}", why="text is not a string")
    channel, recipient = told.get("channel") or "sms", told.get("recipient") or "debtor"
    return Message(str(told.get("id") or place), text, str(channel), str(recipient))
