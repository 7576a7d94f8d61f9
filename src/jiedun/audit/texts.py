"""The words of contacts read in batches by the fast reader: what is said, numbered."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from jiedun.audit.sources.interface import text
from jiedun.model.evidence import Channel
from jiedun.model.reading import Label, Message
from jiedun.reading import conduct, talk
from jiedun.rules.contact_facts import says_about_debt

BATCH = 4096
REMEMBERED = 1 << 16
Text = tuple[int, str, str | None, str]
"""`seq, channel, role, text` of a row."""
_RECIPIENT = {"debtor": "debtor", "guarantor": "guarantor"}
FLAGS = ("about_debt", "is_notice", "asks_identity", "refuses_identity", "refuses_contact")


def read_texts(db: duckdb.DuckDBPyConnection, where: str) -> bool:
    """Whether any row that `where` picks from `raw` has words.

    `sayings` then lists what is said, each once under a number (`no`); `said_in` says which it is of
    each row (`seq`), and `said` shows both together (`seq_` and the facts).
    """
    query = (
        f"SELECT seq, channel, role, text FROM raw WHERE text IS NOT NULL AND {where} ORDER BY seq"
    )
    found = db.execute(query).fetchmany(BATCH)
    sayings = Sayings()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.csv"
        with path.open("w", encoding="ascii") as stream:
            some = bool(found)
            while found:
                stream.writelines(f"{seq},{no}\n" for seq, no in sayings.numbered(found))
                found = db.fetchmany(BATCH)
        db.execute(
            f"CREATE OR REPLACE TEMP TABLE said_in AS SELECT * FROM read_csv({text(str(path))}, "
            "auto_detect = false, header = false, columns = {seq: 'BIGINT', no: 'BIGINT'})"
        )
    _list(db, sayings)
    return some


def _list(db: duckdb.DuckDBPyConnection, sayings: "Sayings") -> None:
    labels = [f"says_{label.value} BIGINT" for label in Label]
    columns = ["no BIGINT", *labels, *(f"{name} BOOLEAN" for name in FLAGS)]
    db.execute(f"CREATE OR REPLACE TEMP TABLE sayings ({', '.join(columns)})")
    rows = [(no, *facts) for facts, no in sayings.numbers.items()]
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        marks = ", ".join([f"({', '.join('?' * len(columns))})"] * len(part))
        db.execute(f"INSERT INTO sayings VALUES {marks}", [v for row in part for v in row])
    db.execute(
        "CREATE OR REPLACE TEMP VIEW said AS SELECT i.seq AS seq_, s.* EXCLUDE (no) "
        "FROM said_in AS i JOIN sayings AS s USING (no)"
    )


class Sayings:
    """Numbers for what texts say. The newest wordings are remembered, so that one sent to thousands of
    people is read once; `numbers` are by the facts, in the order of `said_of`."""

    def __init__(self) -> None:
        self.numbers: dict[tuple[Any, ...], int] = {}
        self._held: dict[tuple[str, str, str], int] = {}

    def numbered(self, rows: list[Text]) -> Iterator[tuple[int, int]]:
        """`seq` and number of what each of the rows says."""
        new = {_wording(row): row for row in rows if _wording(row) not in self._held}
        if len(self._held) + len(new) > REMEMBERED:
            self._held.clear()
            new = {_wording(row): row for row in rows}
        for wording, facts in zip(new, said_of(list(new.values())), strict=True):
            told = tuple(facts.values())[1:]
            self._held[wording] = self.numbers.setdefault(told, len(self.numbers))
        for row in rows:
            yield row[0], self._held[_wording(row)]


def _wording(row: Text) -> tuple[str, str, str]:
    """All that a reading hangs on."""
    _, channel, role, words = row
    return channel, _RECIPIENT.get(role or "", "third_party"), words


def said_of(rows: list[Text]) -> Iterator[dict[str, Any]]:
    """What the words of `seq, channel, role, text` do, a row each."""
    messages = [
        Message(str(seq), words, channel, _RECIPIENT.get(role or "", "third_party"))
        for seq, channel, role, words in rows
    ]
    readings = conduct.read(messages, tier="fast", spans=False)
    plains = talk.plain([words for _, _, _, words in rows])
    for (seq, channel, _, _), read, plain in zip(rows, readings, plains, strict=True):
        levels = {label: 2 if label in read.probable else 1 for label in read.possible}
        yield {
            "seq_": seq,
            **{f"says_{label.value}": levels.get(label, 0) for label in Label},
            "about_debt": says_about_debt(levels, Channel(channel)),
            "is_notice": talk.is_notice(plain),
            "asks_identity": talk.asks_identity(plain),
            "refuses_identity": talk.refuses_identity(plain),
            "refuses_contact": talk.refuses_contact(plain),
        }
