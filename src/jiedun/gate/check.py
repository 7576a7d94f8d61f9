"""What a request must be before anything is decided; the message names the field, never its content."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from jiedun.errors import BadValue
from jiedun.gate.facts import CALLS
from jiedun.gate.interface import Kind, Request
from jiedun.model.evidence import Channel

LONGEST_ID, LONGEST_NAME, LONGEST_WORDS = 64, 256, 20_000

_FITTING = {
    Kind.MESSAGE: (Channel.SMS, Channel.MMS, Channel.CHAT, Channel.OTHER),
    Kind.VISIT: (Channel.VISIT, Channel.POSTER),
    **dict.fromkeys(CALLS, (Channel.CALL,)),
}


def check_request(request: Request) -> None:
    """Nothing, or BadValue naming the first field that cannot be what it is."""
    for name in ("id", "creditor", "debt", "person", "number"):
        value = getattr(request, name)
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_NAME:
            raise BadValue(f"{name} must be a text of 1 to {LONGEST_NAME} characters")
    if len(request.id) > LONGEST_ID or not _whole(request.id):
        raise BadValue("id must be a whole text of 1 to 64 characters")
    if request.at.tzinfo is None:
        raise BadValue("at must be an instant with a zone", next_step="write …+08:00")
    if request.channel not in _FITTING[request.kind]:
        raise BadValue(
            "kind and channel do not fit", why=f"{request.kind} is not made by {request.channel}"
        )
    if request.words is not None and len(request.words) > LONGEST_WORDS:
        raise BadValue(f"words are longer than {LONGEST_WORDS} characters")
    if any(clock.tzinfo is not None for clock in request.agreed_hours or ()):
        raise BadValue(
            "agreed hours are those of the person's own clock",
            why="an hour bears an offset",
            next_step="write 09:30, and the zone in zone",
        )
    _check_zone(request.zone)
    o = request.override
    if o is not None and not (o.by.strip() and o.reason.strip() and _whole(o.by + o.reason)):
        raise BadValue("an override needs the name of a person and a reason")


def _whole(text: str) -> bool:
    """Whether every store can keep the text: Unicode without halves of characters, no NUL."""
    return (text.isascii() and "\0" not in text) or _encodes(text)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text


@lru_cache(maxsize=1024)
def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError) as error:
        raise BadValue("zone is not an IANA time zone", next_step="write Asia/Shanghai") from error
