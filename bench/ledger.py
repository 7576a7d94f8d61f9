"""100,000 loans of 12 to 36 instalments with full running balances, exact, on two cores in 60 s.

Before timing, 300 of the loans are recomputed with fractions, step by step, and must agree to the
fen in every line. `examine` (rates, caps, every assumption, facts) is timed beside it.
"""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from jiedun.ledger import examine
from jiedun.ledger.balance import Paid, Segment
from jiedun.ledger.balance import run as running
from jiedun.ledger.lines import lines_of
from jiedun.model.evidence import ItemRef, Payment
from jiedun.model.loan import Instalment, LenderType, Loan
from jiedun.model.money import to_fen

LOANS = 100_000
CHECKED = 300
EXAMINED = 1_000
LIMIT_S = 60.0
AS_OF = date(2026, 9, 30)
CHUNK = 2_500


class Made(NamedTuple):
    """One made-up loan."""

    start: date
    principal: Decimal
    rate: Decimal
    paid: tuple[Paid, ...]


def _made(seed: int) -> Made:
    rng = random.Random(seed)
    periods = rng.choice((12, 18, 24, 36))
    start = date(2022, 1, 1) + timedelta(days=rng.randrange(600))
    principal = Decimal(rng.randrange(100_000, 20_000_000)) / 100
    due = to_fen(principal * Decimal("1.24") / periods)
    rows = []
    for k in range(1, periods + 1):
        if rng.random() < 0.04:
            continue
        on = start + timedelta(days=30 * k + max(0, rng.randrange(-20, 12)))
        rows.append(
            Paid(on, due if rng.random() < 0.9 else to_fen(due * rng.randrange(1, 100) / 100))
        )
    return Made(start, principal, Decimal(rng.choice((24, 15.4, 12, 36))) / 100, tuple(rows))


def _whole(seeds: range) -> tuple[int, float, float]:
    """Lines, wall and processor seconds of working out a range of loans made up beforehand."""
    loans = [_made(seed) for seed in seeds]
    wall, cpu, count, total = time.perf_counter(), time.process_time(), 0, Decimal(0)
    for made in loans:
        balance = running(made.principal, [Segment(made.start, made.rate)], made.paid, AS_OF)
        lines = lines_of(balance, _no_clauses)
        count += len(lines)
        total += lines[-1].principal + lines[-1].unpaid_interest - lines[-1].overpaid
    assert total != 0
    return count, time.perf_counter() - wall, time.process_time() - cpu


def _no_clauses(row: object) -> tuple[()]:
    return ()


def _fractions(made: Made) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """Principal, unpaid interest and overpayment after each payment, in exact fractions."""
    left, unpaid, over, on = Fraction(made.principal), Fraction(0), Fraction(0), made.start
    for paid in sorted(made.paid, key=lambda p: p.on):
        unpaid += left * Fraction(made.rate) * (paid.on - on).days / 365
        money = Fraction(paid.amount)
        on = paid.on
        part = min(money, unpaid)
        unpaid, money = unpaid - part, money - part
        part = min(money, left)
        left, over = left - part, over + money - part
        yield left, unpaid, over


def _fen(value: Fraction) -> Decimal:
    return Decimal(int(value * 100 + Fraction(1, 2))) / 100


def _verified() -> bool:
    for seed in range(CHECKED):
        made = _made(seed)
        balance = running(made.principal, [Segment(made.start, made.rate)], made.paid, AS_OF)
        lines = [x for x in lines_of(balance, _no_clauses) if x.payment]
        for line, exact in zip(lines, _fractions(made), strict=True):
            if (line.principal, line.unpaid_interest, line.overpaid) != tuple(map(_fen, exact)):
                print(f"loan {seed} on {line.on}: lines and fractions differ")
                return False
    return True


def _loan(seed: int) -> tuple[Loan, Sequence[Payment]]:
    made = _made(seed)
    amount = to_fen(made.principal * Decimal("1.24") / 24)
    due = tuple(Instalment(k, made.start + timedelta(days=30 * k), amount) for k in range(1, 25))
    loan = Loan(
        "loan.json",
        "甲县样例小额贷款有限公司",
        LenderType.MICRO_LOAN,
        made.start,
        made.principal,
        made.principal,
        made.start,
        made.rate,
        instalments=due,
        penalty_daily_rate=Decimal("0.0005"),
    )
    rows = [
        Payment(ItemRef("payments.csv", n), p.on, p.amount, "样例小贷")
        for n, p in enumerate(made.paid, 1)
    ]
    return loan, rows


def _examined() -> float:
    loans = [_loan(seed) for seed in range(EXAMINED)]
    began = time.perf_counter()
    for loan, rows in loans:
        examine(loan, rows, as_of=AS_OF)
    return (time.perf_counter() - began) / EXAMINED


def run() -> bool:
    """Prints the figures; True when exact and inside 60 s."""
    if not _verified():
        return False
    ranges = [range(k, min(k + CHUNK, LOANS)) for k in range(0, LOANS, CHUNK)]
    walls, cpus = [], []
    with ProcessPoolExecutor(2) as pool:
        for _ in range(3):
            results = list(pool.map(_whole, ranges))
            walls.append(sum(wall for _, wall, _ in results) / 2)
            cpus.append(sum(cpu for _, _, cpu in results))
    lines, wall = sum(count for count, _, _ in results), median(walls)
    print(
        f"{LOANS:,} loans, {lines:,} lines in fen on two cores: {wall:.1f} s (median of 3; limit {LIMIT_S:.0f} s)"
    )
    print(
        f"  processor time of both cores together: {median(cpus):.1f} s; lines a second: {lines / wall:,.0f}"
    )
    print(f"  equal to fractions, line by line, in {CHECKED} loans")
    print(
        f"examine, one loan with rates, caps, all assumptions, facts, charts: {_examined() * 1000:.2f} ms on one core"
    )
    return wall <= LIMIT_S
