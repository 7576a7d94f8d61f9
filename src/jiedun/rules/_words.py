"""The words of the language: each word of a predicate is checked before anything parses it."""

from collections.abc import Sequence
from typing import NoReturn

from sqlglot import Token, Tokenizer, TokenType
from sqlglot.errors import SqlglotError

from jiedun.errors import Place, RuleError

MAX_LENGTH = 20_000
MAX_DEPTH = 40

_ALLOWED = {
    TokenType.VAR, TokenType.STRING, TokenType.NUMBER, TokenType.L_PAREN, TokenType.R_PAREN,
    TokenType.COMMA, TokenType.EQ, TokenType.NEQ, TokenType.LT, TokenType.LTE, TokenType.GT,
    TokenType.GTE, TokenType.AND, TokenType.OR, TokenType.NOT, TokenType.IN, TokenType.BETWEEN,
    TokenType.IS, TokenType.NULL, TokenType.TRUE, TokenType.FALSE, TokenType.DATE, TokenType.DASH,
}  # fmt: skip
_INSTEAD = {
    TokenType.LIKE: "compare whole values with = or IN",
    TokenType.ILIKE: "compare whole values with = or IN",
    TokenType.CASE: "use AND, OR and NOT",
    TokenType.SELECT: "let the fact computation answer it and name the answer as a fact",
    TokenType.EXISTS: "let the fact computation answer it and name the answer as a fact",
    TokenType.PLUS: "let the fact computation add and compare the sum",
    TokenType.STAR: "let the fact computation multiply and compare the product",
    TokenType.SLASH: "let the fact computation divide and compare the result",
    TokenType.TIMESTAMP: "use the local date and the second of the day, which are facts",
    TokenType.IDENTIFIER: "write facts without quotation marks and texts in single ones",
}


class Refusal:
    """Says what is wrong at which character of the predicate at `where`."""

    def __init__(self, where: Place) -> None:
        self.where = where

    def refuse(self, what: str, *, at: int | None, why: str = "", instead: str = "") -> NoReturn:
        """Raises `RuleError`; `at` is an offset into the text, None when it is not known."""
        spot = "" if at is None else f", character {at + 1}"
        place = Place(self.where.path, f"{self.where.at or 'predicate'}{spot}")
        raise RuleError(what, where=place, why=why, next_step=instead)


def check_words(text: str, said: Refusal) -> None:
    """Nothing, or `RuleError` at the first word of `text` that is not in the language."""
    if len(text) > MAX_LENGTH:
        said.refuse("the predicate is too long", at=None, instead="split the rule")
    try:
        tokens = Tokenizer(dialect="duckdb").tokenize(text)
    except SqlglotError:
        said.refuse("a text is not closed", at=None, instead="close it with '")
    if not tokens:
        said.refuse("the predicate is empty", at=0, instead="write TRUE or FALSE")
    _check_depth(tokens, said)
    for before, token, after in zip([None, *tokens], tokens, [*tokens[1:], None], strict=False):
        _check_word(before, token, after, said)


def _check_depth(tokens: Sequence[Token], said: Refusal) -> None:
    depth = nots = 0
    for token in tokens:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        nots = nots + 1 if token.token_type is TokenType.NOT else 0
        if depth > MAX_DEPTH or nots > 2:
            said.refuse("the predicate is nested too deep", at=token.start)


def _check_word(before: Token | None, token: Token, after: Token | None, said: Refusal) -> None:
    kind = token.token_type
    if token.comments:
        said.refuse("a predicate has no comments", at=token.start, instead="use `source`")
    if kind not in _ALLOWED:
        said.refuse(
            f"{token.text!r} is not in the language",
            at=token.start,
            instead=_INSTEAD.get(kind, "use AND, OR, NOT, comparisons, IN, BETWEEN, IS NULL"),
        )
    following = after.token_type if after else None
    if kind is TokenType.VAR and following is TokenType.L_PAREN:
        said.refuse(
            f"{token.text!r} is used as a function",
            at=token.start,
            why="the language has none",
            instead="let the fact computation do it and name the result as a fact",
        )
    if kind is TokenType.DASH and not _is_sign(before, following):
        said.refuse(
            "there is no arithmetic in the language",
            at=token.start,
            instead="let the fact computation do it and compare the result",
        )
    if kind is TokenType.DATE and following is not TokenType.STRING:
        said.refuse("a date needs its day", at=token.start, instead="write DATE '2025-02-28'")


def _is_sign(before: Token | None, following: TokenType | None) -> bool:
    ends = {TokenType.VAR, TokenType.NUMBER, TokenType.STRING, TokenType.R_PAREN}
    return following is TokenType.NUMBER and (before is None or before.token_type not in ends)
