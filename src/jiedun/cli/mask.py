"""`jiedun mask [FILE.jsonl|-]`: the texts with their personal information masked."""

import argparse
from collections.abc import Callable
from pathlib import Path

from jiedun.cli._lines import Lines, batches, line, opened, written
from jiedun.cli.main import Exit
from jiedun.model.personal import PersonalType, Span
from jiedun.reading.masking import masked, pseudonyms, replaced
from jiedun.reading.pii import find_batch

EXAMPLE = """例 / example:
  echo '{"id":"1","text":"电话17000001234"}' | jiedun mask -
  jiedun mask messages.jsonl --pseudonyms key.bin --out masked.jsonl"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's words."""
    parser.add_argument("file", nargs="?", default="-", help="JSON lines, - = stdin")
    parser.add_argument("--out", type=Path, help="写到文件 / write to a file")
    parser.add_argument(
        "--pseudonyms",
        type=Path,
        metavar="KEYFILE",
        help="用密钥文件换成固定化名 / stable pseudonyms by the key in this file",
    )
    parser.add_argument(
        "--only", nargs="+", choices=[t.value for t in PersonalType], help="只遮这些 / these types"
    )


def run(args: argparse.Namespace) -> int:
    """0, or 3 when some line could not be used."""
    lines = Lines(args.file)
    replace = _replacer(args.pseudonyms)
    only = set(args.only or PersonalType)
    with opened(args.file) as stream, written(args.out) as out:
        for rows in batches(lines.rows(stream)):
            found = find_batch([str(r["text"]) for r in rows])
            for row, spans in zip(rows, found, strict=True):
                text = replaced(str(row["text"]), [s for s in spans if s.type in only], replace)
                out.write(line(row | {"text": text}))
    return Exit.PARTLY if lines.bad else Exit.DONE


def _replacer(path: Path | None) -> Callable[[Span], str]:
    if path is None:
        return masked
    with opened(str(path)) as stream:
        return pseudonyms(stream.read())
