"""What the encoder is shown of a message: who got it, how it came, and its normalised words."""

from jiedun.model.reading import Message
from jiedun.reading.pieces import BOS, EOS, Pieces

HEAD, TAIL = 112, 46
LONG_HEAD, LONG_TAIL = 900, 400
_RECIPIENT = {"debtor": "欠款人", "third_party": "亲友", "guarantor": "担保人"}
_CHANNEL = {"sms": "短信", "chat": "聊天", "call": "电话"}


def ids_of(message: Message, normalised: str, pieces: Pieces) -> list[int]:
    """At most 160 piece ids: start, the words, end; of a long text the first 112 and last 46."""
    who = _RECIPIENT.get(message.recipient, "欠款人")
    how = _CHANNEL.get(message.channel, "短信")
    if len(normalised) > LONG_HEAD + LONG_TAIL:
        normalised = normalised[:LONG_HEAD] + normalised[-LONG_TAIL:]
    body = pieces.cut(f"{who}{how}: {normalised}")
    if len(body) > HEAD + TAIL:
        body = [*body[:HEAD], *body[-TAIL:]]
    return [BOS, *body, EOS]
