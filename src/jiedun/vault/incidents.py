"""Incidents: what was touched, how grave, by when whom to tell, and drafts of what to tell.

The scope is counted from the access log. Grades and clocks are dated data; numbers known from memory
are marked 待核实 and never quoted. Drafts hold what PIPL 57 says a notice must contain; 【】 marks what
a person must fill in. Nothing is sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from jiedun import law
from jiedun.chain.log import entries
from jiedun.errors import VaultError
from jiedun.model.finding import Cite
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.vault.register import Register


class Stage(StrEnum):
    """Where an incident stands; each follows the one before."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    CONTAINED = "contained"
    REPORTED = "reported"
    CLOSED = "closed"


_ORDER = list(Stage)


@dataclass(frozen=True, slots=True)
class Scope:
    """What the access log shows in a window: subjects and fields read in clear or masked, reads in
    all, by whom and for what. Masked reads are counted apart."""

    subjects: frozenset[str]
    fields: Mapping[str, int]
    actors: Mapping[str, int]
    purposes: Mapping[str, int]
    reads: int
    masked: int


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade reached (None below all), with its source and how sure the threshold is."""

    grade: str | None
    title: Words
    instrument: str
    certain: bool


@dataclass(frozen=True, slots=True)
class Deadline:
    """Whom to tell by when: `until` None where the law sets no hours; `certain` False = 待核实."""

    id: str
    whom: Words
    until: datetime | None
    words: Words
    certain: bool
    cite: Cite | None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident: when it was found (the clocks' start), its window, cause, measures, timeline."""

    id: str
    found_at: datetime
    window: tuple[datetime, datetime]
    cause: str
    stage: Stage = Stage.SUSPECTED
    measures: tuple[str, ...] = ()
    timeline: tuple[tuple[datetime, Stage, str], ...] = ()


def advance(incident: Incident, to: Stage, at: datetime, note: str) -> Incident:
    """The incident one stage on. VaultError where a stage is skipped or gone back, the time runs
    back, or it is closed without measures."""
    if _ORDER.index(to) != _ORDER.index(incident.stage) + 1:
        raise VaultError(f"an incident that is {incident.stage} does not become {to}")
    last = incident.timeline[-1][0] if incident.timeline else incident.found_at
    if at < last:
        raise VaultError("the timeline of an incident does not run back")
    if to is Stage.CLOSED and not incident.measures:
        raise VaultError("an incident is not closed without measures taken", why="PIPL 57")
    return replace(incident, stage=to, timeline=(*incident.timeline, (at, to, note)))


def scope(log: Path, window: tuple[datetime, datetime], actors: Iterable[str] = ()) -> Scope:
    """What was read inside the window (both ends included), by these actors or by anybody. The
    chain is checked on the way: ProofError where it is broken."""
    wanted, subjects = set(actors), set[str]()
    fields, people, purposes = dict[str, int](), dict[str, int](), dict[str, int]()
    reads = masked = 0
    for entry in entries(log):
        body = entry.body
        if entry.kind != "read" or body is None or not window[0] <= entry.at <= window[1]:
            continue
        if wanted and body["actor"] not in wanted:
            continue
        shown = {n: g for n, g in body["fields"].items() if g in ("clear", "masked")}
        if not shown:
            continue
        reads += 1
        masked += all(grant == "masked" for grant in shown.values())
        subjects.add(body["subject"])
        for name in shown:
            fields[name] = fields.get(name, 0) + 1
        people[body["actor"]] = people.get(body["actor"], 0) + 1
        purposes[body["purpose"]] = purposes.get(body["purpose"], 0) + 1
    return Scope(frozenset(subjects), fields, people, purposes, reads, masked)


@cache
def _data() -> Mapping[str, Any]:
    raw = resources.files("jiedun.vault").joinpath("data/incidents.yaml").read_text("utf-8")
    found: Mapping[str, Any] = yaml.safe_load(raw)
    return found


def grade(persons: int, on: date) -> Graded:
    """The grade that this number of persons reaches on that day."""
    rows = [g for g in _data()["grades"] if g["from"] <= on and persons >= g["persons"]]
    if not rows:
        words = Words(
            "未达到“较大”的人数线，或当日尚无该标准",
            "below the line for 'serious', or no such line yet",
        )
        return Graded(None, words, "incident-2025", False)
    top = max(rows, key=lambda g: g["persons"])
    sure = top["confidence"] != "memory"
    mark = ("", "") if sure else ("（人数线待核实）", " (the number is to be confirmed)")
    return Graded(
        top["id"], Words(top["zh"] + mark[0], top["en"] + mark[1]), top["instrument"], sure
    )


def deadlines(found_at: datetime, persons: int, roles: Sequence[str] = ()) -> list[Deadline]:
    """Whom to tell by when, in order of time, those without hours first. `roles` may hold
    `critical_infrastructure` and `pboc`. A clock that asks for a grade runs when the number of
    persons reaches it, as far as the thresholds are known."""
    on = found_at.astimezone(SHANGHAI).date()
    reached = grade(persons, on)
    found = []
    for row in _data()["clocks"]:
        if row["from"] > on or ("only" in row and row["only"] not in roles):
            continue
        if "min_grade" in row and reached.grade is None:
            continue
        if row["id"] == "national_other" and "critical_infrastructure" in roles:
            continue
        found.append(_deadline(row, found_at, on, reached))
    start = datetime.min.replace(tzinfo=SHANGHAI)
    return sorted(found, key=lambda d: d.until or start)


def _deadline(row: Mapping[str, Any], found_at: datetime, on: date, reached: Graded) -> Deadline:
    sure = row["confidence"] in ("held", "high") and ("min_grade" not in row or reached.certain)
    until = None if row["hours"] is None else found_at + timedelta(hours=row["hours"])
    mark = ("", "") if sure else ("（待核实）", " (to be confirmed)")
    words = Words(row["zh"] + mark[0], row["en"] + mark[1])
    cite = law.cite(row["instrument"], row["article"], on)
    whom = Words(row["whom"]["zh"], row["whom"]["en"])
    return Deadline(row["id"], whom, until, words, sure, cite)


def notice_to_people(incident: Incident, found: Scope, register: Register) -> str:
    """A draft in plain Chinese with the three things PIPL 57(1) asks for."""
    kinds = _kinds(found, register)
    when = incident.window[0].astimezone(SHANGHAI).strftime("%Y年%m月%d日")
    return "\n".join(
        [
            "关于您的个人信息安全事件的通知（草稿，须经人核对）",
            f"一、发生了什么：{when}前后，您的以下信息可能被泄露、篡改或者丢失：{kinds}。"
            f"原因：{incident.cause or '【请填写】'}。可能造成的危害：【请具体说明，例如冒名、诈骗电话】。",
            f"二、我们做了什么：{_measures(incident)}。您可以做什么：不要相信自称我们的来电索要验证码或转账；"
            "修改密码；留意银行卡变动；必要时报警。",
            f"三、联系我们：{register.handler or '【名称】'}，{register.contact or '【联系方式】'}。",
            "依据：个人信息保护法第五十七条。",
        ]
    )


def report_to_authority(incident: Incident, found: Scope, register: Register) -> str:
    """A draft of the report: what PIPL 57(1) asks for, the count, the grade and the timeline."""
    on = incident.found_at.astimezone(SHANGHAI).date()
    reached = grade(len(found.subjects), on)
    times = [
        f"  {at.astimezone(SHANGHAI):%Y-%m-%d %H:%M} {stage} {note}".rstrip()
        for at, stage, note in incident.timeline
    ]
    clocks = [
        f"  {d.whom.zh}：{d.words.zh}"
        + (f"（{d.until.astimezone(SHANGHAI):%Y-%m-%d %H:%M}前）" if d.until else "")
        for d in deadlines(incident.found_at, len(found.subjects))
    ]
    return "\n".join(
        [
            "个人信息安全事件报告（草稿，须经人核对）",
            f"处理者：{register.handler or '【名称】'}；联系方式：{register.contact or '【联系方式】'}。",
            f"发现时间：{incident.found_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}。",
            f"信息种类：{_kinds(found, register)}；涉及个人：{len(found.subjects)} 人；"
            f"读取 {found.reads} 次，其中全部脱敏 {found.masked} 次（据访问日志）。",
            f"分级：{reached.title.zh}。",
            f"原因：{incident.cause or '【请填写】'}。可能造成的危害：【请填写】。",
            f"已采取的措施：{_measures(incident)}。",
            "经过：",
            *times,
            "时限：",
            *clocks,
        ]
    )


def _kinds(found: Scope, register: Register) -> str:
    names = [register.field(f).title.zh for f in found.fields if f in register.fields]
    return "、".join(names) or "【请填写】"


def _measures(incident: Incident) -> str:
    return "；".join(incident.measures) or "【请填写】"
