"""Personal information in text: numbers by pattern and check digit, names and places by a model."""

from collections.abc import Sequence

from jiedun.model.personal import PersonalType, Span
from jiedun.reading.names import find_names
from jiedun.reading.numbers import find_numbers

__all__ = ["PersonalType", "Span", "find", "find_batch"]


def find(text: str) -> list[Span]:
    """The personal information in one text, sorted, none overlapping."""
    return find_batch([text])[0]


def find_batch(texts: Sequence[str], *, names: bool = True) -> list[list[Span]]:
    """`find` for many texts at once, which is faster; without `names` only the number types."""
    numbers = find_numbers(texts)
    if not names:
        return numbers
    return [_joined(a, b) for a, b in zip(numbers, find_names(texts), strict=True)]


def _joined(numbers: list[Span], names: list[Span]) -> list[Span]:
    """Both, in order; where they overlap the number stays: its check digit is the surer sign."""
    free = [s for s in names if all(s.end <= n.start or n.end <= s.start for n in numbers)]
    return sorted(numbers + free, key=lambda s: s.start)
