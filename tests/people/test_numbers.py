"""Two writings of one number meet; two numbers never do."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedun.people.numbers import IP_PREFIXES, canonical

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
AREAS = st.from_regex(r"(10|2[0-9]|[3-9][0-9]{2})", fullmatch=True)
LANDLINES = st.builds("0{}{}".format, AREAS, st.from_regex(r"[2-8][0-9]{7}", fullmatch=True))
PORTS = st.from_regex(r"106[0-9]{8,15}", fullmatch=True)
SERVICES = st.from_regex(r"(95[0-9]{3}|[48]00[0-9]{7}|100(86|10|00)|12[0-9]{3})", fullmatch=True)
NUMBERS = st.one_of(MOBILES, LANDLINES, PORTS, SERVICES)

MOBILE_WRITINGS: list[Callable[[str], str]] = [
    lambda n: n,
    lambda n: f"+86{n}",
    lambda n: f"+86 {n[:3]} {n[3:7]} {n[7:]}",
    lambda n: f"0086{n}",
    lambda n: f"86{n}\t",
    lambda n: f"0{n}",
    lambda n: f"12593{n}",
    lambda n: f"179510{n}",
    lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}",
    lambda n: f"（+86）{n}",
    lambda n: f"\u202d{n}\u202c",
    lambda n: n.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    lambda n: f"tel:+86-{n}",
    lambda n: f'="{n}"',
    lambda n: f"1259386{n}",
]
LANDLINE_WRITINGS: list[Callable[[str], str]] = [
    lambda n: n,
    lambda n: f"86{n}",
    lambda n: f"+86 {n[1:]}",
    lambda n: f"0086{n[1:]}",
    lambda n: f"86{n[1:]}",
    lambda n: f"+86 (0){n[1:]}",
    lambda n: f"17909{n}",
    lambda n: f"({n[:3]}){n[3:]}",
    lambda n: f"{n[:-8]}-{n[-8:]}",
    lambda n: f"{n}转8001",
    lambda n: f"{n},12",
]
PORT_WRITINGS: list[Callable[[str], str]] = [
    lambda n: n,
    lambda n: f"+86{n}",
    lambda n: f"86{n}",
    lambda n: f"0086{n}",
    lambda n: f"+{n}",
    lambda n: f"{n} ",
]


@given(MOBILES, st.sampled_from(MOBILE_WRITINGS))
def test_mobiles_meet(number: str, write: Callable[[str], str]) -> None:
    assert canonical(write(number)) == number


@given(LANDLINES, st.sampled_from(LANDLINE_WRITINGS))
def test_landlines_meet_whatever_the_area(number: str, write: Callable[[str], str]) -> None:
    assert canonical(write(number)) == number


@given(PORTS, st.sampled_from(PORT_WRITINGS))
def test_ports_meet(number: str, write: Callable[[str], str]) -> None:
    assert canonical(write(number)) == number


@given(SERVICES, st.sampled_from(["", "+86", "+", " "]))
def test_service_numbers_meet(number: str, before: str) -> None:
    assert canonical(before + number) == number


@given(NUMBERS, NUMBERS)
def test_different_numbers_never_meet(one: str, other: str) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)
    assert (canonical(f"+86{one}") == canonical(other)) == (one == other)


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[+0-9 \-]{1,24}", fullmatch=True)))
@settings(max_examples=400)
def test_canonical_is_its_own_canonical(raw: str) -> None:
    clean = canonical(raw)
    assert clean is None or canonical(clean) == clean


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "-",
        "--",
        "-1",
        "-2",
        "-3",
        "未知",
        "未知号码",
        "私密号码",
        "Unknown",
        "(Unknown)",
        "Private Number",
        "No Caller ID",
        "null",
        "0",
        "000",
        "+",
        "1.38E+10",
        "1E+10",
        "\t",
        "\u202d\u202c",
    ],
)
def test_withheld(raw: str) -> None:
    assert canonical(raw) is None


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("95588", "95588"),
        ("+8695588", "95588"),
        ("8695588", "8695588"),
        ("10086", "10086"),
        ("86106912", "86106912"),
        ("861069000005190", "1069000005190"),
        ("+861069000005", "01069000005"),
        ("1069000005", "1069000005"),
        ("8612368", "8612368"),
        ("12593", "12593"),
        ("17951138", "17951138"),
        ("0085221234567", "+85221234567"),
        ("+12025550123", "+12025550123"),
        ("+13800138000", "13800138000"),
        ("00005190", "00005190"),
        ("Yanchi Bank", "YANCHI BANK"),
        ("138****1234", "138****1234"),
        ("17000005121,", "17000005121"),
    ],
)
def test_numbers_that_look_alike(raw: str, clean: str) -> None:
    assert canonical(raw) == clean


def test_every_ip_prefix_goes_only_before_a_whole_number() -> None:
    for prefix in IP_PREFIXES:
        assert canonical(f"{prefix}17000000001") == "17000000001"
        assert canonical(f"{prefix}5") == f"{prefix}5"


def test_thirty_thousand_numbers_take_seconds_at_most() -> None:
    start = time.process_time()
    found = {canonical(f"+86 170 {n:08d}") for n in range(30_000)}
    assert len(found) == 30_000
    assert time.process_time() - start < 4
