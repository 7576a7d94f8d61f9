"""The annex: clauses in full, plain explanations, the list of evidence with hashes, the seal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jiedun.model.evidence import Channel
from jiedun.model.letter import (
    Block,
    Code,
    Heading,
    Items,
    Kind,
    PageBreak,
    Para,
    Run,
    Runs,
    Style,
    Table,
    runs_of,
)
from jiedun.model.report import TimelineRow
from jiedun.model.text import Words
from jiedun.model.time import SHANGHAI
from jiedun.remedies._data import table
from jiedun.remedies.letters.build import Builder, told_by

_CLAUSES = Words("所引条文（行为当日有效的文本）", "The clauses cited (text in force on the day)")
_NO_TEXT = Words(
    "标“待核实”的文件没有收录到可以核对的原文，这里只写名称和条号，请以正式文本为准。",
    "Documents marked 'to be checked' are named without a quote; see their official text.",
)
_TERMS = Words("词语解释", "Words explained")
_ANNEX = Words("附件：证据清单", "Annex: list of evidence")
_ROWS = Words(
    "编号|时间|是什么|位置（文件#行）|文件指纹", "No.|Time|What|Place (file#row)|File hash"
)
_FILES = Words("文件|SHA-256", "File|SHA-256")
_FILES_HEAD = Words("证据文件的完整指纹", "Full hashes of the evidence files")
_NO_EVIDENCE = Words("（本信没有引用文件夹里的证据。）", "(This letter names no evidence.)")
_SEAL = Words(
    "证据已封存。封存包的根：{root}\n签名密钥指纹：{key}\n"
    "收信人可向寄信人索取封存包，用任意设备运行包内的 verify.py 核验；核验时比对这里印的根，"
    "因为只有与另存的根比对，才能看出有没有人重新封存过。",
    "The evidence is sealed. Root: {root}\nFingerprint of the signing key: {key}\n"
    "Ask the sender for the package and run its verify.py; compare the root with the one printed "
    "here, since only a root kept elsewhere shows a package sealed again.",
)
_NO_SEAL = Words(
    "证据还没有封存。可以运行 jiedun seal 得到别人也能核验的证据包，再重新生成本信，信上会印出它的根和二维码。",
    "The evidence is not sealed yet: jiedun seal makes a package that anybody can verify.",
)
_KIND = {
    Channel.CALL: Words("通话", "call"),
    Channel.SMS: Words("短信", "message"),
    Channel.MMS: Words("彩信", "MMS"),
    Channel.CHAT: Words("聊天", "chat"),
    Channel.VISIT: Words("上门（记录）", "visit (record)"),
    Channel.POSTER: Words("张贴（记录）", "poster (record)"),
    Channel.OTHER: Words("其他", "other"),
}


def clauses(builder: Builder) -> Iterator[Block]:
    """Every clause the letter has named so far, verbatim where its text is held."""
    if not builder.clauses:
        return
    yield Heading((Run(_CLAUSES.of(builder.lang)),))
    found = sorted(builder.clauses.values(), key=lambda q: q.text is None)
    yield from found
    if any(quote.text is None for quote in found):
        yield Para((Run(_NO_TEXT.of(builder.lang)),), Style.NOTE)


def glossary(builder: Builder) -> Iterator[Block]:
    """A plain explanation of every term the letter used, whether marked or not."""
    lang, rows = builder.lang, table("terms")
    terms = [*builder.terms, *(t for t in _used(builder) if t not in builder.terms)]
    if not terms:
        return
    yield Heading((Run(_TERMS.of(lang)),))
    items = []
    for term in terms:
        row = rows[term]
        name = term if lang != "en" else row["term_en"]
        told = row["en"] if lang == "en" else row["zh"]
        items.append((Run(name, Kind.STRONG), Run(("：" if lang != "en" else ": ") + told)))
    yield Items(tuple(items), ordered=False)


def _used(builder: Builder) -> Iterator[str]:
    """Terms that stand in the program's own words so far."""
    own = (Kind.PLAIN, Kind.STRONG)
    text = "\n".join(r.text for b in builder.written for r in runs_of(b) if r.kind in own).lower()
    for term, row in table("terms").items():
        if (term if builder.lang != "en" else row["term_en"].lower()) in text:
            yield term


def annex(builder: Builder) -> Iterator[Block]:
    """The evidence named in the letter, by number, with file hashes; then the seal."""
    lang = builder.lang
    yield PageBreak()
    yield Heading((Run(_ANNEX.of(lang)),))
    names = list(builder.numbers)
    if not names:
        yield Para((Run(_NO_EVIDENCE.of(lang)),), Style.NOTE)
    else:
        rows = tuple(_row(builder, name) for name in names)
        yield Table(tuple(_ROWS.of(lang).split("|")), rows, (7, 17, 38, 22, 16))
        yield Heading((Run(_FILES_HEAD.of(lang)),), 2)
        yield Table(tuple(_FILES.of(lang).split("|")), tuple(_files(builder, names)), (36, 64))
    yield from _seal(builder)


def path_of(name: str) -> str:
    """The file of an item's locator."""
    return name.rpartition("#")[0]


def _row(builder: Builder, name: str) -> tuple[Runs, ...]:
    item = builder.matter.items.get(name)
    layout = "%Y-%m-%d" if item and item.day_only else "%Y-%m-%d %H:%M:%S"
    at = item.at.astimezone(SHANGHAI).strftime(layout) if item else ""
    digest = builder.matter.hashes.get(path_of(name), "")
    return (
        (Run(str(builder.numbers[name])),),
        (Run(at),),
        _what(builder, name, item),
        (Run(name, Kind.GIVEN),),
        (Run(digest[:10] or "—"),),
    )


def _what(builder: Builder, name: str, item: TimelineRow | None) -> Runs:
    lang = builder.lang
    if item is None:
        loans = {str(loan.ref) for loan in builder.matter.loans}
        paid = {str(p.ref): p for p in builder.matter.payments}
        if name in loans:
            return (Run("借款合同的数据" if lang != "en" else "figures of the loan contract"),)
        if name in paid:
            return (Run("还款记录 " if lang != "en" else "payment "), builder.figure(name))
        return (Run(name, Kind.GIVEN),)
    head = f"{_KIND[item.channel].of(lang)} {item.number}".strip()
    word = told_by(item.ref)
    head = word.of(lang) if word else head
    seconds = f" {item.duration_s}{'秒' if lang != 'en' else ' s'}" if item.duration_s else ""
    runs = [Run(f"{head}{seconds} · {item.phone.of(lang)}")]
    if item.text:
        runs += [Run("\n"), Run(item.text, Kind.SAID, name)]
    return tuple(runs)


def _files(builder: Builder, names: Sequence[str]) -> Iterator[tuple[Runs, ...]]:
    hashes = builder.matter.hashes
    for path in dict.fromkeys(map(path_of, names)):
        yield (Run(path, Kind.GIVEN),), (Run(hashes.get(path, "—")),)


def _seal(builder: Builder) -> Iterator[Block]:
    seal, lang = builder.matter.seal, builder.lang
    if seal is None:
        yield Para((Run(_NO_SEAL.of(lang)),), Style.NOTE)
        return
    told = _SEAL.of(lang).format(root=seal.root, key=seal.fingerprint)
    yield Code(seal.code, (Run(told),))


def photos(builder: Builder, options: Mapping[str, Any]) -> Iterator[Block]:
    """Pictures and recordings of the folder, numbered, with their hashes."""
    wanted = ("png", "jpeg", "gif", "webp", "heic", "avif", "pdf")
    media = [
        f
        for f in builder.matter.files
        if f.kind in wanted or f.kind.startswith(("audio/", "video/"))
    ]
    head = Words("序号|文件|指纹（前12位）|说明（请填写）", "No.|File|Hash|What it shows").of(
        builder.lang
    )
    note = Run("内容" if builder.lang != "en" else "content", Kind.BLANK)
    rows = tuple(
        ((Run(str(n)),), (Run(f.path, Kind.GIVEN),), (Run(f.sha256[:12]),), (note,))
        for n, f in enumerate(media, start=1)
    )
    if not rows:
        none = Words(
            "（文件夹里没有照片、截图或录音。）", "(No pictures or recordings in the folder.)"
        )
        yield Para((Run(none.of(builder.lang)),), Style.NOTE)
        return
    yield Table(tuple(head.split("|")), rows, (8, 42, 20, 30))
