"""Rebuilds the law data of the package from a folder of collected texts.

    python scripts/pack_law.py FOLDER [--out DIR]

FOLDER holds lpr.csv, channels.csv, and statutes/ with articles.jsonl, renumbering.csv, INDEX.csv
and one Markdown file with front matter per instrument. Written: articles.jsonl (the articles, and
each instrument without numbered articles as one text with `article` null; every line begins with
its instrument), renumbering.csv, lpr.csv and channels.csv, byte for byte the same for the same
FOLDER. instruments.yaml and article_dates.csv are kept by hand; what of them contradicts FOLDER is
listed, and the exit code is then 1.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

DATA = Path(__file__).resolve().parents[1] / "src/jiedun/law/data"
COPIED = ("lpr.csv", "channels.csv", "statutes/renumbering.csv")
COMPARED = ("title_zh", "title_en", "issuer", "document_no", "promulgated")


def body_of(markdown: str) -> str:
    """The text below the front matter and the title, verbatim, without blank ends."""
    body = markdown.split("\n---\n", 1)[1].strip()
    title, _, text = body.partition("\n")
    return (text if title.startswith("# ") else body).strip()


def article_rows(statutes: Path) -> Iterator[dict[str, str | None]]:
    """The rows of articles.jsonl to be, instruments in the order of INDEX.csv."""
    by_act: dict[str, list[dict[str, str | None]]] = {}
    for line in (statutes / "articles.jsonl").read_text(encoding="utf-8").split("\n"):
        if line:
            row = json.loads(line)
            entry = {
                "instrument": row["statute_id"],
                "article": row["article"],
                "text": row["text"],
            }
            by_act.setdefault(row["statute_id"], []).append(entry)
    for act in index_of(statutes):
        whole = (statutes / f"{act['id']}.md").read_text(encoding="utf-8")
        unnumbered = {"instrument": act["id"], "article": None, "text": body_of(whole)}
        yield from by_act.get(act["id"], [unnumbered])


def index_of(statutes: Path) -> list[dict[str, str]]:
    """The rows of INDEX.csv."""
    with (statutes / "INDEX.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def packed(folder: Path) -> dict[str, bytes]:
    """The bytes of every rebuilt data file by its name."""
    rows = article_rows(folder / "statutes")
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
    files = {"articles.jsonl": "".join(lines).encode()}
    for name in COPIED:
        files[Path(name).name] = (folder / name).read_bytes()
    return files


def differences(folder: Path, register: Path) -> list[str]:
    """What the register says otherwise than INDEX.csv, one line each."""
    data = yaml.safe_load(register.read_text(encoding="utf-8"))
    known = {row["id"]: row for row in data["instruments"]}
    found = []
    for row in index_of(folder / "statutes"):
        act = known.get(row["id"])
        if act is None:
            found.append(f"{row['id']}: not in the register")
            continue
        for field in (*COMPARED, "effective_from", "effective_to"):
            if str(act.get(field) or "") != row[field]:
                found.append(f"{row['id']}: {field} is {act.get(field)}, not {row[field]}")
        if act.get("held") != row["completeness"]:
            found.append(f"{row['id']}: held is {act.get('held')}, not {row['completeness']}")
    return found


def main() -> int:
    """0 when written and nothing contradicts the register."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=DATA)
    args = parser.parse_args()
    for name, content in packed(args.folder).items():
        (args.out / name).write_bytes(content)
    found = differences(args.folder, DATA / "instruments.yaml")
    sys.stderr.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
