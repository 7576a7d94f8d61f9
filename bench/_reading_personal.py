"""Quality of the personal-information reader on frames kept apart, and of what it must not touch."""

import json
from collections import Counter

from scripts.train_names import DATA, held_out, predicted, train
from scripts.train_names import load as load_names

from bench._figures import Figures
from jiedun.reading.numbers import find_numbers

NUMBERS = ("CN_ID", "CN_MOBILE", "CN_LANDLINE", "BANK_CARD", "PASSPORT", "PLATE", "EMAIL",
           "WECHAT_ID", "QQ", "USCC", "IP")  # fmt: skip
UNTOUCHED = [
    "尾号8888的卡，回电138****1234", "卡号6222 **** **** 1234，证件4101**********123X", "客服热线95588或400-820-8820",
    "全国统一热线12378，法院12368，报警110", "订单号17012345678，流水号202608260711559444", "运单SF1612878469615已发出",
    "合同编号2026112800017，验证码884213", "服务电话800-810-8888", "李某与张某甲，尾号4412",
    "版本3.12.0.4已发布，见第1.2.3.4款",
]  # fmt: skip


def _f1(counts: Counter[str]) -> float:
    return 2 * counts["right"] / max(1, 2 * counts["right"] + counts["wrong"] + counts["missed"])


def _count(
    gold: set[tuple[int, int, str]], mine: set[tuple[int, int, str]], into: dict[str, Counter[str]]
) -> None:
    for kind in {s[2] for s in gold | mine}:
        a, b = {s for s in gold if s[2] == kind}, {s for s in mine if s[2] == kind}
        into.setdefault(kind, Counter()).update(
            right=len(a & b), wrong=len(b - a), missed=len(a - b)
        )


def _numbers() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    metas = (DATA / "messages/pii_dev_meta.jsonl").read_text("utf-8").splitlines()
    lines = (DATA / "messages/pii_dev.jsonl").read_text("utf-8").splitlines()
    rows = [
        json.loads(a) for a, b in zip(lines, metas, strict=True) if held_out(json.loads(b)["frame"])
    ]
    for row, spans in zip(rows, find_numbers([r["text"] for r in rows]), strict=True):
        gold = {(s["start"], s["end"], s["type"]) for s in row["spans"] if s["type"] in NUMBERS}
        _count(gold, {(s.start, s.end, s.type.value) for s in spans}, found)
    return found


def _names() -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    data = load_names()
    model = train([(t, s) for t, s, apart in data if not apart])
    tested = [(t, s) for t, s, apart in data if apart]
    for (_, gold), mine in zip(tested, predicted(model, [t for t, _ in tested]), strict=True):
        _count(set(gold), mine, found)
    return found


def personal(figures: Figures) -> None:
    """Micro-F1 of number types, F1 of names and addresses, hits inside what is masked."""
    numbers = _numbers()
    for kind in NUMBERS:
        figures.show(f"pii: {kind}", _f1(numbers.get(kind, Counter())), None)
    figures.show("pii: number types, micro-F1", _f1(sum(numbers.values(), Counter())), 0.98)
    names = _names()
    figures.show("pii: PERSON, F1", _f1(names["PERSON"]), 0.90)
    figures.show("pii: ADDRESS, F1", _f1(names["ADDRESS"]), 0.90)
    hits = sum(len(spans) for spans in find_numbers(UNTOUCHED))
    figures.show("pii: hits in masked values, hotlines, order numbers", hits, 0, most=True)
