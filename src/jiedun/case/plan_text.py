"""The plan as text for the screen and as an object for machines."""

from collections.abc import Iterator
from typing import Any

from jiedun.case.filed import as_json as filed_json
from jiedun.case.filed import line_of
from jiedun.case.output import plain
from jiedun.law import Channel
from jiedun.model.text import Words
from jiedun.remedies.channels import where
from jiedun.remedies.ics import CONFIRM
from jiedun.remedies.plan import CAUTIONS
from jiedun.remedies.values import Caution, Due, Fit, Need, Plan, PlanStep

_TITLE = Words("接下来做什么（截至{day}）", "What to do next (as of {day})")
_URGENT = Words("马上做", "At once")
_STEPS = Words("按顺序做", "In this order")
_DUES = Words("日期", "Dates")
_FITS = Words("找谁、为什么", "Where to turn, and why")
_UNFIT = Words("这次用不上的", "Not for this case")
_FILED = Words("已经提交的", "Filed")
_LETTERS = Words("信：", "letters: ")
_MISSING = Words("还缺：", "still missing: ")
_BECAUSE = Words("因为：", "because: ")
_MINE = Words("您的期限", "your date")
_THEIRS = Words("对方应办", "theirs")
_NONE = Words("没有要记的日期。", "No dates to keep.")
_MORE = Words(
    "每个渠道为什么合适、为什么不合适：加 --channels；导出日历：加 --ics",
    "why each channel fits or not: --channels; a calendar file: --ics",
)


def lines(plan: Plan, lang: str, channels: bool = False) -> list[str]:
    """The plan on the screen; with `channels` also why each channel fits or not."""
    text = [_TITLE.of(lang).format(day=plan.as_of), ""]
    text += _section(_URGENT.of(lang), [s for s in plan.steps if s.urgent], lang)
    text += _section(_STEPS.of(lang), [s for s in plan.steps if not s.urgent], lang)
    text += [f"【{_DUES.of(lang)}】", *([_due(d, lang) for d in plan.dues] or [_NONE.of(lang)]), ""]
    for kind, head in CAUTIONS.items():
        text += _cautions(head.of(lang), [c for c in plan.cautions if c.kind == kind], lang)
    if plan.filed:
        text += [f"【{_FILED.of(lang)}】", *(line_of(f, lang) for f in plan.filed), ""]
    if channels:
        text += list(_fit_lines(plan, lang))
    else:
        text.append(_MORE.of(lang))
    return text


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan as an object."""
    return {
        "schema": "jiedun.plan/1",
        "as_of": plan.as_of.isoformat(),
        "situation": plan.kind,
        "steps": [_step_json(s) for s in plan.steps],
        "dates": [_due_json(d) for d in plan.dues],
        "channels": [_fit_json(f) for f in plan.fits],
        "cautions": [
            {"id": c.id, "kind": c.kind, "text": plain(c.text), "why": plain(c.why)}
            for c in plan.cautions
        ],
        "filed": [filed_json(f) for f in plan.filed],
    }


def _section(head: str, steps: list[PlanStep], lang: str) -> list[str]:
    if not steps:
        return []
    text = [f"【{head}】"]
    for n, step in enumerate(steps, start=1):
        text += [f"{n}. {_head(step, lang)}", *(f"   {line}" for line in _about(step, lang))]
    return [*text, ""]


def _head(step: PlanStep, lang: str) -> str:
    clock = f"〔{step.clock.of(lang)}〕" if step.clock else ""
    due = f"〔≤{step.due}〕" if step.due else ""
    return f"{clock}{step.title.of(lang)}{due}"


def _about(step: PlanStep, lang: str) -> Iterator[str]:
    yield step.detail.of(lang)
    if step.because:
        yield _BECAUSE.of(lang) + "、".join(w.of(lang) for w in step.because)
    if step.channel:
        yield f"→ {step.channel.name.of(lang)}：{_where(step.channel, lang)}"
    missing = [n.ask.of(lang) for n in step.needs if not n.have]
    if missing:
        yield _MISSING.of(lang) + "；".join(missing)
    if step.letters:
        yield _LETTERS.of(lang) + " ".join(f"jiedun draft … --letter {i}" for i in step.letters)


def _where(channel: Channel, lang: str) -> str:
    told, to_confirm = where(channel)
    return f"{told.of(lang)}（{CONFIRM.of(lang)}）" if to_confirm else told.of(lang)


def _due(due: Due, lang: str) -> str:
    whose = (_MINE if due.mine else _THEIRS).of(lang)
    confirm = f"〔{CONFIRM.of(lang)}〕" if due.to_confirm else ""
    note = f"（{due.note.of(lang)}）" if due.note else ""
    return f"{due.on}  {whose}：{due.what.of(lang)}  {due.basis.of(lang)}{confirm}{note}"


def _cautions(head: str, found: list[Caution], lang: str) -> list[str]:
    if not found:
        return []
    return [f"【{head}】", *(f"· {c.text.of(lang)}：{c.why.of(lang)}" for c in found), ""]


def _fit_lines(plan: Plan, lang: str) -> Iterator[str]:
    for creditor in dict.fromkeys(f.creditor for f in plan.fits):
        mine = [f for f in plan.fits if f.creditor == creditor]
        yield f"【{_FITS.of(lang)}】{creditor or ''}"
        for fit in mine:
            if fit.fits is not False:
                yield from _fit(fit, lang)
        yield f"【{_UNFIT.of(lang)}】{creditor or ''}"
        yield from (
            f"· {f.channel.name.of(lang)}：{f.why.of(lang)}" for f in mine if f.fits is False
        )
        yield ""


def _fit(fit: Fit, lang: str) -> Iterator[str]:
    mark = "" if fit.fits else "？"
    yield f"· {mark}{fit.channel.name.of(lang)}（{fit.channel.id}）：{fit.why.of(lang)}"
    yield f"   {_where(fit.channel, lang)}"
    if fit.violations:
        yield "   " + _BECAUSE.of(lang) + "、".join(v.of(lang) for v in fit.violations)
    missing = [n.ask.of(lang) for n in fit.needs if not n.have]
    if missing:
        yield "   " + _MISSING.of(lang) + "；".join(missing)


def _step_json(step: PlanStep) -> dict[str, Any]:
    return {
        "id": step.id,
        "title": plain(step.title),
        "detail": plain(step.detail),
        "urgent": step.urgent,
        "clock": plain(step.clock),
        "due": plain(step.due),
        "because": plain(step.because),
        "channel": _channel_json(step.channel) if step.channel else None,
        "letters": list(step.letters),
        "needs": [_need_json(n) for n in step.needs],
    }


def _due_json(due: Due) -> dict[str, Any]:
    return {
        "id": due.id,
        "what": plain(due.what),
        "on": due.on.isoformat(),
        "counted_from": due.counted_from.isoformat(),
        "mine": due.mine,
        "basis": plain(due.basis),
        "quote": due.cite.quote if due.cite else None,
        "to_confirm": due.to_confirm,
        "note": plain(due.note),
    }


def _fit_json(fit: Fit) -> dict[str, Any]:
    return {
        "channel": _channel_json(fit.channel),
        "creditor": fit.creditor,
        "fits": fit.fits,
        "why": plain(fit.why),
        "because": plain(fit.violations),
        "letters": list(fit.letters),
        "needs": [_need_json(n) for n in fit.needs],
    }


def _need_json(need: Need) -> dict[str, Any]:
    return {"id": need.id, "ask": plain(need.ask), "have": need.have}


def _channel_json(channel: Channel) -> dict[str, Any]:
    stated = {
        name: {"text": s.text, "confidence": s.confidence, "to_confirm": s.to_confirm}
        for name in ("phone_or_host", "acceptance_time_limit", "decision_time_limit")
        for s in [getattr(channel, name)]
    }
    return {"id": channel.id, "name": plain(channel.name), **stated}
