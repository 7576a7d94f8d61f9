"""A contact with everybody resolved: who reached whom, for which creditor, saying what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from jiedun.model.evidence import Channel, Direction, ItemRef, Outcome
from jiedun.model.party import Role
from jiedun.model.reading import Label


@dataclass(frozen=True, slots=True)
class Person:
    """One end of a contact. `given` is False when the role is only the program's proposal.

    `in_phonebook`: the number stands in the debtor's own address book; `declared`: the loan form
    or parties.csv names it as a contact person. None where no such list is there to look at.
    """

    number: str | None
    role: Role | None = None
    creditor: str | None = None
    given: bool = True
    verified: bool = False
    in_phonebook: bool | None = None
    declared: bool | None = None
    spouse: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """What the words of a contact do, besides the conduct labels.

    `answers_question`: the first words of that number after the owner asked who it is;
    `names_somebody`: they hold a listed name or a 【signature】; `mentions_debtor`: they name the
    debtor, a relation, or ask to relay; `own_business`: they are about the receiver's own account.
    """

    asks_identity: bool = False
    refuses_identity: bool = False
    refuses_contact: bool = False
    is_notice: bool = False
    is_advert: bool = False
    answers_question: bool = False
    names_somebody: bool = False
    mentions_debtor: bool = False
    own_business: bool = False


@dataclass(frozen=True, slots=True)
class SeenContact:
    """One contact seen from the phone of `owner`; `peer` is the other party.

    `levels` maps a label to 1 (possible) or 2 (probable). `on_word` marks a contact that no
    device recorded: it rests on somebody's word. `day_only`: only its day is known, and the clock
    of `at` (12:00) is no fact.
    """

    ref: ItemRef
    at: datetime
    channel: Channel
    direction: Direction
    outcome: Outcome
    owner: Person
    peer: Person
    text: str = ""
    duration_s: int | None = None
    levels: Mapping[Label, int] = field(default_factory=dict)
    talk: Talk = Talk()
    on_word: bool = False
    day_only: bool = False
