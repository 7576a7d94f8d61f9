"""The fast lane for `<sms …/>` elements that need nothing of XML but their quotes.

A backup app writes every message with the same attributes in the same order. Once expat has shown
that order, elements that repeat it exactly, in double quotes and in characters that XML leaves as they
are, are taken by one regular expression; anything else goes through expat as before. References
(the five of XML and numbers, which the blocks have already made valid) are allowed where people's
words stand: `_WORDS`. Both ways give the same values (XML 1.0, section 3.3.3).
"""

import re
from collections.abc import Iterable

Fields = tuple[str, ...]
"""`FIELDS` of one message as written, empty where the layout has no such attribute."""

FIELDS = ("address", "date", "date_sent", "type", "body", "contact_name")
_WORDS = ("address", "body", "contact_name")
_VALUE = r'[^"<&\x00-\x1f\ufffe\uffff]*+'
_REFERRING = (
    _VALUE + r"(?:&(?:amp|lt|gt|quot|apos|#[0-9]{1,18}|#x[0-9A-Fa-f]{1,18});" + _VALUE + r")*+"
)
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|([a-z]+));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_MOST_LAYOUTS = 16


class Lane:
    """Knows the layout last seen; `take` reads elements that repeat it."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], tuple[re.Pattern[str], tuple[int, ...]]] = {}
        self._layout: tuple[str, ...] = ()
        self._pattern: re.Pattern[str] | None = None
        self._groups: tuple[int, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether a layout is known."""
        return self._pattern is not None

    def learn(self, names: Iterable[str]) -> None:
        """Takes these attributes, in this order, as the layout from here on."""
        layout = tuple(names)
        if layout == self._layout or not layout:
            return
        if layout not in self._known:
            if len(self._known) >= _MOST_LAYOUTS:
                return
            self._known[layout] = _compiled(layout)
        self._layout = layout
        self._pattern, self._groups = self._known[layout]

    def take(self, text: str, place: int) -> tuple[list[Fields], int]:
        """The elements that follow one another from `place`, and where the first other stands."""
        found: list[Fields] = []
        if self._pattern is None:
            return found, place
        match, groups, add = self._pattern.match, self._groups, found.append
        while hit := match(text, place):
            add(hit.group(*groups))
            place = hit.end()
        return found, place


def _compiled(layout: tuple[str, ...]) -> tuple[re.Pattern[str], tuple[int, ...]]:
    """The element's pattern, and which group holds each of `FIELDS` (the last is always empty)."""
    wanted = [name for name in layout if name in FIELDS]
    parts = "".join(f' {re.escape(name)}="{_value_of(name)}"' for name in layout)
    groups = tuple(wanted.index(f) + 1 if f in wanted else len(wanted) + 1 for f in FIELDS)
    return re.compile(rf"<sms{parts}()[ \t\r\n]*+/>[ \t\r\n]*+"), groups


def _value_of(name: str) -> str:
    if name not in FIELDS:
        return _VALUE
    return f"({_REFERRING if name in _WORDS else _VALUE})"


def unescaped(text: str) -> str:
    """A value with its references resolved."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: "re.Match[str]") -> str:
    hexadecimal, decimal, name = match.groups()
    if name:
        return _NAMED[name]
    return chr(int(hexadecimal, 16) if hexadecimal else int(decimal))
