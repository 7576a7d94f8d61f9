"""YAML as the rulebook reads it: exact numbers, no second meaning for words, each key once.

Numbers with a point are `Decimal`. Only `true` and `false` are truth values (`on`, `no` are texts),
and `22:00` is a text, not a number to the base 60.
"""

import re
from collections.abc import Hashable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from jiedun.errors import Place, RuleError
from jiedun.model.text import Words


class _Loader(yaml.CSafeLoader):
    """The safe loader, exact in its numbers and strict about repeated keys; `file` is for errors."""

    file = ""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise RuleError(
                    f"the key {key.value!r} stands twice",
                    where=Place(self.file, f"line {key.start_mark.line + 1}"),
                    next_step="keep one of the two",
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _decimal(loader: _Loader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(str(node.value))


_PLAIN = {
    "tag:yaml.org,2002:bool": (r"true|false", "tf"),
    "tag:yaml.org,2002:int": (r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    "tag:yaml.org,2002:float": (r"[-+]?[0-9]+\.[0-9]+", "-+0123456789"),
}


def _plain_resolvers() -> None:
    _Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in _PLAIN]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }
    for tag, (pattern, first) in _PLAIN.items():
        _Loader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), list(first))


_plain_resolvers()
_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_yaml(path: Path) -> Any:
    """The decoded content of one YAML file; `RuleError` names the file and line when it is bad."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RuleError(
            "the file cannot be read", where=path.name, why=type(error).__name__
        ) from error
    return parse_yaml(text, path.name)


def parse_yaml(text: str, name: str) -> Any:
    """The decoded content of YAML `text`; `name` stands in errors."""
    loader = _Loader(text)
    loader.file = name
    try:
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(
            "this is not YAML", where=Place(name, f"line {line}"), why=str(error.problem or "")
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, ArithmeticError) as error:
        raise RuleError("this is not YAML", where=name, why=str(error)) from error
    finally:
        loader.dispose()


def words(value: object, where: Place) -> Words:
    """`{zh, en}` as `Words`; both languages must be there and not empty."""
    if isinstance(value, dict) and set(value) == {"zh", "en"}:
        zh, en = value["zh"], value["en"]
        if isinstance(zh, str) and isinstance(en, str) and zh.strip() and en.strip():
            return Words(zh=zh.strip(), en=en.strip())
    raise RuleError(
        "text must be given in both languages", where=where, next_step="write {zh: …, en: …}"
    )
