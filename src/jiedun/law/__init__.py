"""The law by date: instruments, articles, renumbering, LPR, channels; data and look-ups.

Nothing is parsed at import: each data file is read at its first use, once a process.
"""

from jiedun.law.articles import article_numbers
from jiedun.law.bulk import Answer, answers, as_json
from jiedun.law.clauses import Clause, cite, clause
from jiedun.law.numbering import article_number
from jiedun.law.offices import Channel, Stated, channel, channels
from jiedun.law.prime_rate import Lpr, lpr, lpr_publications
from jiedun.law.register import Instrument, as_of, instrument, instruments, named
from jiedun.law.renumbering import Reference, Renumbering, renumberings

__all__ = [
    "Answer",
    "Channel",
    "Clause",
    "Instrument",
    "Lpr",
    "Reference",
    "Renumbering",
    "Stated",
    "answers",
    "article_number",
    "article_numbers",
    "as_json",
    "as_of",
    "channel",
    "channels",
    "cite",
    "clause",
    "instrument",
    "instruments",
    "lpr",
    "lpr_publications",
    "named",
    "renumberings",
]
