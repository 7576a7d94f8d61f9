"""`jiedun draft FOLDER --letter ID|all`: letters as DOCX or PDF; `--list`, `--form`."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from jiedun.cli.main import Exit
from jiedun.cli.next import case_arguments, checked_case, results_folder
from jiedun.errors import UsageError
from jiedun.model.text import Words

if TYPE_CHECKING:
    from jiedun.case.letters import Desk, Draft

EXAMPLE = """例 / examples:
  jiedun draft --list                                   有哪些信 / which letters there are
  jiedun draft 我的证据/ --letter lender-complaint       一封信（DOCX，可修改）
  jiedun draft 我的证据/ --letter all --format pdf       这个案子用得上的全部信
  jiedun draft 我的证据/ --letter all --situation impersonated
  jiedun draft --form-sample > 我的证据/form.yaml               要填的表格 / the form to fill in"""

_WRITTEN = Words("已写好 {n} 份，在 {out}", "{n} files written to {out}")
_BLANKS = Words(
    "信里的横线要您手写或在 form.yaml 里填。", "Fill the blanks by hand or in form.yaml."
)
_CHECK = Words(
    "寄出前请逐句读一遍；拿不准先打12348法律援助。这些信不是律师意见。",
    "Read every sentence before sending; when unsure call legal aid 12348. This is no legal advice.",
)
_HELD = Words("先不写：", "Held back: ")
_FLAWED = Words(
    "这封信没有通过自检，没有写出：", "This letter failed its own check and was not written: "
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    case_arguments(parser, optional=True)
    parser.add_argument("--letter", default="all", metavar="ID|all", help="哪封信 / which letter")
    parser.add_argument("--format", choices=("docx", "pdf"), default="docx", help="格式 / format")
    parser.add_argument("--to", metavar="放贷方", help="只写给这个放贷方 / only this creditor")
    parser.add_argument("--afford", metavar="1500/month", help="每月能还多少 / affordable a month")
    parser.add_argument(
        "--confirm-limitation", action="store_true", help="明白时效风险，仍要方案 / risk understood"
    )
    parser.add_argument("--bag", type=Path, help="封存包（默认 FOLDER.bag）/ the sealed package")
    parser.add_argument("--list", action="store_true", help="列出所有信 / list the letters")
    parser.add_argument(
        "--form-sample", action="store_true", help="打印要填的表格 / print the form to fill in"
    )


def run(args: argparse.Namespace) -> int:
    """0 written; 3 written, but some input could not be read; 4 a letter failed its own check."""
    if args.list:
        return _list(args)
    if args.form_sample:
        print(_form_sample(args.lang))
        return Exit.DONE
    if args.folder is None:
        raise UsageError("要写明证据文件夹 / name the folder of evidence")
    return _write(args)


def _list(args: argparse.Namespace) -> int:
    from jiedun.remedies.letters import templates

    if args.json:
        rows = [
            {"id": t.id, "title": t.title.of(args.lang), "situations": list(t.situations)}
            for t in templates()
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return Exit.DONE
    width = max(len(t.id) for t in templates()) + 2
    for t in templates():
        print(f"{t.id:<{width}}{t.title.of(args.lang)}：{t.about.of(args.lang)}")
    return Exit.DONE


def _form_sample(lang: str) -> str:
    from jiedun.remedies.letters.form import sample

    return sample(lang)


def _write(args: argparse.Namespace) -> int:
    from jiedun.case.filed import read_filed
    from jiedun.case.form import read_form
    from jiedun.case.letters import Afford, desk, drafts, fitting
    from jiedun.case.seals import seal_of
    from jiedun.ledger import afford_of
    from jiedun.remedies.letters import template

    checked, out = checked_case(args), results_folder(args)
    case = desk(
        checked,
        form=read_form(checked.folder, args.form),
        filed=read_filed(out),
        seal=seal_of(checked.folder, args.bag),
        afford=Afford(afford_of(args.afford) if args.afford else None, args.confirm_limitation),
    )
    everything = args.letter == "all"
    chosen = fitting(case, args.situation) if everything else (template(args.letter),)
    made = list(drafts(case, chosen, args.lang, to=args.to))
    if args.to and not made:
        raise UsageError(f"没有这个放贷方 / no such creditor: {args.to[:40]}")
    flawed = _save_all(args, made, case, out / "letters")
    if flawed:
        return Exit.FAILED
    return Exit.PARTLY if checked.partly else Exit.DONE


def _save_all(args: argparse.Namespace, made: "list[Draft]", case: "Desk", out: Path) -> bool:
    """Whether a letter failed its own check; the others are written."""
    from jiedun.case.letter_files import save_letter
    from jiedun.remedies.letters import prove

    written: list[Path] = []
    flawed: list[str] = []
    held: list[str] = []
    for draft in made:
        if draft.refused is not None:
            held.append(f"{draft.letter.name}: {draft.refused.of(args.lang)}")
            continue
        flaws = prove(draft.letter, draft.matter)
        if flaws:
            flawed.append(f"{draft.letter.name}: {flaws[0].code}: {flaws[0].where}")
            continue
        written += save_letter(draft, out, args.format, case.checked.at)
    _tell(args, written, (held, flawed), out)
    return bool(flawed)


def _tell(
    args: argparse.Namespace, written: list[Path], kept: tuple[list[str], list[str]], out: Path
) -> None:
    held, flawed = kept
    if args.json:
        told = {"written": [str(p) for p in written], "held_back": held, "flawed": flawed}
        print(json.dumps(told, ensure_ascii=False))
        return
    print(_WRITTEN.of(args.lang).format(n=len(written), out=out))
    for path in written:
        print(f"  {path.name}")
    for line in held:
        print(_HELD.of(args.lang) + line)
    for line in flawed:
        print(_FLAWED.of(args.lang) + line)
    print(_BLANKS.of(args.lang))
    print(_CHECK.of(args.lang))
