"""The room's data files, each parsed once a process."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from jiedun.model.text import Words

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def entries(name: str) -> tuple[dict[str, Any], ...]:
    """The list of entries of `data/<name>.yaml`."""
    return tuple(load(f"data/{name}.yaml"))


@cache
def table(name: str) -> dict[str, Any]:
    """The mapping of `data/<name>.yaml`."""
    return dict(load(f"data/{name}.yaml"))


def load(path: str) -> Any:
    """The parsed YAML file at `path` inside the room."""
    text = files("jiedun.remedies").joinpath(path).read_text("utf-8")
    return yaml.load(text, _LOADER)  # noqa: S506 - a safe loader, in C where built


def words(entry: Mapping[str, str]) -> Words:
    """`{zh: …, en: …}` as words."""
    return Words(entry["zh"], entry["en"])
