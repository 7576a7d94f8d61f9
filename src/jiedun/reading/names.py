"""Names of persons and addresses: a linear-chain tagger over characters, no lists of places.

Features are hashed: characters, pairs and triples around a place, their classes, and how often the
character begins or ends a Chinese name. Weights come from an averaged perceptron (Collins 2002),
`scripts/train_names.py`; the best tag sequence from Viterbi over all texts of a batch at once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from jiedun.model.personal import PersonalType as P
from jiedun.model.personal import Span
from jiedun.reading.normalise import WEIGHTS, Codes, Index, _table, joined

TAGS = ("O", "B-P", "I-P", "E-P", "B-A", "I-A", "E-A")
BITS = 18
Floats = NDArray[np.float32]
_FORBIDDEN = np.float32(-1e6)
_PAD = np.uint32(3)
_REACH = 4
_WINDOW, _BATCH = 512, 8192
_SALT = np.uint32(0x9E3779B1)
_SHOP = re.compile(
    r"[^\s,，。、;；:：的是在到去来有和与把给被将开说\"'|]{0,4}?(?:店|坊|馆|铺|批发部|经营部|商行|超市|门市|公司|纪念馆|中学|小学|庙|祠)"
)
_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十〇零]")
_PLACE = re.compile(
    r"[路街道巷弄里村屯庄苑园寓厦栋幢楼室组社府邸城#座]|胡同|小区|宿舍|号院|国际|广场|中心|厂房"
)
_DAY = re.compile(r"[0-9一二三四五六七八九十]月[0-9一二三四五六七八九十]{1,3}[号日]|小时|分钟")


def _templates() -> tuple[tuple[tuple[str, int], ...], ...]:
    """What is looked at together: c a character, s its shape, w how common the pair from it is."""
    runs = [("c", 1, -3, 4), ("c", 2, -3, 3), ("c", 3, -3, 2), ("s", 2, -2, 2), ("s", 3, -2, 1)]
    made = [
        tuple((kind, d + k) for k in range(size))
        for kind, size, first, last in runs
        for d in range(first, last)
    ]
    mixed = (
        "s-1 s0 s1 s2", "s-2 s-1 s0 s1", "c-1 s0 s1 s2 s3", "c-2 c-1 s0 s1", "s0 s1 c2",
        "s0 s1 s2 c3", "c-1 s0 s1 c2", "w-2 w-1 w0 w1", "s0 w0 w1", "s-1 s0 w-1 w0",
        "s0 s1 w-1 w0 w1", "s0 s1 s2 w0 w1 w2", "s-1 s0 s1 w-2 w-1 w0 w1",
        "s-2 s-1 s0 w-2 w-1 w0", "c-1 s0 w0 w1", "s0 w0 c1", "c-4 c-3 c-2 c-1", "c1 c2 c3 c4",
    )  # fmt: skip
    made += [tuple((p[0], int(p[1:])) for p in line.split()) for line in mixed]
    return tuple(made)


_TEMPLATES = _templates()


@dataclass(frozen=True)
class Tagger:
    """Weights (features, tags), transitions (from, to), and what is known of the language.

    `classes` holds the name-likeness of characters, `pairs` the sorted keys of character pairs that
    are common words or parts of words, `common` how common (1 to 3).
    """

    weights: Floats
    moves: Floats
    classes: NDArray[np.uint8]
    pairs: NDArray[np.uint32]
    common: NDArray[np.uint8]


def allowed() -> Floats:
    """0 where one tag may follow another, a forbidding score elsewhere."""
    table = np.full((7, 7), _FORBIDDEN, np.float32)
    for first, then in (
        ("O", "O B-P B-A"),
        ("B-P", "I-P E-P"),
        ("I-P", "I-P E-P"),
        ("E-P", "O B-P B-A"),
        ("B-A", "I-A E-A"),
        ("I-A", "I-A E-A"),
        ("E-A", "O B-P B-A"),
    ):
        for tag in then.split():
            table[TAGS.index(first), TAGS.index(tag)] = 0
    return table


@cache
def tagger() -> Tagger:
    """The shipped tagger."""
    with np.load(WEIGHTS / "names.npz") as held:
        weights = np.zeros((1 << BITS, len(TAGS)), np.float32)
        weights[held["features"]] = held["weights"]
        return Tagger(
            weights,
            held["moves"].astype(np.float32),
            held["classes"],
            held["pairs"],
            held["common"],
        )


def plain_codes(texts: Sequence[str]) -> tuple[Codes, Index]:
    """One code a character of the original (nothing dropped), and the bounds of the texts."""
    raw, bounds = joined(texts)
    table = _table()
    mapped = np.where(raw < len(table), table[np.minimum(raw, len(table) - 1)], raw)
    return np.where(mapped == 0, raw, mapped).astype(np.uint32), bounds


def _shape(codes: Codes, classes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """A small class per character: digit, letter, Han by name-likeness, else the character itself."""
    shape = np.where(codes < len(classes), classes[np.minimum(codes, len(classes) - 1)], 0)
    out = shape.astype(np.uint32)
    out[(codes >= 48) & (codes <= 57)] = 30
    out[((codes >= 97) & (codes <= 122)) | ((codes >= 65) & (codes <= 90))] = 31
    other = (out == 0) & ~((codes >= 0x3400) & (codes < 0xA000))
    out[other] = codes[other] + 256
    return out


def pair_keys(first: Codes, second: Codes) -> NDArray[np.uint32]:
    """One number a pair of Han characters; 0 where one is none."""
    han = (first >= 0x4E00) & (first < 0xA000) & (second >= 0x4E00) & (second < 0xA000)
    key = (
        (first - np.uint32(0x4E00)) * np.uint32(0x5200)
        + (second - np.uint32(0x4E00))
        + np.uint32(1)
    )
    return np.where(han, key, 0).astype(np.uint32)


def _commonness(padded: Codes, held: Tagger) -> NDArray[np.uint32]:
    """How common the pair is that begins at each place, 0 to 3."""
    out = np.zeros(len(padded), np.uint32)
    keys = pair_keys(padded[:-1], padded[1:])
    at = np.minimum(np.searchsorted(held.pairs, keys), len(held.pairs) - 1)
    out[:-1] = np.where(held.pairs[at] == keys, held.common[at], 0)
    return out


def features(codes: Codes, bounds: Index, held: Tagger) -> NDArray[np.uint32]:
    """Hashed features (characters, kinds) of all texts; windows do not cross texts."""
    lengths = np.diff(bounds)
    gap = np.repeat(np.arange(len(lengths)) * _REACH + _REACH, lengths)
    padded = np.full(len(codes) + (len(lengths) + 1) * _REACH, _PAD, np.uint32)
    place = np.arange(len(codes)) + gap
    digits = (codes >= 48) & (codes <= 57)
    padded[place] = np.where(digits, 48, codes)
    shapes = np.full(len(padded), _PAD, np.uint32)
    shapes[place] = _shape(codes, held.classes)
    words = _commonness(padded, held)
    kinds = {"c": padded, "s": shapes, "w": words}
    around = {(k, d): kinds[k][place + d] for k, d in sorted({p for t in _TEMPLATES for p in t})}
    hashed = [_hashed([around[p] for p in t], n) for n, t in enumerate(_TEMPLATES)]
    return np.stack(hashed, axis=1)


def _hashed(parts: list[NDArray[np.uint32]], salt: int) -> NDArray[np.uint32]:
    state = np.full(len(parts[0]), salt * 2654435 + 17, np.uint32)
    for part in parts:
        state = (state ^ part) * _SALT
        state ^= state >> np.uint32(15)
    return state >> np.uint32(32 - BITS)


def best_tags(scores: Floats, bounds: Index, moves: Floats) -> NDArray[np.int64]:
    """The best tag sequence of every text; `scores` (characters, tags) end to end."""
    lengths = np.diff(bounds)
    order = np.argsort(-lengths, kind="stable")
    longest = int(lengths.max(initial=0))
    tags = np.zeros(len(scores), np.int64)
    if longest == 0:
        return tags
    start = np.full(len(TAGS), _FORBIDDEN, np.float32)
    start[[0, 1, 4]] = 0
    final = np.full(len(TAGS), _FORBIDDEN, np.float32)
    final[[0, 3, 6]] = 0
    starts, sizes = bounds[:-1][order], lengths[order]
    alive = np.searchsorted(-sizes, -np.arange(1, longest + 1), side="right")
    state = np.zeros((len(order), len(TAGS)), np.float32)
    back = np.zeros((len(scores), len(TAGS)), np.int8)
    n = int(alive[0])
    state[:n] = start + scores[starts[:n]]
    for step in range(1, longest):
        n = int(alive[step])
        ways = state[:n, :, None] + moves
        best = ways.argmax(1)
        back[starts[:n] + step] = best
        state[:n] = np.take_along_axis(ways, best[:, None], 1)[:, 0] + scores[starts[:n] + step]
    current = (state + final).argmax(1)
    for step in range(longest - 1, -1, -1):
        n = int(alive[step])
        at = starts[:n] + step
        tags[at] = current[:n]
        current[:n] = back[at, current[:n]]
    return tags


def found_spans(tags: NDArray[np.int64], bounds: Index) -> list[list[tuple[int, int, P]]]:
    """(start, end, type) a text from its tags."""
    out: list[list[tuple[int, int, P]]] = [[] for _ in range(len(bounds) - 1)]
    begins = np.flatnonzero((tags == 1) | (tags == 4))
    ends = np.flatnonzero((tags == 3) | (tags == 6)) + 1
    rows = np.searchsorted(bounds, begins, side="right") - 1
    for begin, end, row in zip(begins.tolist(), ends.tolist(), rows.tolist(), strict=True):
        at = int(bounds[row])
        kind = P.PERSON if tags[begin] == 1 else P.ADDRESS
        out[row].append((begin - at, end - at, kind))
    return out


def find_names(texts: Sequence[str]) -> list[list[Span]]:
    """The names and addresses of each text, sorted."""
    out: list[list[Span]] = [[] for _ in texts]
    for part in _batches(_windows(texts)):
        found = tagged(tagger(), [window.text for window in part])
        for window, spans in zip(part, found, strict=True):
            for start, end, kind in spans:
                value = window.text[start:end]
                at = window.at + start
                out[window.row].append(Span(at, at + len(value), kind, value, 0.85))
    return out


def tagged(held: Tagger, texts: Sequence[str]) -> list[list[tuple[int, int, P]]]:
    """(start, end, type) of what is whole in each text, by `held`."""
    codes, bounds = plain_codes(texts)
    scores = held.weights[features(codes, bounds, held)].sum(1)
    tags = best_tags(scores, bounds, held.moves)
    found = found_spans(tags, bounds)
    return [[x for x in spans if is_whole(t, *x)] for t, spans in zip(texts, found, strict=True)]


class _Window(NamedTuple):
    row: int
    at: int
    text: str


def _windows(texts: Sequence[str]) -> Iterator[_Window]:
    """The texts in windows of at most 512 characters, cut after a sentence where one ends."""
    for row, text in enumerate(texts):
        at = 0
        while len(text) - at > _WINDOW:
            part = text[at : at + _WINDOW]
            cut = max(part.rfind(mark) for mark in "\n。;；!！,，") + 1 or _WINDOW
            yield _Window(row, at, part[:cut])
            at += cut
        yield _Window(row, at, text[at:])


def _batches(windows: Iterator[_Window]) -> Iterator[list[_Window]]:
    held: list[_Window] = []
    size = 0
    for window in windows:
        if held and size + len(window.text) > _BATCH:
            yield held
            held, size = [], 0
        held.append(window)
        size += len(window.text)
    if held:
        yield held


def is_whole(text: str, start: int, end: int, kind: P) -> bool:
    """Whether a tagged span can be what its tag says.

    A name is Han and inner dots only, and names no shop; an address holds a number and a word for a
    road, a compound, a village or a building, and is no date.
    """
    value = text[start:end]
    if kind is P.ADDRESS:
        return bool(_NUMBER.search(value) and _PLACE.search(value)) and not _DAY.search(value)
    han = all("\u3400" <= c < "\ua000" or c in "·•・‧．" for c in value)
    return han and "某" not in value and _SHOP.match(text, end) is None
