"""Who leaked: Tardos codes carried by two variants of each decoy, and the trace of a leaked copy.

Decoys are subjects that exist only on the operator's own lines and mailboxes. For decoy i a bias p_i is
drawn from the arcsine law cut at `CUT` (G. Tardos, 2003), and each hand-over gets variant 1 with
probability p_i, else 0. All draws are HMAC outputs under the trace key: nothing but the key and the
list of decoys has to be kept. In a leaked copy a decoy shows variant 0, variant 1, or neither (the
row is gone) or both (copies were merged): the last two are erasures and count for nothing.

Score of a hand-over: the likelihood ratio of the interleaving attack by c people (T. Laarhoven,
2014), averaged over c = 1…`MOST`. Whatever colluders do, an innocent's bits are independent of the leak,
and each factor has mean 1 under them: the score is an e-value, and by Markov's inequality an innocent
reaches e^s with probability at most e^-s. Among n hand-overs the bound stated is n·e^-s.
"""

import csv
import hashlib
import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jiedun.errors import InputError, UnreadableFile, VaultError

CUT = 1 / 300
MOST = 5
POSITIONS = 3000
BOUND = 1e-4
ERASED = -1
Mac = Callable[[bytes], bytes]
Bits = NDArray[np.int8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Decoy:
    """One decoy: an id and its two variants as they stand in a handed-over file (a mailbox or a
    number that the operator owns)."""

    id: str
    zero: str
    one: str


@dataclass(frozen=True, slots=True)
class Accused:
    """One hand-over: the log of its score, and the bound on accusing it, or any other, wrongly.
    `named` is whether that bound is below what was asked for."""

    handover: str
    score: float
    bound: float
    named: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What a leak says: decoys that show one variant, both, or none; hand-overs by score."""

    shown: int
    both: int
    gone: int
    accused: tuple[Accused, ...]

    @property
    def named(self) -> tuple[str, ...]:
        """The hand-overs that may be named."""
        return tuple(a.handover for a in self.accused if a.named)


def _uniform(mac: Mac, label: str, count: int) -> Floats:
    """`count` numbers in (0, 1), drawn by HMAC in counter mode from the label."""
    seed = mac(label.encode())
    raw = hashlib.shake_256(seed).digest(8 * count)
    return (np.frombuffer(raw, dtype=">u8").astype(np.float64) + 0.5) / 2.0**64


def biases(mac: Mac, campaign: str, count: int) -> Floats:
    """The bias of each decoy of a campaign."""
    low, high = math.asin(math.sqrt(CUT)), math.asin(math.sqrt(1 - CUT))
    spread = low + (high - low) * _uniform(mac, f"bias|{campaign}", count)
    return np.asarray(np.sin(spread) ** 2)


def codeword(mac: Mac, campaign: str, handover: str, bias: Floats) -> Bits:
    """Which variant of each decoy this hand-over carries: 0 or 1."""
    drawn = _uniform(mac, f"word|{campaign}|{handover}", len(bias))
    return np.asarray(drawn < bias, dtype=np.int8)


def scores(words: Bits, leak: Bits, bias: Floats) -> Floats:
    """The log score of each row of `words` (hand-overs by decoys) against the leak, whose entries
    are 0, 1 or `ERASED`."""
    seen = leak != ERASED
    words, leak, bias = words[:, seen], leak[seen], bias[seen]
    if not seen.any():
        return np.zeros(len(words))
    rest = np.where(leak == 1, (1 - bias) / bias, bias / (1 - bias))
    same = words == leak
    logs = [
        np.where(same, np.log1p(rest / c), np.log1p(-1 / c) if c > 1 else -np.inf).sum(axis=1)
        for c in range(1, MOST + 1)
    ]
    return np.asarray(np.logaddexp.reduce(logs, axis=0) - math.log(MOST))


def accuse(names: Sequence[str], values: Floats, bound: float = BOUND) -> tuple[Accused, ...]:
    """The hand-overs by score, highest first, with the stated bound on a false accusation."""
    count = len(names)
    found = []
    for name, score in sorted(zip(names, values, strict=True), key=lambda x: -x[1]):
        limit = min(1.0, count * math.exp(-min(float(score), 700.0)))
        found.append(Accused(name, float(score), limit, limit <= bound))
    return tuple(found)


def trace(
    mac: Mac,
    campaign: str,
    decoys: Sequence[Decoy],
    handovers: Sequence[str],
    values: Iterable[str],
    bound: float = BOUND,
) -> Trace:
    """What the values found in a leak say about these hand-overs. VaultError without hand-overs or
    decoys, or where two variants read the same."""
    if not decoys or not handovers:
        raise VaultError("nothing was handed over under this campaign")
    leak, both = _leak(decoys, values)
    bias = biases(mac, campaign, len(decoys))
    words = np.stack([codeword(mac, campaign, h, bias) for h in handovers])
    shown = int((leak != ERASED).sum())
    accused = accuse(handovers, scores(words, leak, bias), bound)
    return Trace(shown, both, len(decoys) - shown - both, accused)


def _leak(decoys: Sequence[Decoy], values: Iterable[str]) -> tuple[Bits, int]:
    where: dict[str, tuple[int, int]] = {}
    for number, decoy in enumerate(decoys):
        for variant, value in enumerate((decoy.zero, decoy.one)):
            if where.setdefault(plain(value), (number, variant)) != (number, variant):
                raise VaultError("two variants of decoys read the same", where=decoy.id)
    seen: dict[int, set[int]] = {}
    for value in values:
        hit = where.get(plain(value))
        if hit is not None:
            seen.setdefault(hit[0], set()).add(hit[1])
    leak = np.full(len(decoys), ERASED, dtype=np.int8)
    for number, variants in seen.items():
        if len(variants) == 1:
            leak[number] = next(iter(variants))
    return leak, sum(len(v) == 2 for v in seen.values())


def plain(value: str) -> str:
    """The form in which values are compared: NFKC, lower case, without spaces, dashes and +86."""
    text = unicodedata.normalize("NFKC", value).casefold()
    text = "".join(c for c in text if not c.isspace() and c not in "-()'\"")
    bare = text.removeprefix("+86").removeprefix("0086")
    return bare if bare.isdigit() else text


def mark(mac: Mac, campaign: str, handover: str, decoys: Sequence[Decoy]) -> list[str]:
    """The variant of each decoy that goes into this hand-over's file, in the decoys' order."""
    word = codeword(mac, campaign, handover, biases(mac, campaign, len(decoys)))
    return [d.one if bit else d.zero for d, bit in zip(decoys, word, strict=True)]


def make_decoys(domain: str, count: int, mac: Mac, campaign: str) -> list[Decoy]:
    """Decoys on mailboxes of a domain that the operator owns (catch-all): names like any other.
    VaultError for a domain without a dot."""
    if "." not in domain or not domain.isascii():
        raise VaultError("decoys need a mail domain that you own", where=domain[:40])
    made = []
    for number in range(count):
        raw = mac(f"decoy|{campaign}|{number}".encode())
        names = [_mailbox(raw[:8]), _mailbox(raw[8:16])]
        made.append(Decoy(f"{campaign}-{number}", *(f"{name}@{domain}" for name in names)))
    return made


_SYLLABLES = [
    "li",
    "wang",
    "zhang",
    "liu",
    "chen",
    "yang",
    "zhao",
    "huang",
    "zhou",
    "wu",
    "xu",
    "sun",
    "hu",
    "zhu",
    "gao",
    "lin",
    "he",
    "guo",
    "ma",
    "luo",
    "liang",
    "song",
    "zheng",
    "xie",
    "han",
    "tang",
    "feng",
    "yu",
    "dong",
    "xiao",
    "cheng",
    "cao",
    "yuan",
    "deng",
    "fu",
    "shen",
    "zeng",
    "peng",
]


def _mailbox(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    words = []
    for _ in range(2):
        number, at = divmod(number, len(_SYLLABLES))
        words.append(_SYLLABLES[at])
    return "".join(words) + f"{number % 10**7:07}"


def read_leak(path: Path) -> list[str]:
    """Every cell of a CSV file (UTF-8 or GB18030), of any shape. UnreadableFile where it is not
    text; a cell over 128 KiB ends its row."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile("the file cannot be read", where=path.name) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableFile("neither UTF-8 nor GB18030 text", where=path.name)
    return [cell for row in _rows(text.replace("\0", ""), path.name) for cell in row]


def _rows(text: str, where: str) -> Iterable[list[str]]:
    reader = csv.reader(text.splitlines())
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                "a row of the leak cannot be read", where=f"{where}#{reader.line_num}"
            ) from error
