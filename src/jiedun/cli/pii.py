"""`jiedun pii [FILE.jsonl|-]`: the personal information in texts."""

import argparse
from pathlib import Path

from jiedun.cli._lines import Lines, batches, line, opened, written
from jiedun.cli.main import Exit
from jiedun.reading.pii import find_batch

EXAMPLE = """例 / example:
  echo '{"id":"1","text":"电话17000001234"}' | jiedun pii -"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's words."""
    parser.add_argument("file", nargs="?", default="-", help="JSON lines, - = stdin")
    parser.add_argument("--out", type=Path, help="写到文件 / write to a file")


def run(args: argparse.Namespace) -> int:
    """0, or 3 when some line could not be used."""
    lines = Lines(args.file)
    with opened(args.file) as stream, written(args.out) as out:
        for rows in batches(lines.rows(stream)):
            found = find_batch([str(r["text"]) for r in rows])
            for row, spans in zip(rows, found, strict=True):
                out.write(line({"id": row["id"], "spans": [_span(s) for s in spans]}))
    return Exit.PARTLY if lines.bad else Exit.DONE


def _span(span: object) -> dict[str, object]:
    return {name: getattr(span, name) for name in ("start", "end", "type", "value", "score")}
