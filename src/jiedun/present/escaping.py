"""Evidence text made fit to be shown: nothing hidden, nothing steering the page, nothing lost.

Characters that cannot be seen or that turn the direction of the text (controls, bidirectional
marks, lone surrogates, noncharacters) are written as `⟨U+202E⟩`. `original` turns that back.
"""

import re

_KEPT = "\t\n"
_UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 and C1 controls but tab and line feed
    "\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff"  # zero width, bidirectional
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # surrogates, noncharacters
)
_TO_SHOW = re.compile(rf"[{_UNSEEN}]|⟨(?=U\+[0-9A-F]{{4}}⟩)")
_SHOWN = re.compile(r"⟨U\+([0-9A-F]{4})⟩")


def visible(text: str) -> str:
    """`text` with every unseen character as `⟨U+XXXX⟩`; can always be encoded as UTF-8."""
    return _TO_SHOW.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text)


def original(shown: str) -> str:
    """The text that `visible` was given."""
    return _SHOWN.sub(lambda found: chr(int(found.group(1), 16)), shown)


def one_line(text: str, limit: int) -> str:
    """`text` on one line, cut to `limit` characters with an ellipsis, made visible."""
    flat = " ".join(text[: limit * 4].split())
    cut = flat if len(flat) <= limit and len(text) <= limit * 4 else flat[: limit - 1] + "…"
    return visible(cut)
