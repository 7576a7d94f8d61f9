"""Templates of letters: one YAML file each, both languages beside each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jiedun.errors import UsageError
from jiedun.model.text import Words
from jiedun.remedies._data import load, words

FOLDER = "letters/templates"
TEXT_BLOCKS = ("p", "h", "h2", "note", "warning", "right", "center")
DRAWN = (
    "facts", "offences", "sums", "numbers", "payments", "photos", "schedule", "table", "pieces",
    "clauses", "glossary", "annex", "break",
)  # fmt: skip
KEYS = (*TEXT_BLOCKS, *DRAWN, "list", "bullets", "use", "if")


@dataclass(frozen=True, slots=True)
class Template:
    """One letter as data.

    `per` says how many are written: `creditor` one for each creditor's side, `phone` one for each
    phone of another person, `case` one. `needs` is what must be there for `all` to include it:
    `findings`, `sums`, or nothing. `unattributed`: one more is written about the findings whose
    sender is on nobody's known side.
    """

    id: str
    title: Words
    about: Words
    per: str
    situations: tuple[str, ...]
    needs: str
    violations: tuple[str, ...]
    lenders: tuple[str, ...]
    body: tuple[Mapping[str, Any], ...]
    unattributed: bool = False


@cache
def templates() -> tuple[Template, ...]:
    """Every template, in the order of `templates/_order.yaml`."""
    return tuple(_read(name) for name in load(f"{FOLDER}/_order.yaml"))


def template(ident: str) -> Template:
    """The template of this id; UsageError with all ids where there is none."""
    found = next((t for t in templates() if t.id == ident), None)
    if found is None:
        raise UsageError(
            f"没有这封信 / no such letter: {ident[:60]}",
            next_step="jiedun draft --list: " + ", ".join(t.id for t in templates()),
        )
    return found


@cache
def parts() -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Blocks that several letters use, by name."""
    return {name: tuple(body) for name, body in load(f"{FOLDER}/_parts.yaml").items()}


def expand(body: tuple[Mapping[str, Any], ...]) -> Iterator[Mapping[str, Any]]:
    """The blocks with `use: name` replaced by the part of that name."""
    for block in body:
        if "use" in block:
            yield from expand(parts()[block["use"]])
        else:
            yield block


def template_files() -> tuple[str, ...]:
    """The names of the template files, without extension."""
    folder = files("jiedun.remedies").joinpath(FOLDER)
    names = (f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))
    return tuple(sorted(n for n in names if not n.startswith("_")))


def _read(name: str) -> Template:
    row = load(f"{FOLDER}/{name}.yaml")
    return Template(
        id=name,
        title=words(row["title"]),
        about=words(row["about"]),
        per=row.get("per", "creditor"),
        situations=tuple(row.get("situations", ("collection",))),
        needs=row.get("needs", ""),
        violations=tuple(row.get("violations", ())),
        lenders=tuple(row.get("lenders", ())),
        body=tuple(row["body"]),
        unattributed=bool(row.get("unattributed", False)),
    )
