"""The room's data files and how they are read: once each, under a lock, from inside the package."""

import csv
from collections.abc import Callable
from datetime import date
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

DATA = Path(__file__).parent / "data"

_T = TypeVar("_T")


class Once(Generic[_T]):
    """Calls `load` at the first use and never again, also when many threads ask at once."""

    def __init__(self, load: Callable[[], _T]) -> None:
        self._load = load
        self._lock = Lock()
        self._value: tuple[_T] | None = None

    def __call__(self) -> _T:
        """What `load` returned."""
        if self._value is None:
            with self._lock:
                if self._value is None:
                    self._value = (self._load(),)
        return self._value[0]


def text_of(name: str) -> str:
    """The text of one data file."""
    return (DATA / name).read_text(encoding="utf-8")


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one CSV data file, by column name."""
    return list(csv.DictReader(StringIO(text_of(name), newline="")))


def day(text: str) -> date | None:
    """The date of an ISO text, None where it is empty."""
    return date.fromisoformat(text) if text else None
