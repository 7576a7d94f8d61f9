"""Requests made ready to be decided, outside the transaction, in the thread of whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jiedun.errors import JiedunError
from jiedun.gate import codes
from jiedun.gate.check import check_request
from jiedun.gate.facts import Facts, Pseudonyms, ReadFn, moving
from jiedun.gate.interface import Request
from jiedun.gate.spell import request_digest
from jiedun.gate.weigh import Planned, Profile, Scales
from jiedun.model.loan import LenderType
from jiedun.model.party import Role


@dataclass(frozen=True, slots=True)
class Asked:
    """A request ready to be decided. `codes` are states of the gate that forbid it already."""

    request: Request
    debtor: str
    planned: Planned
    digest: str
    codes: tuple[str, ...]

    @property
    def facts(self) -> Facts:
        """The facts of the planned contact."""
        return self.planned.facts


class Desk:
    """Makes requests ready; may be used from many threads."""

    def __init__(
        self,
        scales: Scales,
        names: Pseudonyms,
        reading: ReadFn,
        lender_types: Mapping[str, LenderType],
    ) -> None:
        self.scales = scales
        self.names = names
        self._reading = reading
        self._types = dict(lender_types)

    def ready(self, request: Request) -> Asked:
        """The request with its facts; BadValue where a field cannot be what it is."""
        check_request(request)
        debtor, found = request.debtor, []
        if debtor is None:
            debtor = request.person if request.role is Role.DEBTOR else f"debt {request.debt}"
            if request.role is not Role.DEBTOR:
                found.append(codes.UNKNOWN_DEBTOR)
        try:
            profile = self.scales.profile(request, self._reading)
        except (JiedunError, OSError, ValueError, RuntimeError):
            found.append(codes.READER_UNAVAILABLE)
            profile = self.scales.profile(replace(request, words=None), self._reading)
        name = self.names.of(f"{request.creditor}\x1f{debtor}")
        planned = self.planned(request, profile, name)
        return Asked(request, name, planned, request_digest(request, self.names), tuple(found))

    def planned(self, request: Request, profile: Profile, debtor: str) -> Planned:
        """The planned contact of a request whose profile is known."""
        facts = moving(profile.facts.copy(), request, self.names.of, debtor)
        lender = request.lender_type
        if lender is LenderType.UNKNOWN:
            lender = self._types.get(request.creditor, lender)
        return Planned(request, facts, profile, lender)
