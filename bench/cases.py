"""Whole cases against their answers: precision and recall by violation, items as sets.

The cases of `conformance/cases` were written by somebody who had not seen the code. What times,
counts, roles and parties decide must be exact; what words decide is reported.
"""

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jiedun.case.check import Checked, check
from jiedun.model.time import SHANGHAI
from jiedun.reading import conduct

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (ROOT / "conformance" / "cases", ROOT.parent / "shared" / "cases")
EXACT = ("calls_over_daily_limit", "call_outside_hours", "third_party_contact")
WORDS = (
    "threat", "debt_disclosure", "false_legal", "impersonation", "induce_borrowing",
    "identity_concealment", "abuse", "private_payment",
)  # fmt: skip


def run() -> bool:
    """True when everything decided by time, count, role and parties is found exactly."""
    exact = True
    total: Counter[str] = Counter()
    for case in sorted(c for folder in FOLDERS if folder.is_dir() for c in folder.glob("case-*")):
        expected = json.loads((case / "expected.json").read_text("utf-8"))
        checked = _check(case, expected["as_of"])
        right = all(_score(checked, expected, v)[1:] == (0, 0) for v in EXACT)
        exact &= right
        for violation in WORDS:
            hit, missed, beside = _score(checked, expected, violation)
            total.update(hit=hit, missed=missed, beside=beside)
        print(f"{case.name}: {len(checked.findings)} findings; time, count, role exact: {right}")
    found = total["hit"] + total["beside"]
    wanted = total["hit"] + total["missed"]
    print(
        f"words ({', '.join(WORDS)}): recall {total['hit']}/{wanted}, precision {total['hit']}/{found}"
    )
    return exact


def _check(case: Path, as_of: str) -> Checked:
    return check(
        case,
        as_of=date.fromisoformat(as_of),
        at=datetime(2026, 11, 28, tzinfo=SHANGHAI),
        read=lambda messages: conduct.read(messages, tier="deep"),
    )


def _score(checked: Checked, expected: dict[str, Any], violation: str) -> tuple[int, int, int]:
    """How many items were found, missed, and found beside what may go either way."""
    block = expected["violations"][violation]
    wanted = {item["id"] for item in block["items"]}
    free = {item["id"] for item in block["either_way"]} - wanted
    found = {
        str(ref) for f in checked.findings if f.violation == violation for ref in f.items
    } - free
    return len(wanted & found), len(wanted - found), len(found - wanted)
