"""The content of letters: templates as data, facts with their evidence, clauses with their text."""

from jiedun.remedies.letters.make import make
from jiedun.remedies.letters.matter import LoanSums, Matter, Seal
from jiedun.remedies.letters.prove import Flaw, prove
from jiedun.remedies.letters.template import Template, template, templates

__all__ = [
    "Flaw",
    "LoanSums",
    "Matter",
    "Seal",
    "Template",
    "make",
    "prove",
    "template",
    "templates",
]
