"""Check digits, written out because `pii` runs them on every candidate of a long audit.

GB 11643-1999 (resident ID, ISO 7064 MOD 11-2), ISO/IEC 7812 (Luhn), GB 32100-2015 (social credit
code, MOD 31-3). The tests prove them equal to python-stdnum on every input tried.
"""

from datetime import date

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_USCC_ALPHABET = {c: i for i, c in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def resident_id(digits: str) -> bool:
    """Whether 18 characters (last may be X) form a resident ID: birth date and check character."""
    if len(digits) != 18 or not (digits[:17].isascii() and digits[:17].isdigit()):
        return False
    total = sum(w * int(d) for w, d in zip(_ID_WEIGHTS, digits, strict=False))
    if _ID_CHECK[total % 11] != digits[17].upper():
        return False
    year = int(digits[6:10])
    return 1850 <= year <= 2100 and _is_day(year, int(digits[10:12]), int(digits[12:14]))


def old_resident_id(digits: str) -> bool:
    """Whether 15 digits form a first-generation ID: a birth date in places 7 to 12."""
    if len(digits) != 15 or not (digits.isascii() and digits.isdigit()):
        return False
    return _is_day(1900 + int(digits[6:8]), int(digits[8:10]), int(digits[10:12]))


def luhn(digits: str) -> bool:
    """Whether the digits pass the Luhn check."""
    total = 0
    for at, char in enumerate(reversed(digits)):
        value = ord(char) - 48
        total += _DOUBLED[value] if at & 1 else value
    return total % 10 == 0


def bank_card(digits: str) -> bool:
    """Whether 15 to 19 digits form a payment card: known prefix, its length, Luhn."""
    if not 15 <= len(digits) <= 19:
        return False
    size, two, four = len(digits), digits[:2], int(digits[:4])
    known = (
        (two == "62" and size >= 16)
        or (digits[0] == "4" and size in (16, 19))
        or (size == 16 and ("51" <= two <= "55" or 2221 <= four <= 2720 or two == "35"))
        or (size == 15 and two in ("34", "37"))
    )
    return known and luhn(digits)


def social_credit_code(code: str) -> bool:
    """Whether 18 characters (upper case) form a unified social credit code."""
    if len(code) != 18:
        return False
    values = [_USCC_ALPHABET.get(c, -1) for c in code]
    if min(values) < 0 or not code[2:8].isdigit():
        return False
    total = sum(w * v for w, v in zip(_USCC_WEIGHTS, values, strict=False))
    return (31 - total % 31) % 31 == values[17]
