"""`audit.html`: one self-contained page that opens offline, runs no script and asks for nothing.

Everything from data is escaped; numbers and names are masked unless they are asked for.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from jiedun.audit.compare import Comparison
from jiedun.audit.page_words import TOLD, WORDS
from jiedun.audit.review import Reviewed, Sampled
from jiedun.audit.run import Audit
from jiedun.audit.summary import Rate, Summary
from jiedun.audit.totals import ANY
from jiedun.gate.rules import GateRules
from jiedun.model.evidence import Channel
from jiedun.model.finding import Certainty
from jiedun.model.party import Role
from jiedun.model.time import SHANGHAI
from jiedun.present import charts, words
from jiedun.present.escaping import one_line, visible
from jiedun.present.rates import bars_spec, significant, trend_spec
from jiedun.reading.masking import mask

_DIGITS = re.compile(r"\+?\d{7,}[Xx]?")
_WORDS_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on the page beside the audit itself."""

    audit: Audit
    summary: Summary
    sample: Sequence[Sampled] = ()
    comparison: Comparison | None = None
    reviewed: Reviewed | None = None
    show_numbers: bool = False
    problems: Sequence[str] = field(default_factory=tuple)


def render(page: Page, rules: GateRules, lang: str) -> str:
    """The page as text, in `lang` (`zh` or `en`)."""
    lang = "en" if lang == "en" else "zh"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(_text("jiedun.audit", "audit.html"))
    return visible(template.render(
        p=page, a=page.audit, s=page.summary, lang=lang,
        style=Markup(_text("jiedun.present", "templates", "style.css")),  # noqa: S704 our own file
        w={key: said.of(lang) for key, said in WORDS.items()},
        told={key: said.of(lang) for key, said in TOLD.items()},
        force={str(key): said.of(lang) for key, said in words.FORCE.items()},
        sure={str(key): said.of(lang) for key, said in words.CERTAINTY.items()},
        titles=_titles(rules, lang),
        facts={key: fact.label.of(lang) for key, fact in rules.table.facts.items()},
        ANY=ANY, sig=significant, undecided=page.audit.undecided,
        hours=_chart("hours", page.summary.hours, lang), weeks=_chart("weeks", page.summary.weeks, lang),
        hide=str if page.show_numbers else masked,
        say=(lambda text: one_line(text, _WORDS_SHOWN)) if page.show_numbers else _said,
        role=_word(words.ROLE, Role, lang), channel=_word(words.CHANNEL, Channel, lang),
        stamp=_stamp, levels=[str(level) for level in Certainty],
    ))  # fmt: skip


def masked(value: str) -> str:
    """A number as `138****1234`, any other name by its first character: `张*`."""
    if _DIGITS.fullmatch(value):
        return f"{value[:3]}****{value[-4:]}"
    parts = [part[:1] + "*" * min(3, len(part) - 1) for part in re.split(r"[\s/]+", value) if part]
    return " ".join(
        masked(p) if _DIGITS.fullmatch(p) else m
        for p, m in zip(re.split(r"[\s/]+", value), parts, strict=False)
    )


def _said(text: str) -> str:
    return one_line(mask(text), _WORDS_SHOWN)


def _text(package: str, *names: str) -> str:
    return files(package).joinpath(*names).read_text("utf-8")


def _titles(rules: GateRules, lang: str) -> dict[str, str]:
    return {rule.id: rule.title.of(lang) for rule in rules.rules} | {ANY: WORDS["any"].of(lang)}


def _word(said: Any, kind: Callable[[str], Any], lang: str) -> Callable[[str], str]:
    return lambda value: said[kind(value)].of(lang) if value else "?"


def _stamp(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _chart(name: str, rates: Sequence[Rate], lang: str) -> Markup:
    """The rates by hour as bars or by week as a line; empty where there are none."""
    if not any(r.part for r in rates):
        return Markup()
    if name == "hours":
        spec = bars_spec([(r.name, 1000 * r.part / max(1, r.whole)) for r in rates], "")
    else:
        points = [
            (r.name, 1000 * r.part / max(1, r.whole), 1000 * r.low, 1000 * r.high) for r in rates
        ]
        spec = trend_spec(points, "")
    title, said = WORDS[name].of(lang), WORDS["chart"].of(lang)
    return Markup(charts.draw(charts.Chart(name, spec, title, said, charts.width_of(spec))))  # noqa: S704 drawn from numbers
