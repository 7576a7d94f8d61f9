"""A checked tree as compiled Python: fast, two-valued inside, three-valued outside.

For every node two expressions are written: when it is true, and when it is false. What is
neither is unknown. Facts are loaded once into local names; literals are names in the module.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jiedun.rules.tree import (
    Among,
    And,
    Compare,
    Flag,
    Named,
    Node,
    Not,
    Null,
    Operand,
    Or,
    Truth,
    Value,
    doubtful,
    facts_of,
)

Row = Mapping[str, Any]
TruthFn = Callable[[Row], bool | None]
MaskFn = Callable[[Row], int]
ScanFn = Callable[[Sequence[Row], Sequence[int], list[int], list[int]], None]

_OPERATORS = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_OPPOSITE = {"=": "!=", "<>": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Source:
    """The Python source of one predicate and the constants it names."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self.names = sorted(facts_of(tree))
        self.constants: dict[str, Value | tuple[Value, ...]] = {}

    # expressions --------------------------------------------------------------------------------

    def constant(self, value: Value | tuple[Value, ...]) -> str:
        if isinstance(value, bool | int):
            return repr(value)
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def operand(self, side: Operand) -> str:
        return _local(side.fact.name) if isinstance(side, Named) else self.constant(side.value)

    def plain(self, node: Node, wanted: bool) -> str:
        """When `node` is `wanted`, all its facts being known."""
        if isinstance(node, And | Or):
            word = " and " if isinstance(node, And) is wanted else " or "
            return "(" + word.join(self.plain(child, wanted) for child in node.nodes) + ")"
        if isinstance(node, Not):
            return self.plain(node.node, not wanted)
        return self.atom(node, wanted)

    def atom(self, node: Flag | Truth | Compare | Among | Null, wanted: bool) -> str:
        if isinstance(node, Truth):
            return repr(node.value is wanted)
        if isinstance(node, Flag):
            return _local(node.fact.name) if wanted else f"not {_local(node.fact.name)}"
        if isinstance(node, Null):
            return f"{_local(node.fact.name)} is {'' if wanted else 'not '}None"
        if isinstance(node, Among):
            word = "in" if wanted else "not in"
            return f"{_local(node.fact.name)} {word} {self.constant(node.values)}"
        sign = (_OPERATORS if wanted else _OPPOSITE)[node.op]
        return f"{self.operand(node.left)} {sign} {self.operand(node.right)}"

    def guarded(self, node: Node, wanted: bool) -> str:
        """When `node` is `wanted`, whatever is known of its facts."""
        if isinstance(node, And | Or):
            word = " and " if isinstance(node, And) is wanted else " or "
            return "(" + word.join(self.guarded(child, wanted) for child in node.nodes) + ")"
        if isinstance(node, Not):
            return self.guarded(node.node, not wanted)
        known = [f"{_local(name)} is not None" for name in sorted(doubtful(node))]
        return "(" + " and ".join([*known, self.atom(node, wanted)]) + ")"

    # functions ----------------------------------------------------------------------------------

    def loads(self, names: Sequence[str], indent: str) -> list[str]:
        return [f"{indent}{_local(name)} = get({name!r})" for name in names]

    def truth(self) -> list[str]:
        lines = ["def truth(row):", "    get = row.get", *self.loads(self.names, "    ")]
        return lines + self.verdict("    ", "return True", "return None", "return False")

    def verdict(self, indent: str, yes: str, unknown: str, no: str) -> list[str]:
        doubtful_names = sorted(_doubtful_below(self.tree))
        lines = [f"{indent}if {self.plain(self.tree, True)}:", f"{indent}    {yes}"]
        if not doubtful_names:
            return [*lines, f"{indent}else:", f"{indent}    {no}"]
        known = " or ".join(f"{_local(name)} is None" for name in doubtful_names)
        return [
            f"{indent}if {known}:",
            f"{indent}    if {self.guarded(self.tree, True)}:",
            f"{indent}        {yes}",
            f"{indent}    elif {self.guarded(self.tree, False)}:",
            f"{indent}        {no}",
            f"{indent}    else:",
            f"{indent}        {unknown}",
            f"{indent}el{lines[0].lstrip()}",
            lines[1],
            f"{indent}else:",
            f"{indent}    {no}",
        ]

    def scan(self) -> list[str]:
        """A loop over many rows that leaves a row at the first part of an AND that is false."""
        lines = ["def scan(rows, indices, hits, doubts):", "    for i in indices:"]
        lines.append("        get = rows[i].get")
        loaded: set[str] = set()
        for part in self.tree.nodes if isinstance(self.tree, And) else ():
            fresh = sorted(facts_of(part) - loaded)
            loaded.update(fresh)
            lines += self.loads(fresh, "        ")
            lines += [f"        if {self.guarded(part, False)}:", "            continue"]
        lines += self.loads([n for n in self.names if n not in loaded], "        ")
        return lines + self.verdict("        ", "hits.append(i)", "doubts.append(i)", "pass")

    def mask(self) -> list[str]:
        lines = ["def mask(row):", "    get = row.get", *self.loads(self.names, "    ")]
        return [*lines, "    m = 0", *self.blame(self.tree, "    "), "    return m"]

    def blame(self, node: Node, indent: str) -> list[str]:
        """Statements that set the bit of each null fact that made `node` unknown, if it is."""
        if isinstance(node, Not):
            return self.blame(node.node, indent)
        if isinstance(node, And | Or):
            lines = [
                f"{indent}if not {self.guarded(node, True)} and not {self.guarded(node, False)}:"
            ]
            for child in node.nodes:
                lines += self.blame(child, indent + " ")
            return [*lines, f"{indent} pass"]
        lines = []
        for name in sorted(doubtful(node)):
            bit = 1 << self.names.index(name)
            lines += [f"{indent}if {_local(name)} is None:", f"{indent} m |= {bit}"]
        return lines


def _local(name: str) -> str:
    return f"f_{name}"


def _doubtful_below(node: Node) -> frozenset[str]:
    if isinstance(node, And | Or):
        return frozenset().union(*(_doubtful_below(child) for child in node.nodes))
    return _doubtful_below(node.node) if isinstance(node, Not) else doubtful(node)


def compile_python(tree: Node) -> tuple[TruthFn, MaskFn, ScanFn, tuple[str, ...]]:
    """`truth(row)`, `mask(row)`, `scan(rows, indices, hits, doubts)` and the facts by bit."""
    source = Source(tree)
    text = "\n".join([*source.truth(), *source.mask(), *source.scan()])
    space: dict[str, Any] = {"__builtins__": {}, **source.constants}
    exec(compile(text, "<predicate>", "exec"), space)  # noqa: S102 - built from the checked tree
    return space["truth"], space["mask"], space["scan"], tuple(source.names)
