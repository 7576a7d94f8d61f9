"""`loan.json` and `loans/*.json`: loans as written, numbers as `Decimal`, never as float.

Strict RFC 8259: NaN and infinities are refused, a key given twice is reported (the last one holds,
as everywhere in JSON), a broken file is named with line and column.
"""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from jiedun.evidence.decode import decode_text
from jiedun.evidence.interface import Declared, Record, Source
from jiedun.evidence.readers.table import problem
from jiedun.model.evidence import LoanFile, Problem
from jiedun.model.text import Words

MAX_BYTES = 16 << 20
_PATH = re.compile(
    r"(?:^|/)loan[^/]*\.json$|(?:^|/)loans/[^/]+\.json$|(?:^|/)(?:借款|贷款)[^/]*\.json$", re.I
)
_SHAPE = re.compile(rb'"lender"\s*:')
_AMOUNT = re.compile(rb'"(?:principal|disbursed_amount)"\s*:')
_CONTACT_KEYS = ("contacts", "emergency_contacts", "emergency_contact", "紧急联系人", "联系人")
_NUMBER_KEYS = (
    "number",
    "phone",
    "mobile",
    "phone_number",
    "tel",
    "电话",
    "手机",
    "手机号",
    "号码",
    "联系电话",
)
_MAX_EXPONENT = 30


class _NumberError(ValueError):
    """A constant or a size of number that no loan holds."""


class LoanJson:
    """The reader of loans in JSON."""

    name = "loan_json"
    version = "1"

    def recognises(self, source: Source) -> bool:
        """By place (`loan.json`, `loans/…json`), or an object with a lender and a principal."""
        if not source.name.lower().endswith(".json"):
            return False
        named = _PATH.search(source.path) is not None
        return named or (_SHAPE.search(source.head) and _AMOUNT.search(source.head)) is not None

    def read(self, source: Source) -> Iterator[Record | Problem]:
        """One `LoanFile` for each object, then the contact numbers that the form declares."""
        if source.size > MAX_BYTES:
            yield problem(
                source, None, "too-big", "文件太大，没有读", "the file is too big to be read"
            )
            return
        with source.open() as stream:
            text, _, bad = decode_text(stream.read(MAX_BYTES))
        if bad:
            yield problem(
                source,
                None,
                "undecodable",
                f"有 {bad} 处字符无法解码",
                f"{bad} characters cannot be decoded",
            )
        twice: list[str] = []
        try:
            data = json.loads(
                text.lstrip("\ufeff"),
                parse_float=_decimal,
                parse_int=_decimal,
                parse_constant=_refuse,
                object_pairs_hook=_keep_last(twice),
            )
        except (ValueError, RecursionError) as error:
            yield _broken(source, error)
            return
        if twice:
            yield problem(
                source, None, "duplicate-key", "有的键写了两次，以后一次为准", "a key stands twice; the last one holds",
                Words("删掉多余的一行", "delete the one that is wrong"),
            )  # fmt: skip
        yield from _loans(source, data)


def _decimal(text: str) -> Decimal:
    if len(text) > 100:
        raise _NumberError
    value = Decimal(text)
    if value and abs(value.adjusted()) > _MAX_EXPONENT:
        raise _NumberError
    return value


def _refuse(_: str) -> Decimal:
    raise _NumberError


def _keep_last(twice: list[str]) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.append("")
        return found

    return build


def _broken(source: Source, error: Exception) -> Problem:
    step = Words(
        "对照合同改好这一处后再读", "correct that place after the contract, then read again"
    )
    if isinstance(error, json.JSONDecodeError):
        at = f"line {error.lineno} column {error.colno}"
        zh = f"第 {error.lineno} 行第 {error.colno} 列不合 JSON 格式"
        return problem(
            source, at, "json", zh, f"not JSON at line {error.lineno}, column {error.colno}", step
        )
    if isinstance(error, RecursionError):
        return problem(source, None, "json-depth", "嵌套太深", "nested too deep", step)
    return problem(
        source,
        None,
        "json-number",
        "里面有不成数的数（NaN、无穷或过长）",
        "a number is NaN, infinite or too long",
        step,
    )


def _loans(source: Source, data: Any) -> Iterator[Record | Problem]:
    for loan in data if isinstance(data, list) else [data]:
        if not isinstance(loan, dict):
            yield problem(source, None, "not-a-loan", "里面不是一笔借款", "this is not a loan")
            continue
        yield LoanFile(source.path, loan)
        for key in _CONTACT_KEYS:
            yield from _declared(loan.get(key))


def _declared(value: Any) -> Iterator[Declared]:
    """Numbers in a list of contacts: strings, numbers or objects with a number field."""
    for entry in value if isinstance(value, list) else [value]:
        found = entry
        if isinstance(entry, dict):
            found = next((entry[key] for key in _NUMBER_KEYS if key in entry), None)
        if isinstance(found, str | Decimal) and sum(c.isdigit() for c in str(found)) >= 5:
            yield Declared(str(found).strip())


LOANS = LoanJson()
