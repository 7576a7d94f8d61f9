"""The language: what each operator says of true, false and null, and what is refused with which words."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlglot

from jiedun.errors import RuleError
from jiedun.model.text import Words
from jiedun.rules.facts import Fact, FactTable, FactType
from jiedun.rules.language import Predicate, select

W = Words("事实", "a fact")
TABLE = FactTable.of(
    "contact",
    [
        Fact("p", FactType.BOOL, W),
        Fact("q", FactType.BOOL, W),
        Fact("n", FactType.INT, W),
        Fact("m", FactType.INT, W),
        Fact("rate", FactType.DECIMAL, W),
        Fact("s", FactType.TEXT, W),
        Fact("kind_of", FactType.TEXT, W, None, ("sms", "call")),
        Fact("day", FactType.DATE, W),
    ],
)
T, F, U = True, False, None
D = date(2025, 2, 28)


@pytest.mark.parametrize(
    ("text", "row", "value", "missing"),
    [
        ("TRUE", {}, T, ""),
        ("FALSE", {}, F, ""),
        ("p", {"p": T}, T, ""),
        ("p", {"p": F}, F, ""),
        ("p", {}, U, "p"),
        ("p", {"p": None}, U, "p"),
        ("p = TRUE", {"p": T}, T, ""),
        ("p <> FALSE", {"p": F}, F, ""),
        ("NOT p", {}, U, "p"),
        ("NOT NOT p", {"p": T}, T, ""),
        ("p AND q", {"p": F}, F, ""),
        ("p AND q", {"q": F}, F, ""),
        ("p AND q", {"p": T}, U, "q"),
        ("p AND q", {}, U, "p q"),
        ("p OR q", {"p": T}, T, ""),
        ("p OR q", {"q": F}, U, "p"),
        ("p OR q AND n = 1", {"p": T, "q": F}, T, ""),
        ("(p OR q) AND n = 1", {"p": T, "n": 2}, F, ""),
        ("NOT p = q", {"p": T, "q": F}, T, ""),
        ("NOT p AND q", {"p": T, "q": T}, F, ""),
        ("NOT (p AND q)", {"p": T, "q": F}, T, ""),
        ("p AND (q OR n > 3)", {"p": T, "q": F}, U, "n"),
        ("p AND (q OR n > 3)", {"q": F, "n": 4}, U, "p"),
        ("(p OR q) AND n = 1", {"p": T}, U, "n"),
        ("n = 5", {"n": 5}, T, ""),
        ("n <> 5", {"n": 5}, F, ""),
        ("n < 5", {"n": 5}, F, ""),
        ("n <= 5", {"n": 5}, T, ""),
        ("n > -5", {"n": -5}, F, ""),
        ("n >= -5", {"n": -5}, T, ""),
        ("5 < n", {"n": 6}, T, ""),
        ("n = m", {"n": 1}, U, "m"),
        ("n < m", {}, U, "m n"),
        ("n IN (1, 2)", {"n": 2}, T, ""),
        ("n NOT IN (1, 2)", {"n": 2}, F, ""),
        ("n IN (1, 2)", {}, U, "n"),
        ("n BETWEEN 1 AND 3", {"n": 3}, T, ""),
        ("n NOT BETWEEN 1 AND 3", {"n": 4}, T, ""),
        ("n BETWEEN 10 AND m", {"n": 5}, F, ""),
        ("n BETWEEN 1 AND m", {"n": 5}, U, "m"),
        ("n IS NULL", {}, T, ""),
        ("n IS NOT NULL", {}, F, ""),
        ("n IS NULL OR p", {"n": 1}, U, "p"),
        ("rate > 0.24", {"rate": Decimal("0.240000000000000001")}, T, ""),
        ("rate > 0.24", {"rate": Decimal("0.24")}, F, ""),
        ("rate = n", {"rate": Decimal("3.0"), "n": 3}, T, ""),
        ("rate >= 1", {"rate": Decimal("0.9")}, F, ""),
        ("s = 'it''s'", {"s": "it's"}, T, ""),
        ("s = 'A'", {"s": "a"}, F, ""),
        ("s < '文'", {"s": "中"}, T, ""),
        ("kind_of = 'sms'", {"kind_of": "sms"}, T, ""),
        ("kind_of IN ('sms', 'call')", {}, U, "kind_of"),
        ("day >= DATE '2025-02-28'", {"day": D}, T, ""),
        ("day < DATE '2025-02-28'", {"day": D}, F, ""),
        ("p and not q or n is null", {"p": T, "q": T, "n": 1}, F, ""),
    ],
)
def test_operators(text: str, row: dict[str, Any], value: bool | None, missing: str) -> None:
    verdict = Predicate.of(text, TABLE).evaluate(row)
    assert verdict.value is value
    assert sorted(verdict.missing) == missing.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("n", "stands alone and is int"),
        ("p AND", "not complete"),
        ("(p", "not complete"),
        ("x = 1", "'x' is not declared"),
        ("rat > 1", "did you mean rate"),
        ("n = 'a'", "int and is compared with text"),
        ("s = 1", "text and is compared with int"),
        ("p = 1", "bool and is compared with int"),
        ("n = TRUE", "int and is compared with bool"),
        ("s = n", "s is text, n is int"),
        ("day > '2025-02-28'", "write DATE '2025-02-28'"),
        ("day > DATE '2025-02-30'", "is no date"),
        ("day > DATE", "a date needs its day"),
        ("kind_of = 'fax'", "never 'fax'"),
        ("kind_of IN ('sms', 'fax')", "never 'fax'"),
        ("kind_of < 'sms'", "has no order"),
        ("p < q", "has no order"),
        ("p IN (TRUE)", "name the fact"),
        ("lower(s) = 'a'", "used as a function"),
        ("n + 1 > 2", "let the fact computation add"),
        ("n - 1 > 2", "no arithmetic"),
        ("n * 2 > 2", "multiply"),
        ("s LIKE 'a%'", "'LIKE' is not in the language"),
        ("s = NULL", "write IS NULL"),
        ("n IN (1, NULL)", "write IS NULL"),
        ("n IN (m)", "literals only"),
        ("n IN ()", "not true or false"),
        ("n IN (SELECT 1)", "'SELECT' is not in the language"),
        ("CASE WHEN p THEN q END", "use AND, OR and NOT"),
        ("1 < n < 3", "cannot be compared"),
        ("p IS TRUE", "IS is for NULL only"),
        ("(n > 1) IS NULL", "is not a fact"),
        ("1 = 1", "no fact"),
        ("n = 1e3", "not a plain number"),
        ("n = 99999999999999999999", "too long"),
        ("rate = 0.1234567890123456789", "too long"),
        ('"p"', "without quotation marks"),
        ("contact.p", "'.' is not in the language"),
        ("p -- why", "no comments"),
        ("p; q", "';' is not in the language"),
        ("p q", "not true or false"),
        ("s = 'a", "not closed"),
        ("n::text = '1'", "'::' is not in the language"),
        ("CAST(n AS TEXT) = '1'", "used as a function"),
        ("(" * 41 + "p" + ")" * 41, "nested too deep"),
        ("NOT NOT NOT p", "nested too deep"),
        (" OR ".join(["p"] * 9000), "too long"),
        ("p AND NULL", "not true or false"),
        ("n = $1", "cannot be compared"),
        ("day = CURRENT_DATE", "'CURRENT_DATE' is not in the language"),
    ],
)
def test_refusals(text: str, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        Predicate.of(text, TABLE)
    assert said in str(caught.value)
    assert str(caught.value).startswith("contact#predicate")


def test_a_refusal_names_the_character() -> None:
    with pytest.raises(RuleError, match="character 7"):
        Predicate.of("p AND  x = 1".replace("  ", " "), TABLE)
    with pytest.raises(RuleError, match="character 9"):
        Predicate.of("p AND\nq LIKE 'x'".replace("q ", "s "), TABLE)


def test_long_chains_are_flat() -> None:
    text = " AND ".join(["n <> 1"] * 300)
    assert Predicate.of(text, TABLE).truth({"n": 2}) is True
    assert len(Predicate.of(text, TABLE).sql("duckdb")) > len(text)


@pytest.mark.parametrize(
    "text", ["p AND (n < 5 OR rate >= 0.24)", "NOT s IN ('a', 'back\\slash')", "TRUE"]
)
@pytest.mark.parametrize("dialect", ["duckdb", "spark"])
def test_the_sql_parses_in_its_dialect(text: str, dialect: str) -> None:
    predicate = Predicate.of(text, TABLE)
    for sql in (predicate.sql(dialect), predicate.missing_sql(dialect)):
        assert sqlglot.parse_one(f"SELECT {sql} FROM facts", read=dialect).sql(dialect=dialect)


def test_spark_sql_is_typed_as_duckdb_sql() -> None:
    predicate = Predicate.of("rate > 0.24 AND day < DATE '2025-02-28' AND s = 'it''s'", TABLE)
    assert predicate.sql("spark") == (
        "((CAST(`rate` AS DECIMAL(38, 18)) > CAST(0.24 AS DECIMAL(38, 18)))"
        " AND (`day` < CAST('2025-02-28' AS DATE)) AND (`s` = 'it\\'s'))"
    )
    moved = sqlglot.transpile(predicate.sql("spark"), read="spark", write="duckdb")[0]
    ours = sqlglot.parse_one(predicate.sql("duckdb"), read="duckdb").sql(dialect="duckdb")
    assert moved.replace("TRY_CAST", "CAST") == ours


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(RuleError, match="no such engine"):
        Predicate.of("p", TABLE).sql("oracle")


def test_select_keeps_the_order_and_says_what_is_unknown() -> None:
    rows: list[dict[str, Any]] = [{"p": T, "n": 1}, {"p": F}, {"p": T}, {"p": T, "n": 9}]
    assert select(Predicate.of("p AND n < 5", TABLE), rows, [3, 2, 0]) == ([0], [2])


@pytest.mark.parametrize("name", ["Upper", "select", "date", "count", "a-b", "", "context", "9a"])
def test_a_fact_needs_a_usable_name(name: str) -> None:
    with pytest.raises(RuleError):
        FactTable.of("contact", [Fact(name, FactType.BOOL, W)])
