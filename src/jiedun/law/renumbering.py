"""Which article became which when a law was revised: by comparison of texts, partly by hand."""

from collections.abc import Mapping
from dataclasses import dataclass

from jiedun.law._data import Once, rows_of
from jiedun.law.register import instrument, preceded_by

Reference = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Renumbering:
    """One row: an old article, the new one (None = no counterpart), and how alike they are.

    `similarity` is 0..1 over the characters, None where the article is new; `status` says whether
    it is unchanged, amended, or was paired by hand.
    """

    old: Reference
    new: Reference
    similarity: float | None
    status: str


@dataclass(frozen=True, slots=True)
class _Tables:
    rows: tuple[Renumbering, ...]
    pairs: frozenset[tuple[str, str]]
    by_old: Mapping[Reference, Renumbering]
    by_new: Mapping[Reference, Renumbering]


def renumberings() -> tuple[Renumbering, ...]:
    """Every row of the table."""
    return _tables().rows


def successor(instrument_id: str, article: str | None) -> Reference | None:
    """Where an article's matter stands in the version that replaced this one.

    The article is None where only the instrument is known; the whole is None where nothing
    replaced it, or where the article has no counterpart.
    """
    later = instrument(instrument_id).superseded_by
    if later is None:
        return None
    tables = _tables()
    if article is None or (instrument_id, later) not in tables.pairs:
        return later, None
    row = tables.by_old.get((instrument_id, article))
    return row.new if row is not None and row.new[1] is not None else None


def predecessor(instrument_id: str, article: str | None) -> Reference | None:
    """Where an article's matter stood in the version before; the most similar of several."""
    earlier = preceded_by(instrument_id)
    if earlier is None:
        return None
    tables = _tables()
    if article is None or (earlier, instrument_id) not in tables.pairs:
        return earlier, None
    row = tables.by_new.get((instrument_id, article))
    return row.old if row is not None and row.old[1] is not None else None


def _load() -> _Tables:
    rows = tuple(map(_row, rows_of("renumbering.csv")))
    ordered = sorted(rows, key=lambda row: row.similarity or 0.0)
    return _Tables(
        rows=rows,
        pairs=frozenset((row.old[0], row.new[0]) for row in rows),
        by_old={row.old: row for row in ordered},
        by_new={row.new: row for row in ordered},
    )


def _row(cells: Mapping[str, str]) -> Renumbering:
    return Renumbering(
        (cells["old_statute"], cells["old_article"] or None),
        (cells["new_statute"], cells["new_article"] or None),
        float(cells["similarity"]) if cells["similarity"] else None,
        cells["status"],
    )


_tables = Once(_load)
