"""The borrower's question: who passed my number on?

Reads `registrations.csv` (`date,platform,number,mail,name`: what each platform was given) and
`marketing.csv` (`time,to,name,from,words`: what came afterwards), asks the posterior, and says what
would settle a doubt. A likelihood is no proof: it says whom to ask first (PIPL 45: to whom was it
given?), never that somebody broke the law.
"""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from jiedun import law
from jiedun.case.leak_posterior import Given, Hit, fit, posterior
from jiedun.errors import UnreadableFile
from jiedun.model.finding import Cite
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

_ENCODINGS = ("utf-8-sig", "gb18030")
_NEEDED = {"registrations.csv": {"date", "platform"}, "marketing.csv": {"time", "to"}}


@dataclass(frozen=True, slots=True)
class Suspect:
    """One platform: how likely it passed the details on, which rows fit it, which others fit as
    well whatever came, and what would tell them apart."""

    platform: str
    probability: float
    fits: tuple[int, ...]
    same_as: tuple[str, ...]
    settle: Words


@dataclass(frozen=True, slots=True)
class Answer:
    """Platforms by probability; rows that fit none; rows that could not be read, by file and row."""

    suspects: tuple[Suspect, ...]
    unexplained: tuple[int, ...]
    problems: tuple[str, ...]
    cites: tuple[Cite, ...]


SETTLED = Words(
    "向该平台书面查询：我的信息提供给了谁（个人信息保护法第四十五条）；接到推销时问清对方号码从何而来并录音。",
    "Ask the platform in writing to whom your details were given (PIPL 45); ask callers where they "
    "got the number, and record it.",
)
SAME = Words(
    "这几家拿到的号码、邮箱和称呼完全一样，凭现有材料分不开；今后每家给不同的邮箱别名或称呼。",
    "These were given the same number, mailbox and name: what is here cannot tell them apart; give "
    "each a mail alias or a spelling of its own from now on.",
)


def ask(folder: Path, now: datetime, seed: int = 7, sweeps: int = 800) -> Answer:
    """Who passed the details on, as far as two tables in `folder` can tell. UnreadableFile where
    one is missing or lacks its columns; rows that cannot be read are named and left out."""
    problems: list[str] = []
    known = _registrations(folder, problems)
    addresses = sorted({a for one in known.values() for a in one.reach})
    hits = _hits(folder, addresses, problems)
    end = max([now.timestamp(), *(h.day * 86400 for h in hits.values())]) / 86400
    given = [_given(one, addresses) for one in known.values()]
    start = min([end - 1, *(g.day for g in given)])
    kinds = ["mail" if "@" in a else "number" for a in addresses]
    rng = np.random.default_rng(seed)
    chance = posterior(given, list(hits.values()), kinds, (start, end), rng, sweeps)
    suspects = [
        _suspect(name, float(p), one, known, hits, given[i])
        for i, ((name, one), p) in enumerate(zip(known.items(), chance, strict=True))
    ]
    lone = tuple(n for n, h in hits.items() if not any(fit(g, h) > 0.5 for g in given))
    cite = law.cite("pipl", "45", now.astimezone(SHANGHAI).date())
    ordered = sorted(suspects, key=lambda s: -s.probability)
    return Answer(tuple(ordered), lone, tuple(problems), (cite,) if cite else ())


@dataclass(frozen=True, slots=True)
class _Registration:
    day: float
    reach: frozenset[str]
    name: str | None


def _suspect(
    name: str,
    chance: float,
    one: _Registration,
    known: Mapping[str, _Registration],
    hits: Mapping[int, Hit],
    given: Given,
) -> Suspect:
    same = tuple(
        n for n, o in known.items() if n != name and (o.reach, o.name) == (one.reach, one.name)
    )
    fits = tuple(row for row, hit in hits.items() if fit(given, hit) > 0.5)
    return Suspect(name, chance, fits, same, SAME if same and chance > 0.02 else SETTLED)


def _rows(folder: Path, name: str) -> Sequence[Mapping[str, str]]:
    try:
        raw = (folder / name).read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "这张表读不到 / this table cannot be read",
            where=name,
            next_step="见 jiedun leak --help",
        ) from error
    for encoding in _ENCODINGS:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableFile("不是 UTF-8 或 GB18030 文本 / not text", where=name)
    try:
        rows = list(csv.DictReader(io.StringIO(text.replace("\0", ""), newline="")))
    except csv.Error as error:
        raise UnreadableFile("这张表读不了 / not a CSV table", where=name) from error
    if rows and not _NEEDED[name] <= set(rows[0]):
        lacking = ", ".join(sorted(_NEEDED[name] - set(rows[0])))
        raise UnreadableFile(f"缺少列 / columns lacking: {lacking}", where=name)
    return [{str(k): str(v or "").strip() for k, v in row.items()} for row in rows]


def _day(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    return found.timestamp() / 86400


def plain(value: str) -> str:
    """The form in which addresses are compared: NFKC, lower case, no spaces, dashes or +86."""
    text = unicodedata.normalize("NFKC", value).casefold()
    text = "".join(c for c in text if not c.isspace() and c not in "-()")
    return text.removeprefix("+86").removeprefix("0086")


def _registrations(folder: Path, problems: list[str]) -> dict[str, _Registration]:
    found: dict[str, _Registration] = {}
    for number, row in enumerate(_rows(folder, "registrations.csv"), 2):
        day, platform = _day(row["date"]), row["platform"]
        reach = frozenset(plain(row.get(k, "")) for k in ("number", "mail")) - {""}
        if day is None or not platform or not reach or platform in found:
            problems.append(f"registrations.csv#{number}")
            continue
        found[platform] = _Registration(day, reach, row.get("name") or None)
    return found


def _hits(folder: Path, addresses: Sequence[str], problems: list[str]) -> dict[int, Hit]:
    index = {a: i for i, a in enumerate(addresses)}
    found = {}
    for number, row in enumerate(_rows(folder, "marketing.csv"), 2):
        day, to = _day(row["time"]), index.get(plain(row["to"]))
        if day is None or to is None:
            problems.append(f"marketing.csv#{number}")
            continue
        found[number] = Hit(day, to, row.get("name") or None)
    return found


def _given(one: _Registration, addresses: Sequence[str]) -> Given:
    reach = frozenset(addresses.index(a) for a in one.reach)
    return Given(one.day, reach, one.name)
