"""Numbers, creditors' sides, roles given and proposed.

`resolve(evidence, collects=…, signatures=…)` says who is who; `canonical(raw)` is the one writing
of a number; `kinds.kind(number)` says what kind of number it is and what that proves.
"""

from jiedun.people.numbers import canonical
from jiedun.people.resolve import People, resolve

__all__ = ["People", "canonical", "resolve"]
