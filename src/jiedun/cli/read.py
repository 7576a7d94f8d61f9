"""`jiedun read [FILE.jsonl|-]`: what messages say."""

import argparse
from collections.abc import Callable
from pathlib import Path

from jiedun.cli._lines import Lines, batches, line, opened, written
from jiedun.cli.main import Exit
from jiedun.model.reading import Message, Reading
from jiedun.reading.conduct import read

EXAMPLE = """例 / example:
  echo '{"id":"1","channel":"sms","recipient":"debtor","text":"今天不还就去你单位"}' | jiedun read -
一行一条 / one message a line: {"id","channel": sms|chat|call,"recipient": debtor|third_party|guarantor,"text"}
labels = 可能 / at or above possible; probable = 较有把握 / the surer ones."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's words."""
    parser.add_argument("file", nargs="?", default="-", help="JSON lines, - = stdin")
    parser.add_argument("--out", type=Path, help="写到文件 / write to a file")
    parser.add_argument("--tier", choices=("fast", "deep"), default="deep", help="快 / 准")
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        help="再问你自己运行的模型（OpenAI 兼容，…/v1）；个人信息先遮盖 / also ask a model you run, masked",
    )
    parser.add_argument("--model", default="default", help="模型名 / the model's name")
    parser.add_argument("--key-file", type=Path, help="密钥文件 / file holding the key")
    parser.add_argument(
        "--unmasked", action="store_true", help="不遮盖就发出去 / send the texts unmasked"
    )


def run(args: argparse.Namespace) -> int:
    """0, or 3 when some line could not be used."""
    lines = Lines(args.file)
    reader = _reader(args)
    with opened(args.file) as stream, written(args.out) as out:
        for rows in batches(lines.rows(stream)):
            for reading in reader([_message(r) for r in rows]):
                out.write(line(_row(reading)))
    return Exit.PARTLY if lines.bad else Exit.DONE


def _reader(args: argparse.Namespace) -> Callable[[list[Message]], list[Reading]]:
    if args.endpoint is None:
        return lambda messages: read(messages, tier=args.tier)
    from jiedun.reading import remote

    key = None
    if args.key_file is not None:
        with opened(str(args.key_file)) as stream:
            key = stream.read().decode("utf-8", "replace").strip()
    endpoint = remote.Endpoint(args.endpoint, args.model, key, args.unmasked)
    return lambda messages: remote.read(messages, endpoint)


def _message(row: dict[str, object]) -> Message:
    channel, recipient = row.get("channel") or "sms", row.get("recipient") or "debtor"
    return Message(str(row["id"]), str(row["text"]), str(channel), str(recipient))


def _row(reading: Reading) -> dict[str, object]:
    return {
        "id": reading.id,
        "labels": sorted(reading.possible),
        "probable": sorted(reading.probable),
        "scores": {str(k): round(v, 4) for k, v in reading.scores.items()},
        "spans": [{"label": str(s.label), "start": s.start, "end": s.end} for s in reading.spans],
    }
