"""The form to fill in, printed from the table of fields."""

from jiedun.model.text import Words
from jiedun.remedies._data import table

_HEAD = Words(
    "# 填好后存成证据文件夹里的 form.yaml。都可以不填：没填的，信里留横线手写。\n"
    "# 这里写的是您自己的陈述，不是证据。",
    "# Save as form.yaml in the folder of evidence. Everything is optional: what is left out becomes a\n"
    "# blank in the letters. This is your own account, not evidence.",
)
_COMPUTED = frozenset(
    {"creditor", "collectors", "collector.numbers", "owner", "owner.number", "borrower"}
)
_EXTRA = Words(
    "have: []  # 手里还有哪些材料：identity, credit-report, url, hardship, transfer, contract-invest\n"
    "court_papers: []  # 收到的法院材料：- {kind: payment_order 或 complaint_copy, received: 2026-11-03}\n"
    "# impersonated.pieces 里每一项填 given（给了）、none（没给）或 unknown（不清楚）",
    "have: []  # identity, credit-report, url, hardship, transfer, contract-invest\n"
    "court_papers: []  # - {kind: payment_order or complaint_copy, received: 2026-11-03}\n"
    "# impersonated.pieces: given, none or unknown for each",
)
_PIECES = "application, verification, contract, disbursement, repayment"


def sample(lang: str) -> str:
    """The form as YAML with a comment on every line."""
    tree: dict[str, dict[str, str]] = {}
    plain: dict[str, str] = {}
    for key, row in table("fields").items():
        if key in _COMPUTED:
            continue
        label = str(row["en" if lang == "en" else "zh"])
        head, dot, tail = key.partition(".")
        if dot:
            tree.setdefault(head, {})[tail] = label
        else:
            plain[key] = label
    lines = [_HEAD.of(lang)]
    lines += [f'{key}: ""  # {label}' for key, label in plain.items()]
    for head, rows in tree.items():
        lines += _part(head, rows)
    return "\n".join([*lines, _EXTRA.of(lang)])


def _part(head: str, rows: dict[str, str]) -> list[str]:
    if head == "investors":
        cells = ", ".join(f'{key}: ""' for key in rows)
        return [f"{head}:", f"  - {{{cells}}}  # " + "、".join(rows.values())]
    lines = [f"{head}:", *(f'  {key}: ""  # {label}' for key, label in rows.items())]
    if head == "impersonated":
        cells = ", ".join(f"{piece}: unknown" for piece in _PIECES.split(", "))
        lines.append(f"  pieces: {{{cells}}}")
    return lines
