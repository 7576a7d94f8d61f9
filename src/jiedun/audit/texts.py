"""The words of contacts read in batches by the fast reader, into the table `said`."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from jiedun.model.evidence import Channel
from jiedun.model.reading import Label, Message
from jiedun.reading import conduct, talk
from jiedun.rules.contact_facts import says_about_debt

BATCH = 4096
_RECIPIENT = {"debtor": "debtor", "guarantor": "guarantor"}
FLAGS = ("about_debt", "is_notice", "asks_identity", "refuses_identity", "refuses_contact")


def read_texts(db: duckdb.DuckDBPyConnection, where: str) -> bool:
    """Whether any row that `where` picks from `raw` has words; `said` then says what they do."""
    query = (
        f"SELECT seq, channel, role, text FROM raw WHERE text IS NOT NULL AND {where} ORDER BY seq"
    )
    found = db.execute(query).fetchmany(BATCH)
    if not found:
        return False
    labels = ", ".join(f"says_{label.value}: 'BIGINT'" for label in Label)
    flags = ", ".join(f"{name}: 'BOOLEAN'" for name in FLAGS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.jsonl"
        with path.open("w", encoding="utf-8") as stream:
            while found:
                stream.writelines(json.dumps(row) + "\n" for row in said_of(found))
                found = db.fetchmany(BATCH)
        db.execute(
            "CREATE OR REPLACE TABLE said AS SELECT * FROM "
            f"read_json('{path}', format = 'newline_delimited', columns = {{seq_: 'BIGINT', {labels}, {flags}}})"
        )
    return True


def said_of(rows: list[tuple[int, str, str, str]]) -> Iterator[dict[str, Any]]:
    """What the words of `seq, channel, role, text` do, a row each."""
    messages = [
        Message(str(seq), text, channel, _RECIPIENT.get(role, "third_party"))
        for seq, channel, role, text in rows
    ]
    readings = conduct.read(messages, tier="fast", spans=False)
    plains = talk.plain([text for _, _, _, text in rows])
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
