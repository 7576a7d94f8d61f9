"""Text of unknown encoding: UTF-8, UTF-16, UTF-32 with a BOM, or GB18030 with its subset GBK.

The choice is strict first: an encoding that decodes every byte wins. Where none does, the one
with the fewest bad places wins, and only those places are replaced by U+FFFD.
"""

import re

_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_SAMPLE = 64 * 1024
_TWO_BYTE_RUNS = re.compile(rb"(?:[\xc2-\xdf][\x80-\xbf])+")
_LONG_UTF8 = re.compile(rb"[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NON_ASCII = re.compile(rb"[\x80-\xff]+")


def decode_text(data: bytes) -> tuple[str, str, int]:
    """The text without its BOM, the encoding chosen, and how many places had to be replaced.

    Encodings named: `utf-8`, `utf-16-le`, `utf-16-be`, `utf-32-le`, `utf-32-be`, `gbk`,
    `gb18030`. Never raises; 0 means that every byte was understood.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decode(data[len(bom) :], encoding)
    return _decode(data, detect(data))


def detect(data: bytes) -> str:
    """The encoding of bytes that carry no BOM; a cut last character counts as one bad place."""
    wide = _utf16_by_nuls(data[:_SAMPLE])
    if wide is not None:
        return wide
    if _strict(data, "utf-8"):
        return "gbk" if _looks_gbk_anyway(data) else "utf-8"
    if _mostly_utf8(data):
        return "utf-8"
    return next((name for name in ("gbk", "gb18030") if _strict(data, name)), _fewest_bad(data))


def _decode(data: bytes, encoding: str) -> tuple[str, str, int]:
    try:
        return data.decode(encoding), encoding, 0
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        genuine = data.decode(encoding, "ignore").count("\ufffd")
        return text, encoding, text.count("\ufffd") - genuine


def _strict(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_by_nuls(sample: bytes) -> str | None:
    """UTF-16 without a BOM shows itself by NULs on one side of every ASCII character."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    enough = max(2, len(sample) // 40)
    if odd >= enough and even * 20 <= odd:
        return "utf-16-le"
    if even >= enough and odd * 20 <= even:
        return "utf-16-be"
    return None


def _looks_gbk_anyway(data: bytes) -> bool:
    """Whether valid UTF-8 is likelier GBK: only two-byte characters, all common Chinese in GBK.

    Such short texts exist (a CSV whose only Chinese is one name); Latin letters begin with
    C2 or C3, and Cyrillic or Greek words use continuation bytes below A1 as well.
    """
    if data.isascii() or _LONG_UTF8.search(data):
        return False
    runs = _NON_ASCII.findall(data)
    pairs = {run[i : i + 2] for run in runs for i in range(0, len(run), 2)}
    return all(p[1] >= 0xA1 for p in pairs) and any(p[0] > 0xC3 for p in pairs)


def _mostly_utf8(data: bytes) -> bool:
    """Whether damaged UTF-8 is still UTF-8: far more whole long characters than bad bytes.

    Judged by the first 64 KiB from where the first byte stands that is not ASCII.
    """
    first = _NON_ASCII.search(data)
    start = first.start() if first else 0
    data = data[start : start + _SAMPLE]
    whole = sum(len(m) for m in _LONG_UTF8.findall(data))
    loose = len(_TWO_BYTE_RUNS.sub(b"", _LONG_UTF8.sub(b"", data)))
    ascii_left = len(_NON_ASCII.sub(b"", data))
    return whole >= 3 * (loose - ascii_left) and whole > 0


def _fewest_bad(data: bytes) -> str:
    return min(("utf-8", "gb18030"), key=lambda name: _decode(data, name)[2])
