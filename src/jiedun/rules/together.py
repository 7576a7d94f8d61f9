"""Many predicates over one row in one compiled function: each fact is loaded once.

Gives for each predicate what `Predicate.truth` gives; used where a row is judged by every rule at
once, a contact about to be made.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jiedun.rules._python import Row, Source, _doubtful_below, _local
from jiedun.rules.language import Predicate
from jiedun.rules.tree import Node

TogetherFn = Callable[[Row], tuple[list[int], list[int]]]


class _Shared(Source):
    """A source with common constants; facts in `sure` are never null, so nothing asks for it."""

    def __init__(self, tree: Node, constants: dict[str, Any], sure: frozenset[str]) -> None:
        super().__init__(tree)
        self.constants = constants
        self.sure = sure

    def guarded(self, node: Node, wanted: bool) -> str:
        if _doubtful_below(node) <= self.sure:
            return self.plain(node, wanted)
        return super().guarded(node, wanted)

    def lines(self, place: int) -> list[str]:
        yes = f"    if {self.guarded(self.tree, True)}: hits.append({place})"
        if _doubtful_below(self.tree) <= self.sure:
            return [yes]
        return [yes, f"    elif not {self.guarded(self.tree, False)}: doubts.append({place})"]


def together(predicates: Sequence[Predicate], sure: Iterable[str] = ()) -> TogetherFn:
    """A function from a row to the places of the true predicates and of the unknown ones.

    `sure` names facts that no row leaves null.
    """
    constants: dict[str, Any] = {}
    names = sorted(frozenset().union(*(p.facts for p in predicates)))
    lines = ["def judge(row):", "    get = row.get", "    hits = []", "    doubts = []"]
    lines += [f"    {_local(name)} = get({name!r})" for name in names]
    for place, predicate in enumerate(predicates):
        lines += _Shared(predicate.tree, constants, frozenset(sure)).lines(place)
    text = "\n".join([*lines, "    return hits, doubts"])
    space: dict[str, Any] = {"__builtins__": {}, **constants}
    exec(compile(text, "<predicates>", "exec"), space)  # noqa: S102 - built from checked trees
    judge: TogetherFn = space["judge"]
    return judge
