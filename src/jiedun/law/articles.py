"""The held texts: articles by instrument and number, and those that are one text without numbers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from jiedun.law._data import Once, day, rows_of, text_of


@dataclass(frozen=True, slots=True)
class _Texts:
    by_key: Mapping[tuple[str, str | None], str]
    numbers: Mapping[str, tuple[str, ...]]


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
    return _texts().by_key.get((instrument, article))


def article_numbers(instrument: str) -> tuple[str, ...]:
    """The numbers of the articles held, in the order of the text; empty for an unnumbered one."""
    return _texts().numbers.get(instrument, ())


def article_dates(instrument: str, article: str | None) -> ArticleDates | None:
    """The article's own dates where they differ from its instrument's, else None."""
    return _dates().get((instrument, article or ""))


def _load() -> _Texts:
    by_key: dict[tuple[str, str | None], str] = {}
    numbers: dict[str, list[str]] = {}
    for line in text_of("articles.jsonl").split("\n"):
        if line:
            row = json.loads(line)
            by_key[row["instrument"], row["article"]] = row["text"]
            if row["article"] is not None:
                numbers.setdefault(row["instrument"], []).append(row["article"])
    return _Texts(by_key, {key: tuple(value) for key, value in numbers.items()})


def _load_dates() -> dict[tuple[str, str], ArticleDates]:
    return {
        (row["instrument"], row["article"]): ArticleDates(
            date.fromisoformat(row["text_from"]), day(row["article_from"]), row["basis"]
        )
        for row in rows_of("article_dates.csv")
    }


_texts = Once(_load)
_dates = Once(_load_dates)
