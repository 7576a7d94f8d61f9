"""Clauses by date: verbatim texts, both sides of every date, renumbering, the known traps."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedun import law
from jiedun.errors import LawError
from jiedun.law.articles import article_dates
from jiedun.model.finding import Force

DAY = timedelta(days=1)
HELD = [act for act in law.instruments() if act.held != "none"]
KNOWN = [act for act in law.instruments() if act.held == "none"]
VERSIONS = [act for act in HELD if act.text_from is not None and act.id != "criminal-law"]


def _first_article(act: law.Instrument) -> str | None:
    numbers = law.article_numbers(act.id)
    return numbers[0] if numbers else None


def test_all_articles_are_verbatim(shared: Path) -> None:
    lines = (shared / "law/statutes/articles.jsonl").read_text(encoding="utf-8").splitlines()
    seen = 0
    for row in map(json.loads, lines):
        act = law.instrument(row["statute_id"])
        dates = article_dates(act.id, row["article"])
        on = dates.text_from if dates else act.text_from
        if on is None:
            assert law.clause(act.id, row["article"], act.effective_from or date.max).text is None
            continue
        assert law.clause(act.id, row["article"], on).text == row["text"]
        seen += 1
    assert (len(lines), seen) == (2540, 2540 - 22)


def test_unnumbered_texts_stand_in_their_source(shared: Path) -> None:
    unnumbered = [act for act in HELD if not law.article_numbers(act.id)]
    for act in unnumbered:
        assert act.effective_from is not None
        text = law.clause(act.id, None, act.effective_from).text
        source = (shared / f"law/statutes/{act.id}.md").read_text(encoding="utf-8")
        assert text
        assert text in source
        assert source.rstrip().endswith(text)
    assert len(unnumbered) == 7


def test_sixty_instruments_are_held_and_counted() -> None:
    assert len(HELD) == 60
    assert sum(len(law.article_numbers(act.id)) for act in HELD) == 2540
    assert all(act.verified for act in HELD)
    assert not any(act.verified for act in KNOWN)


@pytest.mark.parametrize("act", VERSIONS, ids=lambda act: act.id)
def test_each_side_of_the_first_day(act: law.Instrument) -> None:
    assert act.text_from is not None
    assert act.first_in_force is not None
    article = _first_article(act)
    assert law.clause(act.id, article, act.text_from).in_force is True
    before = law.clause(act.id, article, act.text_from - DAY)
    assert before.in_force is (False if act.first_in_force == act.text_from else None)
    assert before.text is None
    assert law.clause(act.id, article, act.first_in_force - DAY).in_force is False


@pytest.mark.parametrize("act", [a for a in HELD if a.effective_to], ids=lambda act: act.id)
def test_each_side_of_the_last_day(act: law.Instrument) -> None:
    assert act.effective_to is not None
    article = _first_article(act)
    assert law.clause(act.id, article, act.effective_to).in_force is True
    after = law.clause(act.id, article, act.effective_to + DAY)
    assert after.in_force is False
    assert after.text is None
    assert after.successor is not None


@pytest.mark.parametrize("act", KNOWN, ids=lambda act: act.id)
def test_texts_not_held_are_never_quoted(act: law.Instrument) -> None:
    if act.effective_from is None:
        assert law.clause(act.id, None, date(2026, 11, 1)).in_force is None
        assert law.cite(act.id, "1", date(2026, 11, 1)) is None
        return
    on = act.effective_from
    assert law.clause(act.id, None, on).in_force is None
    cited = law.cite(act.id, "5.3", on)
    assert cited is not None
    assert (cited.quote, cited.verified, cited.in_force_from) == (None, False, on)
    first = act.first_in_force or on
    assert law.clause(act.id, None, first - DAY).in_force is False
    assert law.cite(act.id, None, first - DAY) is None


def test_every_renumbering_row_in_both_directions() -> None:
    change = date(2026, 1, 1)
    rows = law.renumberings()
    for row in rows:
        (old, old_article), (new, new_article) = row.old, row.new
        if old_article:
            gone = law.clause(old, old_article, change)
            assert gone.in_force is False
            assert gone.successor == (row.new if new_article else None)
            assert law.clause(old, old_article, change - DAY).in_force is True
        if new_article:
            early = law.clause(new, new_article, change - DAY)
            assert early.in_force is False
            assert law.clause(new, new_article, change).in_force is True
            candidates = [r for r in rows if r.new == row.new and r.old[1]]
            best = max((r.similarity or 0 for r in candidates), default=None)
            if best is None:
                assert early.predecessor is None
            else:
                assert early.predecessor in [r.old for r in candidates if r.similarity == best]
    assert len(rows) == len({(row.old, row.new) for row in rows})


def test_renumbering_table_is_the_source(shared: Path) -> None:
    lines = (shared / "law/statutes/renumbering.csv").read_text(encoding="utf-8").splitlines()
    assert len(law.renumberings()) == len(lines) - 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("public-security-penalties-2012", "42"), ("public-security-penalties", "50")),
        (("csl-2016", "41"), ("csl", "43")),
        (("csl-2016", "42"), ("csl", "44")),
    ],
)
def test_renumbering_on_new_year_2026(old: tuple[str, str], new: tuple[str, str]) -> None:
    assert law.clause(*old, date(2025, 12, 31)).in_force is True
    assert law.clause(*old, date(2026, 1, 1)).successor == new
    assert law.clause(*new, date(2025, 12, 31)).predecessor == old
    assert law.clause(*new, date(2026, 1, 1)).in_force is True


def test_selling_data_has_no_public_security_article_before_2026() -> None:
    early = law.clause("public-security-penalties", "56", date(2025, 12, 31))
    assert (early.in_force, early.predecessor) == (False, None)


@pytest.mark.parametrize("article", ["286-1", "287-1", "287-2", "307-1", "280-1"])
def test_articles_that_amendment_nine_added(article: str) -> None:
    assert law.clause("criminal-law", article, date(2015, 11, 1)).in_force is True
    assert law.clause("criminal-law", article, date(2015, 10, 31)).in_force is False


def test_articles_that_amendments_rewrote() -> None:
    assert law.clause("criminal-law", "293-1", date(2021, 3, 1)).in_force is True
    assert law.clause("criminal-law", "293-1", date(2021, 2, 28)).in_force is False
    assert law.clause("criminal-law", "253-1", date(2015, 11, 1)).in_force is True
    assert law.clause("criminal-law", "253-1", date(2015, 10, 31)).in_force is None
    for article in ("175-1", "176", "192", "237"):
        assert law.clause("criminal-law", article, date(2021, 3, 1)).in_force is True
        assert law.clause("criminal-law", article, date(2021, 2, 28)).in_force is None


def test_no_criminal_article_waits_for_the_consolidated_text() -> None:
    for article in law.article_numbers("criminal-law"):
        assert law.clause("criminal-law", article, date(2021, 3, 1)).in_force is True
        assert law.clause("criminal-law", article, date(2024, 2, 29)).in_force is True
        assert law.clause("criminal-law", article, date(1979, 12, 31)).in_force is False


def test_dates_of_amendment_eleven_follow_from_its_text() -> None:
    text = law.clause("criminal-law-amendment-11", None, date(2021, 3, 1)).text or ""
    assert "作为第二百九十三条之一" in text
    for written in ("第一百七十五条之一第一款修改", "第一百七十六条修改", "第一百九十二条修改"):
        assert f"将刑法{written}" in text
    assert "将刑法第二百三十七条第三款修改" in text


def test_article_of_an_excerpt_that_is_not_held() -> None:
    assert law.clause("civil-code", "1", date(2022, 1, 1)).in_force is None
    assert law.clause("civil-code", "1", date(2020, 12, 31)).in_force is False
    cited = law.cite("civil-code", "1", date(2022, 1, 1))
    assert cited is not None
    assert (cited.quote, cited.verified) == (None, False)


def test_a_code_gives_no_start_for_an_article_it_does_not_hold() -> None:
    for on in (date(2019, 1, 1), date(2022, 1, 1), date(2025, 1, 1)):
        assert law.clause("criminal-law", "264", on).in_force is None
        assert law.clause("criminal-law", "264", on).in_force_from is None
        cited = law.cite("criminal-law", "264", on)
        assert cited is not None
        assert (cited.quote, cited.verified, cited.in_force_from) == (None, False, None)


def test_texts_of_other_versions_are_null() -> None:
    for act, on in (
        ("samr-complaints-2022", date(2021, 6, 1)),
        ("samr-complaints-2022", date(2022, 9, 29)),
        ("consumer-penalties-2015", date(2016, 1, 1)),
        ("consumer-penalties-2015", date(2021, 1, 1)),
        ("public-security-penalties-2012", date(2010, 1, 1)),
        ("civil-procedure", date(2023, 9, 1)),
    ):
        article = law.article_numbers(act)[5]
        assert law.clause(act, article, on).in_force is None
        cited = law.cite(act, article, on)
        assert cited is not None
        assert (cited.quote, cited.verified, cited.in_force_from) == (None, False, None)


def test_nothing_is_cited_where_it_may_have_been_replaced() -> None:
    assert law.cite("samr-complaints-2022", "14", date(2026, 4, 14)) is not None
    assert law.cite("samr-complaints-2022", "14", date(2026, 4, 15)) is None


def test_private_lending_texts_follow_each_other() -> None:
    ids = ("ji-private-lending-2015", "ji-private-lending-2020-08", "ji-private-lending")
    for on, valid in ((date(2020, 8, 19), 0), (date(2020, 8, 20), 1), (date(2021, 1, 1), 2)):
        answers = [law.clause(act, "26", on).in_force for act in ids]
        assert answers == [at == valid for at in range(3)]
    assert law.clause(ids[0], "26", date(2021, 1, 1)).successor == (ids[1], None)


def test_a_cite_holds_the_whole_article() -> None:
    cited = law.cite("pipl", "第二十三条", date(2025, 6, 1), paragraph="1", item="2")
    assert cited is not None
    assert cited.quote == law.clause("pipl", "23", date(2025, 6, 1)).text
    assert (cited.article, cited.paragraph, cited.item) == ("23", "1", "2")
    assert (cited.force, cited.verified, cited.in_force_from) == (
        Force.LAW,
        True,
        date(2021, 11, 1),
    )
    assert law.cite("pipl", "23", date(2021, 10, 31)) is None


def test_a_disputed_article_is_shown_but_not_quoted() -> None:
    on = date(2025, 1, 1)
    assert law.clause("ji-infonet-crimes", "15", on).text
    cited = law.cite("ji-infonet-crimes", "15", on)
    assert cited is not None
    assert (cited.quote, cited.verified) == (None, False)


def test_an_act_as_a_whole_has_no_text() -> None:
    whole = law.clause("pipl", None, date(2025, 1, 1))
    assert (whole.in_force, whole.text) == (True, None)


@pytest.mark.parametrize(
    ("act", "article", "named"),
    [
        ("pip", "3", "pipl"),
        ("pipl", "99", "pipl#74"),
        ("pipl", "abc", "pipl#1"),
        ("npcsc-interp-313", "2", "npcsc-interp-313"),
        ("app-draft-2026", None, "草案"),
    ],
)
def test_unknown_ids_name_the_nearest(act: str, article: str | None, named: str) -> None:
    with pytest.raises(LawError, match=named):
        law.clause(act, article, date(2025, 1, 1))


@given(
    st.sampled_from([(a.id, n) for a in HELD for n in law.article_numbers(a.id) or (None,)]),
    st.dates(date(1990, 1, 1), date(2026, 12, 31)),
)
def test_quotes_belong_to_their_day(key: tuple[str, str | None], on: date) -> None:
    found, cited = law.clause(*key, on), law.cite(*key, on)
    if found.in_force is not True:
        assert found.text is None
    if cited is not None and cited.quote is not None:
        assert cited.quote == found.text
        assert cited.in_force_from is not None
        assert cited.in_force_from <= on
    if found.in_force is False:
        assert cited is None


@given(st.sampled_from(VERSIONS), st.dates(date(1990, 1, 1), date(2026, 12, 31)))
def test_a_text_is_in_force_over_one_span(act: law.Instrument, on: date) -> None:
    first, last = act.text_from, act.text_to
    assert first is not None
    inside = first <= on and (last is None or on <= last)
    assert (law.clause(act.id, _first_article(act), on).in_force is True) == inside


def test_many_threads_see_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = [("pipl", str(n % 74 + 1), date(2025, 1, 1)) for n in range(400)]
        found = list(pool.map(lambda key: law.clause(*key), asked))
    assert found == [law.clause(*key) for key in asked]
