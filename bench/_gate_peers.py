"""The gate's predicates written for cedarpy and zen-engine, from the same checked trees."""

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jiedun.rules.rule import Rule
from jiedun.rules.tree import Among, And, Compare, Flag, Named, Node, Not, Null, Or, Truth

Judge = Callable[[dict[str, Any]], set[str]]


def peers(rules: Sequence[Rule]) -> dict[str, Judge]:
    """By name what gives the ids of the rules that hold on plain facts; those installed here."""
    found: dict[str, Judge] = {}
    for module, builders in (
        ("cedarpy", {"cedarpy, parsed once": _cedar}),
        ("zen", {"zen graph": _zen_graph, "zen single expression": _zen_single}),
    ):
        try:
            peer = importlib.import_module(module)
        except ModuleNotFoundError:
            print(f"peer {module}: not installed here")
            continue
        found.update((name, build(peer, rules)) for name, build in builders.items())
    return found


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as JSON has them; what is null is left out."""
    return {
        k: (v.isoformat() if k == "local_date" else v) for k, v in facts.items() if v is not None
    }


def _say(node: Node, style: str) -> str:
    cedar = style == "cedar"
    name = (lambda n: f"context.{n}") if cedar else (lambda n: n)
    if isinstance(node, And | Or):
        word = {True: (" && ", " || "), False: (" and ", " or ")}[cedar][isinstance(node, Or)]
        return "(" + word.join(_say(child, style) for child in node.nodes) + ")"
    if isinstance(node, Not):
        return f"({'!' if cedar else 'not '}{_say(node.node, style)})"
    if isinstance(node, Flag):
        return name(node.fact.name)
    if isinstance(node, Truth):
        return str(node.value).lower()
    if isinstance(node, Among):
        values = json.dumps(list(node.values))
        fact = name(node.fact.name)
        return f"{values}.contains({fact})" if cedar else f"({fact} in {values})"
    if isinstance(node, Null):
        return f"{name(node.fact.name)} == {chr(34) * 2 if cedar else 'null'}"
    sides = [
        name(s.fact.name) if isinstance(s, Named) else json.dumps(s.value)
        for s in (node.left, node.right)
    ]
    return f"({sides[0]} {_sign(node)} {sides[1]})"


def _sign(node: Compare) -> str:
    return {"=": "==", "<>": "!="}.get(node.op, node.op)


def _cedar(cedarpy: Any, rules: Sequence[Rule]) -> Judge:
    policies = "\n".join(
        f'@id("{rule.id}") forbid(principal, action, resource) '
        f"when {{ {_say(rule.when.tree, 'cedar')} }};"
        for rule in rules
    )
    policies += '\n@id("open") permit(principal, action, resource);'
    asked = {"principal": 'P::"l"', "action": 'Action::"c"', "resource": 'R::"p"'}
    parsed = cedarpy.PolicySet.from_str(policies)
    names = {f"policy{i}": rule.id for i, rule in enumerate(rules)}
    besides = {"open", f"policy{len(rules)}"}

    def judge(context: dict[str, Any]) -> set[str]:
        answer = cedarpy.is_authorized({**asked, "context": context}, parsed, [])
        return {names.get(r, r) for r in answer.diagnostics.reasons} - besides

    return judge


def _zen_graph(zen: Any, rules: Sequence[Rule]) -> Judge:
    told = [
        {"id": f"e{i}", "key": f"r{i}", "value": _say(rule.when.tree, "zen")}
        for i, rule in enumerate(rules)
    ]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "x", "type": "expressionNode", "name": "x", "content": {"expressions": told}},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [
        {"id": "a", "sourceId": "in", "targetId": "x"},
        {"id": "b", "sourceId": "x", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))

    def judge(context: dict[str, Any]) -> set[str]:
        result = decision.evaluate(context)["result"]
        return {rule.id for i, rule in enumerate(rules) if result[f"r{i}"] is True}

    return judge


def _zen_single(zen: Any, rules: Sequence[Rule]) -> Judge:
    """One compiled expression: the list of what every predicate says."""
    whole = zen.compile_expression(f"[{', '.join(_say(r.when.tree, 'zen') for r in rules)}]")
    ids = [rule.id for rule in rules]

    def judge(context: dict[str, Any]) -> set[str]:
        said = whole.evaluate(context)
        return {name for name, holds in zip(ids, said, strict=True) if holds is True}

    return judge
