"""What `conduct.read` may be given: messages, texts, mappings, or Arrow arrays and tables of them."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

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
    BadValue for anything else, and naming the row where there is no text.
    """
    if hasattr(batch, "to_pylist"):
        rows: Sequence[Any] = batch.to_pylist()
    elif isinstance(batch, Sequence) and not isinstance(batch, str | bytes):
        rows = batch
    else:
        raise BadValue(
            "a batch is a list of messages, texts or mappings, or an Arrow array or table",
            why=f"{type(batch).__name__} was given",
            next_step="write [text], list(texts) or table.to_dict('records')",
        )
    if all(type(row) is Message for row in rows):
        return rows
    return [_message(place, row) for place, row in enumerate(rows)]


def _message(place: int, row: object) -> Message:
    if isinstance(row, Message):
        return row
    told = row if isinstance(row, Mapping) else {"text": row}
    text = told.get("text")
    if not isinstance(text, str):
        raise BadValue("a message has no text", where=f"row {place}", why="text is not a string")
    defaults = {"id": place, "channel": "sms", "recipient": "debtor"}
    names = {k: str(v if told.get(k) is None else told[k]) for k, v in defaults.items()}
    return Message(text=text, **names)
