"""Key-encryption keys on a PKCS#11 token (SoftHSM2): they wrap, rotate and never leave it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from jiedun.cli.main import main
from jiedun.errors import BadValue, VaultError
from jiedun.vault import rings, tables
from jiedun.vault.access import Actor
from jiedun.vault.change import erase, rotate_kek
from jiedun.vault.keyring import Cost, Keyring, Secret, Use
from jiedun.vault.register import example
from jiedun.vault.store import Places, Vault, open_vault
from jiedun.vault.token_uri import parse

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CHEAP = Cost(64, 1, 1)
LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
ACTOR = Actor("a", "credit")
PIN = "482915"

pkcs11 = pytest.importorskip("pkcs11", reason="python-pkcs11 is not installed")
if not LIBRARY.exists() or shutil.which("softhsm2-util") is None:
    pytest.skip("SoftHSM2 is not on this machine", allow_module_level=True)

from jiedun.vault.token import Token  # noqa: E402 - after the skips
from jiedun.vault.token_ring import TokenRing  # noqa: E402


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the tokens; the library reads its settings once a process."""
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir={folder / 'tokens'}\nlog.level=ERROR\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    yield folder
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def token(home: Path, request: pytest.FixtureRequest) -> Token:
    """A fresh token of its own for this test."""
    label = f"t{abs(hash(request.node.nodeid)) % 10**9}"
    _init(label)
    pkcs11.lib(str(LIBRARY)).reinitialize()
    return Token(parse(uri(label)), Secret(PIN.encode()))


def _init(label: str) -> None:
    words = ["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]
    subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)


def uri(label: str) -> str:
    return f"pkcs11:token={label};object=kek?module-path={LIBRARY}"


def vault_at(folder: Path, ring: Keyring) -> Vault:
    return open_vault(Places.below(folder), ring, example(), clock=lambda: NOW)


def keks(vault: Vault) -> set[str]:
    with vault.keys.connect() as link:
        return set(link.execute(select(tables.key.c.kek)).scalars())


def test_values_are_put_read_rotated_and_erased(
    tmp_path: Path, token: Token, person: dict[str, str]
) -> None:
    ring = TokenRing.make(tmp_path / "ring", "pw", token, now=NOW, cost=CHEAP)
    with vault_at(tmp_path, ring) as vault:
        one, other = vault.put_many([person, person], ["loan"], ACTOR)
        assert vault.read(one, ["name"], "loan", ACTOR)["name"].value == person["name"]
        assert keks(vault) == {"p11-1"}
        assert rotate_kek(vault, ACTOR) == 2
        assert (keks(vault), token.numbers()) == ({"p11-2"}, [2])
        erase(vault, other, ACTOR, "request")
    again = TokenRing.attach(tmp_path / "ring", "pw", Token(token.uri, Secret(PIN.encode())))
    with vault_at(tmp_path, again) as vault:
        assert vault.read(one, ["name"], "loan", ACTOR)["name"].value == person["name"]


def test_a_vault_moves_from_its_file_to_a_token(
    tmp_path: Path, token: Token, person: dict[str, str]
) -> None:
    Keyring.create(tmp_path / "ring", "pw", now=NOW, cost=CHEAP)
    with vault_at(tmp_path, Keyring.open(tmp_path / "ring", "pw")) as vault:
        one = vault.put(person, ["loan"], ACTOR)
    with vault_at(tmp_path, TokenRing.attach(tmp_path / "ring", "pw", token)) as vault:
        assert vault.read(one, ["name"], "loan", ACTOR)["name"].value == person["name"]
        assert rotate_kek(vault, ACTOR) == 1
        assert [k.id for k in vault.ring.live(Use.KEK)] == ["p11-1"]
        assert vault.read(one, ["name"], "loan", ACTOR)["name"].value == person["name"]
    assert '"kek"' not in (tmp_path / "ring").read_text()
    with pytest.raises(VaultError, match="on a token"):
        rings.open_ring(tmp_path / "ring", "pw")


def test_the_key_does_not_leave_the_token(token: Token, tmp_path: Path) -> None:
    token.make()
    session = pkcs11.lib(str(LIBRARY)).get_token(token_label=token.uri.token).open()
    (key,) = session.get_objects({pkcs11.Attribute.LABEL: "kek-1"})
    with pytest.raises(pkcs11.AttributeSensitive):
        key[pkcs11.Attribute.VALUE]
    with pytest.raises(pkcs11.PKCS11Error):
        key[pkcs11.Attribute.EXTRACTABLE] = True
    assert not key[pkcs11.Attribute.EXTRACTABLE] and key[pkcs11.Attribute.ALWAYS_SENSITIVE]
    assert not key[pkcs11.Attribute.WRAP]
    assert PIN not in repr(token) + str(vars(token))


def test_a_key_that_may_leave_the_token_is_refused(token: Token) -> None:
    token.make()
    session = pkcs11.lib(str(LIBRARY)).get_token(token_label=token.uri.token).open(rw=True)
    session.generate_key(
        pkcs11.KeyType.AES, 256, label="kek-2", store=True,
        template={pkcs11.Attribute.EXTRACTABLE: True, pkcs11.Attribute.SENSITIVE: False},
    )  # fmt: skip
    with pytest.raises(VaultError, match="may leave it"):
        token.numbers()


def test_a_box_changed_cut_or_moved_does_not_open(token: Token) -> None:
    token.make()
    token.make()
    box = token.seal(1, bytes(12), b"k" * 32, b"context")
    assert token.unseal(1, box, b"context") == b"k" * 32
    odd = [box[:n] for n in (0, 5, 27, len(box) - 1)]
    odd += [box[:n] + bytes([box[n] ^ 1]) + box[n + 1 :] for n in range(len(box))]
    for raw in [*odd, box + b"\0"]:
        with pytest.raises(VaultError, match="cannot be opened"):
            token.unseal(1, raw, b"context")
    for number, context in ((1, b"other"), (2, b"context")):
        with pytest.raises(VaultError, match="cannot be opened"):
            token.unseal(number, box, context)
    with pytest.raises(VaultError, match="not on the token"):
        token.unseal(3, box, b"context")


def test_the_box_is_what_aes_gcm_makes(token: Token) -> None:
    """The token's mechanism gives a tag over the context: two contexts, same text, other tags."""
    token.make()
    one, two = (token.seal(1, bytes(12), b"k" * 32, c) for c in (b"a", b"b"))
    assert one[:44] == two[:44] and one[44:] != two[44:]
    assert len(one) == 12 + 32 + 16


def test_a_wrong_pin_says_so_and_tells_no_pin(token: Token) -> None:
    for odd in ("000000", "9" * 300):
        with pytest.raises(VaultError, match="refuses the PIN") as caught:
            Token(token.uri, Secret(odd.encode())).numbers()
        assert odd not in str(caught.value)
        assert caught.value.__cause__ is None


def test_no_such_token_and_no_library(token: Token, tmp_path: Path) -> None:
    secret = Secret(PIN.encode())
    with pytest.raises(VaultError, match="no such token"):
        Token(replace(token.uri, token="elsewhere"), secret).numbers()
    with pytest.raises(VaultError, match="library is not there"):
        Token(replace(token.uri, module=tmp_path / "x.so"), secret).numbers()
    (tmp_path / "x.so").write_bytes(b"no library")
    with pytest.raises(VaultError, match="cannot be loaded"):
        Token(replace(token.uri, module=tmp_path / "x.so"), secret).numbers()


def test_a_token_gone_midway_keeps_nothing_half_and_works_again_when_back(
    tmp_path: Path, token: Token, home: Path, person: dict[str, str]
) -> None:
    ring = TokenRing.make(tmp_path / "ring", "pw", token, now=NOW, cost=CHEAP)
    with vault_at(tmp_path, ring) as vault:
        one = vault.put(person, ["loan"], ACTOR)
        (home / "tokens").rename(home / "away")
        try:
            for _ in range(2):
                with pytest.raises(VaultError) as caught:
                    vault.put(person, ["loan"], ACTOR)
                assert person["name"] not in str(caught.value)
            with pytest.raises(VaultError):
                vault.read(one, ["name"], "loan", ACTOR)
            with pytest.raises(VaultError):
                rotate_kek(vault, ACTOR)
        finally:
            shutil.rmtree(home / "tokens", ignore_errors=True)
            (home / "away").rename(home / "tokens")
        assert vault.read(one, ["name"], "loan", ACTOR)["name"].value == person["name"]
        with vault.data.connect() as link:
            assert len(link.execute(select(tables.subject)).all()) == 1
        with vault.keys.connect() as link:
            assert len(link.execute(select(tables.key)).all()) == 1


def test_the_keys_are_not_on_this_token(tmp_path: Path, token: Token) -> None:
    TokenRing.make(tmp_path / "ring", "pw", token, now=NOW, cost=CHEAP)
    other = Token(replace(token.uri, object="other"), Secret(PIN.encode()))
    with pytest.raises(VaultError, match="not on the token"):
        TokenRing.attach(tmp_path / "ring", "pw", other)
    with pytest.raises(VaultError, match="already has keys"):
        TokenRing.make(tmp_path / "ring2", "pw", token, now=NOW, cost=CHEAP)
    gm = Keyring.create(tmp_path / "gm", "pw", now=NOW, kind="gm", cost=CHEAP)
    with pytest.raises(VaultError, match="SM4"):
        TokenRing.attach(gm.path, "pw", token)
    for key in ("p11-1", "p11-7", "p11-x"):
        with pytest.raises(VaultError):
            TokenRing.attach(tmp_path / "ring", "pw", token).destroy(key)


@pytest.mark.parametrize(
    "text",
    [
        "file:x", "pkcs11:", "pkcs11:object=a?module-path=/x", "pkcs11:token=a",
        "pkcs11:token=a?module-path=/x&pin-value=1234", "pkcs11:token=a;pin-value=1234",
        "pkcs11:token=a;colour=b?module-path=/x", "pkcs11:token=a;token=b?module-path=/x",
        "pkcs11:token?module-path=/x",
    ],
)  # fmt: skip
def test_uris_that_name_no_token_or_show_a_pin(text: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse(text)
    assert "1234" not in str(caught.value)


def test_a_uri_reads_as_rfc_7512_says() -> None:
    found = parse("pkcs11:token=a%20b;serial=01?module-path=/x.so&pin-source=file:/run/pin")
    assert (found.token, found.serial, found.pin_source) == ("a b", "01", "/run/pin")
    assert found.object == "jiedun-kek"
    assert parse("pkcs11:token=a", "/y.so").module == Path("/y.so")


def test_the_commands(
    tmp_path: Path, token: Token, person: dict[str, str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, cheap: None,
) -> None:  # fmt: skip
    pin = tmp_path / "pin"
    pin.write_text(PIN + "\n")
    pin.chmod(0o644)
    base = ["--at", str(tmp_path / "v"), "--passphrase", "pw", "--keys", uri(token.uri.token)]
    at = [*base, "--pin-file", str(pin)]
    assert main(["vault", "init", *at]) == 1
    assert "chmod 600" in capsys.readouterr().err
    pin.chmod(0o600)
    assert main(["vault", "init", *at]) == 0
    people = tmp_path / "p.jsonl"
    people.write_text(json.dumps({n: person[n] for n in ("name", "mobile")}))
    capsys.readouterr()
    who = ["--purpose", "loan", "--actor", "a", "--role", "credit"]
    assert main(["vault", "put", str(people), *at, *who]) == 0
    one = json.loads(capsys.readouterr().out)["subject"]
    monkeypatch.setenv(rings.PIN, PIN)
    assert main(["vault", "read", one, "name", *base, *who]) == 0
    assert person["name"] in capsys.readouterr().out
    assert main(["vault", "rotate", "kek", *base, "--actor", "a"]) == 0
    assert main(["vault", "read", one, "name", *base[:4], *who]) == 1
    assert "--keys" in capsys.readouterr().err
    monkeypatch.delenv(rings.PIN)
    assert main(["vault", "read", one, "name", *base, *who]) == 1
    assert "--pin-file" in capsys.readouterr().err
