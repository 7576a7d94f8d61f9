"""Below `lowest` a counter changes no verdict, and what `not_false_sql` rules out is false."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.model.text import Words
from jiedun.rules.bounds import lowest, not_false_sql, only_as_null, steps
from jiedun.rules.facts import Fact, FactTable, FactType
from jiedun.rules.language import Predicate

_WORDS = Words("x", "x")
TABLE = FactTable.of(
    "contact",
    [
        *(Fact(name, FactType.BOOL, _WORDS) for name in ("p", "q")),
        *(Fact(name, FactType.INT, _WORDS) for name in ("n", "m")),
    ],
)
_ATOMS = st.one_of(
    st.sampled_from(("p", "NOT q", "p IS NULL", "n IS NULL", "m > 2")),
    st.builds("{} {} {}".format, st.just("n"), st.sampled_from(("<", "<=", ">", ">=", "=", "<>")), st.integers(-1, 5)),
    st.builds("{} {} n".format, st.integers(0, 5), st.sampled_from(("<", "<=", ">", ">=", "=", "<>"))),
    st.builds("n IN ({}, {})".format, st.integers(0, 5), st.integers(0, 5)),
    st.builds("n BETWEEN {} AND {}".format, st.integers(0, 5), st.integers(0, 5)),
    st.builds("n > {}.5".format, st.integers(0, 4)),
)  # fmt: skip
_TEXTS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
_TRUTH = st.sampled_from((True, False, None))


@settings(max_examples=150, deadline=None)
@given(_TEXTS, _TRUTH, _TRUTH, st.sampled_from((None, 0, 3)), st.integers(0, 8))
def test_below_the_lowest_nothing_changes(
    text: str, p: bool | None, q: bool | None, m: int | None, n: int
) -> None:
    predicate = Predicate.of(text, TABLE)
    limit = lowest(predicate, "n")
    if limit is None or n < limit:
        row = {"p": p, "q": q, "m": m}
        assert predicate.evaluate({**row, "n": n}) == predicate.evaluate({**row, "n": 0})


@settings(max_examples=60, deadline=None)
@given(_TEXTS, _TRUTH, _TRUTH, st.integers(0, 8))
def test_what_is_ruled_out_is_false(text: str, p: bool | None, q: bool | None, n: int) -> None:
    predicate = Predicate.of(text, TABLE)
    query = f"SELECT {not_false_sql(predicate, frozenset({'n'}), 'duckdb')} FROM (SELECT $1::BOOLEAN AS p, "
    found = duckdb.execute(
        f"{query} $2::BOOLEAN AS q, NULL::BIGINT AS m, $3::BIGINT AS n)", [p, q, n]
    ).fetchone()
    if found == (False,):
        assert predicate.truth({"p": p, "q": q, "m": None, "n": n}) is False


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("n > 3", 4), ("n >= 3", 3), ("3 < n", 4), ("n < 5", 5), ("n <= 5", 6), ("n = 2", 2), ("n <> 0", 1),
        ("n IN (7, 2)", 2), ("n > 2.5", 3), ("NOT (n > 3) AND n > 1", 2), ("n >= 0 OR p", None),
        ("n > m", 0), ("n IS NULL", None), ("p", None),
    ],
)  # fmt: skip
def test_lowest(text: str, limit: int | None) -> None:
    assert lowest(Predicate.of(text, TABLE), "n") == limit


def test_steps_and_nulls() -> None:
    assert steps(Predicate.of("n < 3 OR n >= 7 OR m = 1", TABLE), "n") == frozenset({3, 7})
    assert steps(Predicate.of("n < m", TABLE), "n") is None
    assert only_as_null(Predicate.of("n IS NOT NULL AND p", TABLE), "n")
    assert not only_as_null(Predicate.of("n IS NULL OR n > 2", TABLE), "n")
