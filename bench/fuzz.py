"""200,000 damaged files through every reader and archive: nothing escapes, nothing hangs.

Inputs come from well-formed seeds of every format by flipping, cutting, doubling, splicing and
swapping tokens; the same seed number gives the same inputs. `make test` runs 2,000 of them. In full
they go in portions of 2,000, each with a seed of its own, through two processes; after an interruption
`python -m bench.fuzz --from N` goes on at portion N, and `--portions 1` repeats that one alone.
"""

import argparse
import io
import random
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from bench._fuzz_seeds import Seed, seeds
from jiedun.evidence import archive
from jiedun.evidence.archive import Budget, Limits
from jiedun.evidence.interface import Declared, PhonebookEntry, Reader, Source
from jiedun.evidence.readers.registry import ALL
from jiedun.evidence.sniff import kind_of
from jiedun.evidence.walk import phone_of
from jiedun.model.evidence import (
    Contact,
    Event,
    LoanFile,
    PartyRow,
    Payment,
    Problem,
    Statement,
)

ITEMS = (Contact, PartyRow, Payment, LoanFile, Event, Statement, Declared, PhonebookEntry, Problem)
LONGEST_S = 2.0
_PORTIONS, _PORTION = 100, 2_000
_SEED = 20261122
_STOPPED_S = 20.0
_PROCESSES = 2
_TOKENS = (
    b"\x00", b"\xff\xfe", b"&#55357;", b"&#0;", b"&lt;", b"&", b"<", b">", b'"', b"'", b"<!--", b"-->",
    b"<![CDATA[", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<sms ", b"<mms ", b"</smses>", b"<part data=\"",
    b",", b"\r\n", b"\n", b'""', b"\t", b"-1", b"null", b"9" * 40, b"1e999", b"NaN", b"{", b"]", b"\\u0000",
    "起始时间".encode("gbk"), "对方号码".encode(), b"2025-13-45", b"1601-01-01 00:00:00", b"=1+1", b"\xf0\x9f\x98",
)  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What a run met: inputs read, items given, and failures as sentences."""

    inputs: int = 0
    recognised: int = 0
    items: int = 0
    slowest_s: float = 0.0
    failures: list[str] = field(default_factory=list)


def inputs(count: int, *, seed: int) -> Iterator[Seed]:
    """`count` damaged files, the same for the same seed."""
    rng = random.Random(seed)
    well_formed = seeds()
    for n in range(count):
        path, data = well_formed[n % len(well_formed)]
        for _ in range(rng.choice((1, 1, 2, 4, 12))):
            data = rng.choice(_MUTATIONS)(rng, data, well_formed)
        yield path, data[:200_000]


def _flip(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    changed = bytearray(data)
    for _n in range(rng.choice((1, 3, 20))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.choice((1, 2, 40)) :]


def _insert(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_TOKENS) * rng.choice((1, 1, 1, 200)) + data[at:]


def _double(rng: random.Random, data: bytes, _: Sequence[Seed]) -> bytes:
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.choice((5, 100, 2000))]
    return data[:start] + piece * rng.choice((2, 2, 30)) + data[start:]


def _splice(rng: random.Random, data: bytes, others: Sequence[Seed]) -> bytes:
    other = rng.choice(others)[1]
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other)) :]


_MUTATIONS = (_flip, _flip, _cut, _drop, _insert, _insert, _double, _splice)


def _stop(*_: object) -> None:
    raise TimeoutError(f"stopped after {_STOPPED_S:.0f} s")


def feed(files: Iterator[Seed], readers: Sequence[Reader] = ALL) -> Outcome:
    """Reads every file with every reader that recognises it, and opens it as an archive.

    Seconds are processor time. What does not end is stopped, on the main thread of a process alone.
    """
    outcome = Outcome()
    signal.signal(signal.SIGPROF, _stop)
    for path, data in files:
        source = Source(path, len(data), data[:65536], partial(io.BytesIO, data), phone_of(path))
        start = time.process_time()
        name = "sniff"
        signal.setitimer(signal.ITIMER_PROF, _STOPPED_S)
        try:
            kind = kind_of(source.head, source.name, source.size)
            for reader in readers:
                name = reader.name
                if reader.recognises(source):
                    outcome.recognised += 1
                    _count(outcome, reader.read(source), name)
            name = kind
            if kind in archive.KINDS:
                _unpack(outcome, source, kind)
        except Exception as error:
            outcome.failures.append(f"input {outcome.inputs} {path}: {name} raised {error!r}")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        took = time.process_time() - start
        outcome.slowest_s = max(outcome.slowest_s, took)
        if took > LONGEST_S:
            outcome.failures.append(f"input {outcome.inputs} {path}: {name} took {took:.1f} s")
        outcome.inputs += 1
    return outcome


def _count(outcome: Outcome, items: Iterator[object], name: str) -> None:
    for item in items:
        outcome.items += 1
        if not isinstance(item, ITEMS):
            outcome.failures.append(f"input {outcome.inputs}: {name} gave {type(item).__name__}")


def _unpack(outcome: Outcome, source: Source, kind: str) -> None:
    limits = Limits(total_bytes=50_000_000)
    for member in archive.members(source, kind, limits, Budget.of(limits)):
        outcome.items += 1
        if isinstance(member, Source):
            with suppress(*archive.DAMAGE), member.open() as stream:
                stream.read()


def _portion(number: int) -> Outcome:
    """What the inputs of one portion met; its failures say which portion it was."""
    outcome = feed(inputs(_PORTION, seed=_SEED + number))
    outcome.failures = [f"portion {number}, {failure}" for failure in outcome.failures]
    return outcome


def fuzz(first: int, portions: int) -> Outcome:
    """What all inputs of these portions met; prints a line whenever another portion is done."""
    whole, start = Outcome(), time.perf_counter()
    with ProcessPoolExecutor(_PROCESSES) as pool:
        for number, part in enumerate(pool.map(_portion, range(first, first + portions)), first):
            whole.inputs += part.inputs
            whole.recognised += part.recognised
            whole.items += part.items
            whole.slowest_s = max(whole.slowest_s, part.slowest_s)
            whole.failures += part.failures
            print(
                f"portion {number} of {first}-{first + portions - 1}: {whole.inputs} inputs, "
                f"{len(whole.failures)} failures, slowest {whole.slowest_s:.2f} s, "
                f"{time.perf_counter() - start:.0f} s so far",
                flush=True,
            )
    return whole


def run(first: int = 0, portions: int = _PORTIONS) -> bool:
    """Whether none of the inputs let an exception escape or took over two seconds."""
    outcome = fuzz(first, portions)
    for failure in outcome.failures[:20]:
        print(failure)
    print(
        f"{outcome.inputs} inputs, {outcome.recognised} recognised, {outcome.items} items, "
        f"slowest {outcome.slowest_s:.2f} s, {len(outcome.failures)} failures"
    )
    return not outcome.failures


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz")
    parser.add_argument("--from", dest="first", type=int, default=0, metavar="PORTION")
    parser.add_argument("--portions", type=int, metavar="N")
    asked = parser.parse_args()
    left = max(0, _PORTIONS - asked.first)
    return 0 if run(asked.first, left if asked.portions is None else asked.portions) else 1


if __name__ == "__main__":
    sys.exit(_main())
