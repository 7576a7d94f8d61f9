"""Reads the fields of one mapping of a pack, strictly: unknown keys and wrong types are refused."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from jiedun.errors import Place, RuleError
from jiedun.model.text import Words
from jiedun.rules.exact_yaml import words

E = TypeVar("E", bound=StrEnum)
_MISSING = object()


class Fields:
    """One mapping with the place it stands at. Every reader names the key when it refuses."""

    def __init__(
        self, data: object, where: Place, *, needed: Iterable[str], allowed: Iterable[str]
    ) -> None:
        self.where = where
        if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
            raise RuleError("this must be a mapping with named fields", where=where)
        self.data: Mapping[str, Any] = data
        self._check_keys(set(needed), set(needed) | set(allowed))

    def _check_keys(self, needed: set[str], known: set[str]) -> None:
        for key in self.data:
            if key not in known:
                close = get_close_matches(key, sorted(known), n=1)
                hint = (
                    f"did you mean {close[0]}?" if close else f"known: {', '.join(sorted(known))}"
                )
                raise RuleError(f"the key {key!r} is not known", where=self.where, next_step=hint)
        absent = sorted(needed - set(self.data))
        if absent:
            raise RuleError(f"{', '.join(absent)} must be given", where=self.where)

    def at(self, key: str) -> Place:
        """The place of one field."""
        return Place(self.where.path, f"{self.where.at}.{key}" if self.where.at else key)

    def refuse(self, key: str, what: str, next_step: str = "") -> NoReturn:
        """Raises `RuleError` for one field."""
        raise RuleError(f"{key} {what}", where=self.where, next_step=next_step)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.data.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse(key, "must be a text", "put it in quotation marks if it is a number")
        return value.strip()

    def text_or_none(self, key: str) -> str | None:
        """A text, or None where it is null or absent."""
        return None if self.data.get(key) is None else self.text(key)

    def words(self, key: str) -> Words:
        """A text in both languages."""
        return words(self.data.get(key), self.at(key))

    def words_or_none(self, key: str) -> Words | None:
        """A text in both languages, or None where it is null or absent."""
        return None if self.data.get(key) is None else self.words(key)

    def day(self, key: str) -> date | None:
        """A day, or None where it is null or absent."""
        value = self.data.get(key)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            self.refuse(key, "must be a day", "write 2025-02-28, or null for always")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        value = self.data.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.refuse(key, f"must be an integer from {low} to {high}")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """A truth value."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def one_of(self, key: str, kind: type[E], default: E | None = None) -> E:
        """One member of an enumeration."""
        value = self.data.get(key, _MISSING)
        if value is _MISSING and default is not None:
            return default
        if not isinstance(value, str) or value not in list(kind):
            self.refuse(key, "is not known", f"use one of {', '.join(kind)}")
        return kind(value)

    def listed(self, key: str) -> list[Any]:
        """A list; empty where the key is absent."""
        value = self.data.get(key, [])
        if not isinstance(value, list):
            self.refuse(key, "must be a list")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        """A list of different texts."""
        value = self.listed(key)
        if not all(isinstance(item, str) and item for item in value) or len(set(value)) < len(
            value
        ):
            self.refuse(key, "must be a list of different texts")
        return tuple(value)

    def members(self, key: str, kind: type[E]) -> frozenset[E]:
        """A list of different members of an enumeration."""
        for name in self.names(key):
            if name not in list(kind):
                self.refuse(key, f"holds {name!r}", f"use {', '.join(kind)}")
        return frozenset(kind(name) for name in self.names(key))
