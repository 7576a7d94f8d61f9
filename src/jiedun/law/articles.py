"""The held texts: articles by instrument and number, and those that are one text without numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from jiedun.law._data import Once, day, rows_of, text_of

_PREFIX = '{"instrument":"'


@dataclass(frozen=True, slots=True)
class ArticleDates:
    """When one article of a consolidated text came about.

    `text_from`: first day on which the held text is shown to be in force;
    `article_from`: first day the article existed, None where that is not established.
    """

    text_from: date
    article_from: date | None
    basis: str


def text_held(instrument: str, article: str | None) -> str | None:
    """The verbatim text of an article (None = of an instrument without numbers), None if not held."""
    return _texts(instrument).get(article)


def article_numbers(instrument: str) -> tuple[str, ...]:
    """The numbers of the articles held, in the order of the text; empty for an unnumbered one."""
    return tuple(number for number in _texts(instrument) if number is not None)


def article_dates(instrument: str, article: str | None) -> ArticleDates | None:
    """The article's own dates where they differ from its instrument's, else None."""
    return _dates().get((instrument, article or ""))


@cache
def _texts(instrument: str) -> Mapping[str | None, str]:
    """The texts of one instrument by number; only its own lines are parsed."""
    rows = map(json.loads, _lines().get(instrument, ()))
    return {row["article"]: row["text"] for row in rows}


def _load_lines() -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for line in text_of("articles.jsonl").split("\n"):
        if line:
            lines.setdefault(line[len(_PREFIX) : line.index('"', len(_PREFIX))], []).append(line)
    return lines


def _load_dates() -> dict[tuple[str, str], ArticleDates]:
    return {
        (row["instrument"], row["article"]): ArticleDates(
            date.fromisoformat(row["text_from"]), day(row["article_from"]), row["basis"]
        )
        for row in rows_of("article_dates.csv")
    }


_lines = Once(_load_lines)
_dates = Once(_load_dates)
