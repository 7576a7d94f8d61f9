"""Every letter as data: well formed, in two languages, naming only what exists."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from jiedun import law
from jiedun.errors import UsageError
from jiedun.remedies._data import entries, table
from jiedun.remedies.letters.form import sample
from jiedun.remedies.letters.template import (
    KEYS,
    TEXT_BLOCKS,
    Template,
    expand,
    template,
    template_files,
    templates,
)
from jiedun.remedies.values import SITUATIONS

DAY = date(2026, 11, 20)
_MARK = re.compile(r"\{([?¥@§=]?)([^{}]+)\}")
_PARTS = ("principal", "interest", "fees", "penalty", "paid", "total", "overpaid")


def _texts(body: Any) -> Iterator[Mapping[str, str]]:
    for block in expand(body):
        for key, value in block.items():
            if key in TEXT_BLOCKS:
                yield value
            elif key in ("list", "bullets"):
                yield from value


@pytest.mark.parametrize("letter", templates(), ids=lambda t: t.id)
def test_template_is_whole(letter: Template) -> None:
    assert letter.title.zh and letter.title.en and letter.about.zh and letter.about.en
    assert set(letter.situations) <= set(SITUATIONS)
    assert letter.per in ("creditor", "phone", "case")
    for block in expand(letter.body):
        assert set(block) <= set(KEYS), block
    assert sum("annex" in block for block in expand(letter.body)) == 1


@pytest.mark.parametrize("letter", templates(), ids=lambda t: t.id)
def test_every_placeholder_resolves_in_both_languages(letter: Template) -> None:
    for text in _texts(letter.body):
        marks = {lang: set(_MARK.findall(text[lang])) for lang in ("zh", "en")}
        without_blanks = {
            lang: {m for m in found if m[0] not in ("?", "=")} for lang, found in marks.items()
        }
        assert without_blanks["zh"] == without_blanks["en"], text
        for sign, name in marks["zh"] | marks["en"]:
            _assert_known(sign, name)


def _assert_known(sign: str, name: str) -> None:
    if sign == "":
        assert name == "as_of" or name in table("fields"), name
    elif sign == "=":
        assert name in table("terms"), name
    elif sign == "@":
        assert name in ("loan", "payments")
    elif sign == "¥":
        head, _, part = name.partition(".")
        assert head in ("main", "loan", "refund") and (not part or part in (*_PARTS, "received"))
    elif sign == "§":
        found = [law.cite(*_reference(ref), DAY) for ref in name.split("|")]
        assert any(found), name


def _reference(ref: str) -> tuple[str, str | None]:
    act, _, article = ref.partition("#")
    return act, article or None


def test_no_template_types_a_sum_or_an_article_by_hand() -> None:
    for letter in templates():
        for text in _texts(letter.body):
            plain = _MARK.sub("", text["zh"])
            assert not re.search(r"\d+(\.\d+)?\s*元", plain), plain
            assert not re.search(r"第[零一二三四五六七八九十百千\d]+条", plain), plain


def test_plan_and_channels_name_letters_that_exist() -> None:
    known = {t.id for t in templates()}
    for name in ("steps", "channels"):
        for entry in entries(name):
            assert set(entry.get("letters", ())) <= known, entry


def test_every_file_is_listed_and_every_situation_has_letters() -> None:
    assert template_files() == tuple(sorted(t.id for t in templates()))
    for kind in SITUATIONS:
        assert any(kind in t.situations for t in templates())


def test_unknown_letter_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="lender-complaint"):
        template("nothing-such")


def test_offences_are_held_before_and_after_the_revision() -> None:
    for on in (date(2025, 6, 1), date(2026, 6, 1)):
        for entry in entries("offences"):
            found = [law.cite(c["instrument"], c["article"], on) for c in entry["cites"]]
            in_force = [cite for cite in found if cite is not None]
            assert all(cite.quote for cite in in_force)
            acts = {cite.instrument for cite in in_force}
            assert not {"public-security-penalties", "public-security-penalties-2012"} <= acts


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_form_names_every_field_and_is_yaml(lang: str) -> None:
    import yaml

    form = yaml.load(sample(lang), yaml.BaseLoader)
    flat = {f"{k}.{s}" for k, v in form.items() if isinstance(v, dict) for s in v} | set(form)
    computed = {"creditor", "collectors", "collector.numbers", "owner", "owner.number", "borrower"}
    for key in table("fields"):
        assert key in computed or key in flat or key.split(".")[0] == "investors", key


def test_explanations_are_short_and_plain() -> None:
    for term, row in table("terms").items():
        assert 0 < len(row["zh"]) <= 50, term
        assert row["term_en"] and row["en"]


def test_sentences_are_short_enough_to_follow() -> None:
    lengths = [
        len(_MARK.sub("某某", sentence))
        for letter in templates()
        for text in _texts(letter.body)
        for sentence in re.split(r"[。；！？：]", text["zh"])
        if sentence.strip()
    ]
    assert sum(lengths) / len(lengths) <= 25
    assert sorted(lengths)[int(len(lengths) * 0.95)] <= 60
