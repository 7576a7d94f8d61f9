"""`jiedun law`: one clause as in force on a day, one act, the list of acts, or look-ups in bulk."""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from jiedun import law
from jiedun.errors import UsageError
from jiedun.model.finding import Force
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI

EXAMPLE = """例 / examples:
  jiedun law                                  有哪些法规 / the acts held and known
  jiedun law pipl                             一部法规的日期和条目 / one act
  jiedun law pipl#23 --on 2025-06-01          某日有效的一条 / a clause on a day
  jiedun law 刑法#第二百九十三条之一           名称或编号，条号怎么写都行 / title or id, any spelling of the number
  jiedun law - < asked.jsonl                  成批查 / in bulk: {"id","instrument","article","on"}"""

_FORCE = {
    Force.CRIMINAL_LAW: Words("刑法", "criminal law"),
    Force.LAW: Words("法律", "law"),
    Force.REGULATION: Words("行政法规、规章或规范性文件", "regulation"),
    Force.JUDICIAL_INTERPRETATION: Words("司法解释、立法解释", "judicial interpretation"),
    Force.JUDICIAL_POLICY: Words("司法文件", "judicial policy"),
    Force.STANDARD: Words("推荐性标准（本身不是违法依据）", "recommended standard, not law"),
    Force.SELF_DISCIPLINE: Words("行业自律（只约束会员）", "self-discipline, members only"),
    Force.ADVISORY: Words("提示", "advisory"),
}
_ANSWER = {
    True: Words("当日有效", "in force that day"),
    False: Words("当日没有效力", "not in force that day"),
    None: Words("当日的文本未收录或无法确定，待核实", "text of that day not held; to be checked"),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's own arguments."""
    parser.add_argument(
        "what",
        nargs="?",
        default="",
        metavar="法规[#条]|-",
        help="ACT, ACT#ARTICLE, or - for stdin",
    )
    parser.add_argument(
        "--on", metavar="YYYY-MM-DD", help="哪一天（默认今天，北京时间）/ which day"
    )


def run(args: argparse.Namespace) -> int:
    """0 answered; 3 some lines of the bulk input could not be read. Errors: LawError, UsageError."""
    on = _day(args.on)
    if args.what == "-":
        return _bulk(on)
    asked, sharp, article = args.what.partition("#")
    if not asked:
        _show(args, _list_json(), _list_lines(args.lang))
        return 0
    act = law.named(asked.strip(), on).id
    if sharp and article.strip():
        found = law.clause(act, article, on)
        _show(args, _clause_json(found, on), _clause_lines(found, on, args.lang))
    elif law.article_numbers(act) or law.instrument(act).held == "none":
        _show(args, _act_json(act, on), _act_lines(act, on, args.lang))
    else:
        found = law.clause(act, None, on)
        _show(args, _clause_json(found, on), _clause_lines(found, on, args.lang))
    return 0


def _day(text: str | None) -> date:
    if text is None:
        return datetime.now(SHANGHAI).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--on {text[:20]}: 不是日期 / not a date (YYYY-MM-DD)") from None


def _bulk(today: date) -> int:
    partly = False
    for answer in law.answers(sys.stdin.buffer, today):
        sys.stdout.buffer.write(answer.line.encode("utf-8", "backslashreplace") + b"\n")
        partly = partly or not answer.ok
    sys.stdout.buffer.flush()
    return 3 if partly else 0


def _show(args: argparse.Namespace, data: Any, lines: Sequence[str]) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=2) if args.json else "\n".join(lines)
    print(text)


def _list_json() -> list[dict[str, Any]]:
    return [_about(act) for act in law.instruments()]


def _list_lines(lang: str) -> list[str]:
    width = max(len(act.id) for act in law.instruments()) + 2
    lines = [
        f"{act.id:<{width}}{_span(act.effective_from, act.effective_to)}  "
        f"{_held(act).of(lang):<4}  {act.title.of(lang)}"
        for act in law.instruments()
    ]
    note = Words(
        f"数据截至 {law.as_of()}。“无文”：知其存在，未收录原文，引用时标“待核实”。",
        f"Kept up to {law.as_of()}. 'none': known, text not held, cited as to be checked.",
    )
    return [*lines, "", note.of(lang)]


def _about(act: law.Instrument) -> dict[str, Any]:
    return {
        "instrument": act.id,
        "title": {"zh": act.title.zh, "en": act.title.en},
        "issuer": act.issuer,
        "document_no": act.document_no,
        "promulgated": act.promulgated,
        "effective_from": _iso(act.effective_from),
        "effective_to": _iso(act.effective_to),
        "force": act.force.value,
        "binds": list(act.binds),
        "members": act.members,
        "held": act.held,
        "verified": act.verified,
        "confidence": act.confidence,
        "source": act.source,
        "note": {"zh": act.note.zh, "en": act.note.en} if act.note else None,
    }


def _act_json(act_id: str, on: date) -> dict[str, Any]:
    act = law.instrument(act_id)
    articles = list(law.article_numbers(act_id))
    return {**_about(act), "on": on.isoformat(), "in_force": act.in_force(on), "articles": articles}


def _act_lines(act_id: str, on: date, lang: str) -> list[str]:
    act = law.instrument(act_id)
    numbers = law.article_numbers(act_id)
    applies = {True: _ANSWER[True], False: _ANSWER[False], None: Words("不确定", "not known")}
    lines = [*_head(act, lang), f"{on}: {applies[act.in_force(on)].of(lang)}"]
    if act.note:
        lines.append(f"{Words('说明', 'note').of(lang)}: {act.note.of(lang)}")
    if numbers:
        lines.append(f"{Words('条', 'articles').of(lang)} ({len(numbers)}): {_ranges(numbers)}")
    return lines


def _head(act: law.Instrument, lang: str) -> list[str]:
    first = f"{act.title.of(lang)}  ({act.id})"
    second = [act.issuer, act.document_no, _span(act.effective_from, act.effective_to)]
    return [first, "  ".join(filter(None, second)), _FORCE[act.force].of(lang)]


def _clause_json(found: law.Clause, on: date) -> dict[str, Any]:
    act = law.instrument(found.instrument)
    quoted = law.cite(found.instrument, found.article, on)
    return {
        "instrument": found.instrument,
        "article": found.article,
        "on": on.isoformat(),
        **law.as_json(found),
        "title": {"zh": act.title.zh, "en": act.title.en},
        "force": act.force.value,
        "verified": quoted is not None and quoted.verified,
    }


def _clause_lines(found: law.Clause, on: date, lang: str) -> list[str]:
    act = law.instrument(found.instrument)
    number = f"  {_article(found.article).of(lang)}" if found.article else ""
    lines = [*_head(act, lang), f"{on}{number}: {_ANSWER[found.in_force].of(lang)}"]
    if found.text:
        quoted = law.cite(found.instrument, found.article, on)
        lines += ["", found.text, ""]
        if quoted is None or not quoted.verified:
            lines.append(Words("此条待核实，勿引用。", "To be checked: do not quote.").of(lang))
    if act.held != "none" and found.in_force_from:
        span = _span(found.in_force_from, found.in_force_to)
        lines.append(f"{Words('收录文本的有效期', 'the held text applies').of(lang)}: {span}")
    later, earlier = Words("后续", "now at"), Words("此前", "before at")
    for words, reference in ((later, found.successor), (earlier, found.predecessor)):
        if reference:
            lines.append(f"{words.of(lang)}: {'#'.join(filter(None, reference))}")
    if found.in_force is None and act.note:
        lines.append(f"{Words('说明', 'note').of(lang)}: {act.note.of(lang)}")
    return lines


def _article(number: str) -> Words:
    head, _, tail = number.partition("-")
    return Words(f"第 {head} 条" + (f"之 {tail}" if tail else ""), f"art. {number}")


def _held(act: law.Instrument) -> Words:
    return {
        "full": Words("全文", "full"),
        "excerpt": Words("节选", "part"),
        "none": Words("无文", "none"),
    }[act.held]


def _span(start: date | None, end: date | None) -> str:
    return f"{start or '?'!s:<10} → {end or ''}".rstrip()


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _ranges(numbers: Sequence[str]) -> str:
    """`1-74` for a run without gaps, the numbers themselves where they jump."""
    runs: list[list[str]] = []
    for number in numbers:
        last = runs[-1][-1] if runs else ""
        if last.isdecimal() and number.isdecimal() and int(number) == int(last) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " ".join(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
