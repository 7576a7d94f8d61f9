"""SQL that joins what is known of numbers and loans to the typed contacts of one file.

A contact's own word comes first; where the lender's files say otherwise, that is counted and changes
nothing. A call record with two ends gets its direction from whose numbers they are; where that is not
known, from a short number (an extension) at one end and a whole one at the other; else it stays unknown.
"""

from jiedun.audit.known import number_key
from jiedun.model.contact_record import COLUMNS

_SIDE = "('lender', 'collector')"
CHECKED = ("role", "person", "debtor", "creditor")
EXTRA = ("end_a", "end_b", "second_leg_of")


def directed(typed: str) -> str:
    """The table expression `typed` with `number`, `caller` and `direction` made from its two ends."""
    toward = f"""CASE
        WHEN {_person("b")} AND NOT {_person("a")} THEN 'in'
        WHEN {_person("a")} AND NOT {_person("b")} THEN 'out'
        WHEN {_side("a")} AND NOT {_side("b")} THEN 'in'
        WHEN {_side("b")} AND NOT {_side("a")} THEN 'out'
        WHEN {_whole("b")} AND NOT {_whole("a")} THEN 'in'
        WHEN {_whole("a")} AND NOT {_whole("b")} THEN 'out'
        ELSE 'unknown' END"""
    kept = ", ".join(
        f"t.c_{c.name}" for c in COLUMNS if c.name not in ("number", "caller", "direction", "id")
    )
    given = ", ".join(f"t.g_{c.name}" for c in COLUMNS)
    return f"""(SELECT {kept}, {given}, row_no, second_leg_of, toward AS c_direction, c_id,
        {number_key("CASE WHEN toward = 'out' THEN end_a ELSE end_b END")} AS c_number,
        {number_key("CASE WHEN toward = 'out' THEN end_b ELSE end_a END")} AS c_caller
        FROM (SELECT t.*, {toward} AS toward FROM {typed} AS t
            LEFT JOIN parties AS pa ON pa.key = {number_key("t.end_a")}
            LEFT JOIN parties AS pb ON pb.key = {number_key("t.end_b")}) AS t)"""


def _person(end: str) -> str:
    return f"(p{end}.key IS NOT NULL AND coalesce(p{end}.role, '') NOT IN {_SIDE})"


def _side(end: str) -> str:
    return f"(coalesce(p{end}.role, '') IN {_SIDE})"


def _whole(end: str) -> str:
    """A number that is no extension and no service number of a company (95…, 400…, 106…)."""
    key = number_key(f"t.end_{end}")
    return (
        f"coalesce(length({key}) >= 7 AND NOT regexp_matches({key}, '^(95[0-9]{{3,7}}|[48]00[0-9]{{7}}"
        "|106[0-9]+)$'), false)"
    )


def joined(typed: str) -> str:
    """The table expression `typed` with who is who from `parties`, then the loan from `loans`."""
    return _with_loans(_with_parties(typed))


def _replaced(changes: dict[str, str], prefix: str) -> str:
    return ", ".join(
        f"{changes.get(c.name, f'{prefix}.c_{c.name}')} AS c_{c.name}" for c in COLUMNS
    )


def _with_parties(typed: str) -> str:
    roles = f"CASE WHEN p.role NOT IN {_SIDE} THEN p.role END"
    changes = {
        "role": f"coalesce(t.c_role, {roles})",
        "person": "coalesce(t.c_person, p.person)",
        "debtor": "coalesce(t.c_debtor, p.debtor)",
        "creditor": "coalesce(t.c_creditor, c.creditor, p.creditor)",
        "agency": "coalesce(t.c_agency, c.agency)",
        "collector": "coalesce(t.c_collector, c.collector)",
    }
    theirs = {"role": roles, "person": "p.person", "debtor": "p.debtor",
              "creditor": "coalesce(c.creditor, p.creditor)"}  # fmt: skip
    differ = ", ".join(
        f"coalesce(t.c_{name} <> {theirs[name]}, false) AS d_{name}" for name in CHECKED
    )
    given = ", ".join(f"t.g_{c.name}" for c in COLUMNS)
    return f"""(SELECT {_replaced(changes, "t")}, {given}, t.row_no, t.second_leg_of, {differ}
        FROM {typed} AS t
        LEFT JOIN parties AS p ON p.key = {number_key("t.c_number")}
        LEFT JOIN parties AS c ON c.key = {number_key("t.c_caller")} AND coalesce(c.role, '') IN {_SIDE})"""


def _with_loans(joined_in: str) -> str:
    """The loan by its number; without one, the debtor's only loan in force that day."""
    day = "CAST(to_timestamp(t.c_at) AS DATE)"
    in_force = (
        "list_filter(lo.held, lambda x: (x.creditor IS NULL OR t.c_creditor IS NULL OR "
        f"x.creditor = t.c_creditor) AND (x.signed IS NULL OR x.signed <= {day}) "
        f"AND (x.settled IS NULL OR x.settled >= {day}))"
    )
    one = "CASE WHEN len(u.loans) = 1 THEN u.loans[1]"
    kinds = "list_distinct(list_transform(u.loans, lambda x: x.lender_type))"
    sides = "list_distinct(list_transform(u.loans, lambda x: x.creditor))"
    changes = {
        "debt": f"coalesce(u.c_debt, {one}.debt END)",
        "creditor": f"coalesce(u.c_creditor, CASE WHEN len({sides}) = 1 THEN {sides}[1] END)",
        "lender_type": f"coalesce(nullif(u.c_lender_type, 'unknown'), CASE WHEN len({sides}) <= 1 AND "
        f"len({kinds}) = 1 THEN {kinds}[1] END, u.c_lender_type)",
        "debtor": "coalesce(u.c_debtor, u.loan_debtor)",
    }
    rest = ", ".join(
        [*(f"u.g_{c.name}" for c in COLUMNS), *(f"u.d_{n}" for n in CHECKED if n != "debtor")]
    )
    return f"""(SELECT {_replaced(changes, "u")}, {rest}, u.row_no, u.second_leg_of,
        u.d_debtor OR coalesce(u.c_debtor <> u.loan_debtor, false) AS d_debtor
        FROM (SELECT t.*, ld.debtor AS loan_debtor, CASE WHEN ld.debt IS NOT NULL THEN
            [{{'debt': ld.debt, 'creditor': ld.creditor, 'lender_type': ld.lender_type,
              'signed': ld.signed, 'settled': ld.settled}}] ELSE {in_force} END AS loans
            FROM {joined_in} AS t LEFT JOIN loans AS ld ON ld.debt = t.c_debt
            LEFT JOIN loans_of AS lo ON lo.debtor = coalesce(t.c_debtor, ld.debtor)) AS u)"""
