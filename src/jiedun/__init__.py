"""Jiedun 借盾: what a lender's side did to a person, as proof, findings, sums and letters."""

__version__ = "0.1.0"
