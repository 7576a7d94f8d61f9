"""Writes `names.npz`: `python -m scripts.train_names [--all]`.

Texts: `pii_dev.jsonl` (split by frame: three of four frames train, the fourth tests; `--all` ships)
and `data/names/frames.txt`. In every epoch names and addresses are drawn anew from the lists in
`data/names`, so that the tagger learns how a name sits in a text and not who is named.
"""

import argparse
import json
import random
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jiedun.reading.names import (
    BITS,
    TAGS,
    Tagger,
    allowed,
    best_tags,
    features,
    pair_keys,
    plain_codes,
    tagged,
)
from jiedun.reading.normalise import WEIGHTS
from scripts.names_silver import judged, sample

DATA = Path(__file__).resolve().parents[1] / "data"
FIRST, EVERYDAY = 6, 3000
EPOCHS, SEED, BATCH = 10, 20261128, 8
MARGIN = 1.0
Spans = list[tuple[int, int, str]]
ROADS = [
    "路",
    "街",
    "大道",
    "东路",
    "北路",
    "巷",
    "西街",
    "南路",
    "里",
    "胡同",
    "东街",
    "大街",
    "支路",
    "辅路",
]
NUMBERS = ["{3}弄{0}号", "{3}号附{1}号", "{3}号院", "{0}号院{1}号楼", "{3}-{1}号", "{3}号{0}号楼"]
COMPOUNDS = [
    "花园", "小区", "苑", "家园", "公寓", "大厦", "国际", "新村", "广场", "雅苑", "名邸", "华府", "城", "中心",
    "宿舍", "新城", "豪庭", "佳苑", "湾", "府", "工业园", "社区", "一村", "华庭",
]  # fmt: skip
BLOCKS = [
    "{0}栋",
    "{0}号楼",
    "{0}幢",
    "{0}座",
    "{0}#",
    "{0}-{1}-",
    "{0}号楼{1}单元",
    "{0}栋{1}单元",
    "B座",
    "A座",
    "{0}号楼{1}门",
    "{0}-",
]
ROOMS = ["{2}室", "{2}", "{2}房", "{2}室", "{2}户", "{2}"]
OFFICES = [
    "{0}号厂房",
    "{2}室",
    "{0}楼",
    "{0}栋{2}",
    "院{0}号楼{2}",
    "{0}单元{2}室",
    "一楼商铺",
    "附{1}号",
]
CHINESE = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def _list(name: str) -> list[str]:
    text = (DATA / "names" / name).read_text("utf-8")
    return text.split() if " " in text else sorted(set(text.strip()))


@dataclass
class Lists:
    """The words that names and addresses are drawn from, and the random source."""

    rng: random.Random

    def __post_init__(self) -> None:
        text = (DATA / "names/surnames.txt").read_text("utf-8").strip()
        self.surnames = list(dict.fromkeys(text))
        self.weights = [1 / (i + 12) for i in range(len(self.surnames))]
        self.compound, self.given = _list("compound.txt"), _list("given.txt")
        self.roads, self.places = _list("roads.txt"), _list("places.txt")

    def person(self) -> str:
        """A name: mostly two or three characters, sometimes a compound or doubled surname."""
        r = self.rng
        kind = r.random()
        if kind < 0.06:
            first = r.choice(self.compound)
        elif kind < 0.09:
            first = "".join(r.choices(self.surnames, self.weights, k=2))
        elif kind < 0.3:
            first = r.choice(self.surnames)
        else:
            first = r.choices(self.surnames, self.weights)[0]
        return first + "".join(r.choices(self.given, k=1 if r.random() < 0.3 else 2))

    def address(self) -> str:
        """An address down to a number, building or room, or a village group."""
        r = self.rng
        place = r.choice(self.places) if r.random() < 0.75 else ""
        if r.random() < 0.2:
            where = (
                f"{r.choice(self.roads)}{r.choice(['镇', '乡', '街道'])}{r.choice(self.roads)}村"
            )
            return (
                place
                + where
                + r.choice([f"{r.randint(1, 15)}组{r.randint(1, 99)}号", f"{r.randint(1, 9)}社"])
            )
        road = f"{r.choice(self.roads)}{r.choice(ROADS)}"
        number = (
            f"{r.randint(1, 999)}号"
            if r.random() < 0.7
            else r.choice(NUMBERS).format(*self._digits())
        )
        compound = f"{r.choice(self.roads)}{r.choice(COMPOUNDS)}"
        block, room = (
            r.choice(BLOCKS).format(*self._digits()),
            r.choice(ROOMS).format(*self._digits()),
        )
        kind = r.random()
        if kind < 0.25:
            return self._written(place + road + number)
        if kind < 0.4:
            return self._written(place + road + number + r.choice(OFFICES).format(*self._digits()))
        if kind < 0.75:
            return self._written(place + road + number + compound + block + room)
        return self._written(place + compound + block + (room or "502室"))

    def _digits(self) -> list[int]:
        r = self.rng
        return [r.randint(1, 40), r.randint(1, 6), r.randint(101, 2804), r.randint(1, 999)]

    def _written(self, address: str) -> str:
        kind = self.rng.random()
        if kind < 0.08:
            return "".join(CHINESE.get(c, c) for c in address)
        if kind < 0.16:
            for mark in ("省", "市", "区"):
                address = address.replace(mark, mark + " ", 1)
            return address.strip()
        return address


def load() -> list[tuple[str, Spans, bool]]:
    """(text, name and address spans, whether it tests) of `pii_dev.jsonl`."""
    lines = (DATA / "messages/pii_dev.jsonl").read_text("utf-8").splitlines()
    metas = (DATA / "messages/pii_dev_meta.jsonl").read_text("utf-8").splitlines()
    out = []
    for line, meta in zip(lines, metas, strict=True):
        row = json.loads(line)
        held = [(s["start"], s["end"], s["type"]) for s in row["spans"]]
        spans = [s for s in held if s[2] in ("PERSON", "ADDRESS")]
        out.append((row["text"], spans, held_out(json.loads(meta)["frame"])))
    return out


def held_out(frame: str) -> bool:
    """Whether a frame is kept apart: one in four, by its CRC."""
    return zlib.crc32(frame.encode()) % 4 == 0


def _with_new_names(text: str, spans: Spans, lists: Lists) -> tuple[str, Spans]:
    out, made, at = [], [], 0
    length = 0
    for start, end, kind in spans:
        value = text[start:end]
        han = all("\u4e00" <= c <= "\u9fff" for c in value)
        if kind == "PERSON" and han and lists.rng.random() < 0.7:
            value = lists.person()
        elif kind == "ADDRESS" and lists.rng.random() < 0.4:
            value = lists.address()
        out += [text[at:start], value]
        length += start - at
        made.append((length, length + len(value), kind))
        length += len(value)
        at = end
    return "".join([*out, text[at:]]), made


def _from_frames(lists: Lists) -> list[tuple[str, Spans]]:
    made = []
    for frame in (DATA / "names/frames.txt").read_text("utf-8").splitlines():
        text, spans = "", []
        for part in frame.replace("\\n", "\n").replace("{", "\1{").replace("}", "\1").split("\1"):
            if part in ("{P", "{A"):
                value = lists.person() if part == "{P" else lists.address()
                spans.append(
                    (len(text), len(text) + len(value), "PERSON" if part == "{P" else "ADDRESS")
                )
                text += value
            else:
                text += part
        made.append((text, spans))
    return made


def gold_tags(length: int, spans: Spans) -> NDArray[np.int64]:
    """Tags of one text."""
    tags = np.zeros(length, np.int64)
    for start, end, kind in spans:
        base = 1 if kind == "PERSON" else 4
        tags[start:end] = base + 1
        tags[start], tags[end - 1] = base, base + 2
    return tags


def classes(lists: Lists) -> NDArray[np.uint8]:
    """Per character: 1 + (common surname, any surname, given-name character, compound's first)."""
    out = np.zeros(0x10000, np.uint8)
    given, first = set(lists.given), {c[0] for c in lists.compound}
    for code in range(0x4E00, 0xA000):
        c = chr(code)
        rank = lists.surnames.index(c) if c in lists.surnames else 999
        bits = (rank < 120) + 2 * (rank < 999) + 4 * (c in given) + 8 * (c in first)
        out[code] = 1 + bits
    for place, marks in enumerate(
        ("省市区县州盟旗", "镇乡村屯庄社道", "路街巷弄里胡同", "号栋幢楼座组室房户单元厂园苑")
    ):
        out[[ord(c) for c in marks]] += 32 * (place + 1)
    return out


def _epoch(
    data: list[tuple[str, Spans]], held: Tagger, total: list[NDArray[np.float64]], step: int
) -> int:
    for at in range(0, len(data), BATCH):
        part = data[at : at + BATCH]
        codes, bounds = plain_codes([t for t, _ in part])
        found = features(codes, bounds, held)
        gold = np.concatenate([gold_tags(len(t), s) for t, s in part])
        scores = held.weights[found].sum(1)
        scores += np.float32(MARGIN)
        scores[np.arange(len(gold)), gold] -= np.float32(MARGIN)
        guess = best_tags(scores, bounds, held.moves)
        wrong = np.flatnonzero(guess != gold)
        step += 1
        for tags, sign in ((gold, 1.0), (guess, -1.0)):
            cells = found[wrong].ravel()
            tag = np.repeat(tags[wrong], found.shape[1])
            np.add.at(held.weights, (cells, tag), sign)
            np.add.at(total[0], (cells, tag), sign * step)
            ends = set(bounds.tolist())
            inside = np.array([i for i in range(1, len(tags)) if i not in ends], np.int64)
            np.add.at(held.moves, (tags[inside - 1], tags[inside]), sign)
            np.add.at(total[1], (tags[inside - 1], tags[inside]), sign * step)
    return step


def train(texts: list[tuple[str, Spans]]) -> Tagger:
    """An averaged tagger: a first one judges everyday sentences, a second learns from them too."""
    first = _trained(texts, FIRST)
    everyday = sample(EVERYDAY, SEED)
    surnames = set((DATA / "names/surnames.txt").read_text("utf-8").strip())
    surnames |= {c[0] for c in _list("compound.txt")}
    silver = judged(first, surnames, everyday, predicted(first, everyday))
    return _trained(texts + silver, EPOCHS)


def _trained(texts: list[tuple[str, Spans]], epochs: int) -> Tagger:
    lists = Lists(random.Random(SEED))
    weights = np.zeros((1 << BITS, len(TAGS)), np.float32)
    held = Tagger(weights, allowed(), classes(lists), *common_pairs())
    total = [np.zeros(held.weights.shape), np.zeros(held.moves.shape)]
    step = 0
    for _ in range(epochs):
        data = [_with_new_names(t, s, lists) for t, s in texts]
        data += _from_frames(lists) + _from_frames(lists)
        lists.rng.shuffle(data)
        step = _epoch(data, held, total, step)
    averaged = held.weights - (total[0] / (step + 1)).astype(np.float32)
    moves = held.moves - (total[1] / (step + 1)).astype(np.float32)
    moves = np.where(allowed() < 0, allowed(), moves)
    return Tagger(averaged, moves, held.classes, held.pairs, held.common)


def common_pairs() -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Keys of the two-character word pieces of the encoder's list, and how common each is."""
    pieces = json.loads((WEIGHTS / "encoder-pieces.json").read_text("utf-8"))
    with np.load(WEIGHTS / "encoder-words.npz") as held:
        scores = held["scores"]
    found: dict[int, int] = {}
    for piece, score in zip(pieces, scores.tolist(), strict=True):
        body = piece.lstrip("▁")
        if len(body) == 2 and all("\u4e00" <= c <= "\u9fff" for c in body):
            code = np.array([ord(c) for c in body], np.uint32)
            key = int(pair_keys(code[:1], code[1:])[0])
            found[key] = max(found.get(key, 0), 3 if score > -11 else 2 if score > -13 else 1)
    keys = np.array(sorted(found), np.uint32)
    return keys, np.array([found[int(k)] for k in keys], np.uint8)


def predicted(held: Tagger, texts: list[str]) -> list[set[tuple[int, int, str]]]:
    """Spans of each text."""
    out: list[set[tuple[int, int, str]]] = []
    for at in range(0, len(texts), 64):
        for row in tagged(held, texts[at : at + 64]):
            out.append({(s, e, str(k)) for s, e, k in row})
    return out


def main() -> None:
    """Ships a tagger of all texts with `--all`; otherwise prints what it is worth held apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--show", action="store_true", help="print every difference")
    args = parser.parse_args()
    if args.all:
        _ship(train([(t, s) for t, s, _ in load()]))
    else:
        _measure(args.show)


def _measure(show: bool) -> None:
    data = load()
    model = train([(t, s) for t, s, test in data if not test])
    tested = [(t, s) for t, s, test in data if test]
    guesses = predicted(model, [t for t, _ in tested])
    for kind in ("PERSON", "ADDRESS"):
        right = wrong = missed = 0
        for (text, spans), guess in zip(tested, guesses, strict=True):
            gold = {s for s in spans if s[2] == kind}
            mine = {s for s in guess if s[2] == kind}
            right += len(gold & mine)
            wrong, missed = wrong + len(mine - gold), missed + len(gold - mine)
            for s, e, _ in gold ^ mine if show else ():
                sign = "-" if (s, e, kind) in gold else "+"
                print(sign, kind, text[max(0, s - 8) : s], "[", text[s:e], "]", text[e : e + 6])
        f1 = 2 * right / (2 * right + wrong + missed)
        print(f"{kind} held apart: F1 {f1:.3f} (+{wrong} -{missed} of {right + missed})")


def _ship(model: Tagger) -> None:
    used = np.flatnonzero(np.abs(model.weights).max(1) > 0.05)
    np.savez_compressed(
        WEIGHTS / "names.npz",
        features=used.astype(np.uint32),
        weights=model.weights[used].astype(np.float16),
        moves=model.moves.astype(np.float32),
        classes=model.classes,
        pairs=model.pairs,
        common=model.common,
    )


if __name__ == "__main__":
    main()
