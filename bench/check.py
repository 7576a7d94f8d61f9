"""`jiedun check` on 10,000 messages and 20,000 calls: time, peak memory, and the findings verified.

Twice: a heavy case as a phone would hold it (seven calls of the creditor's side a day for 250 days, one
message in six unlawful), which has the target of 6 s and 500 MB on two cores; and a case in which
every other contact is a violation, without a target. `jiedun --help`: under 0.25 s.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import quoteattr

from jiedun.model.time import SHANGHAI

MESSAGES, CALLS, RUNS = 10_000, 20_000, 3
START = datetime(2026, 1, 1, 9, 0, tzinfo=SHANGHAI)
DEBTOR, LENDER, COLLECTOR, FRIEND = "17000008101", "4000000818", "17000008121", "17000008136"
EVERYDAY = (
    "明天几点开会？", "收到，谢谢", "周末回家吃饭吗", "路上堵车，晚到十分钟",
    "【云栈快递】您的包裹已到驿站，取件码 4-1-2290。",
    "【恒安银行】您尾号3370的账户支出56.00元。", "好的，明天见",
)  # fmt: skip
TEXTS = (
    "【桦岭消金】您的账单已逾期，请在APP内还款，有困难可致电4000000818。",
    "林先生您好，我是衡远信用管理的周工，工号3301，受桦岭消金委托提醒您还款。",
    "再不还钱就把你欠钱的事发到你们单位群里，让大家都看看。",
    "不还就等着坐牢吧，已经涉嫌诈骗，明天警察就上门抓你。",
    "晚上一起吃饭吗？老地方见。",
    "您的快递已到驿站，取件码 3-2-1107。",
)


def run() -> bool:
    """True when the targets are met and the findings are those the data was built to hold."""
    right, seconds, peak = _measure(every=12, everyday=EVERYDAY)
    print(f"findings as built: {right}")
    print(f"check {MESSAGES} messages + {CALLS} calls: {seconds:.2f} s (target 6)")
    print(f"peak memory: {peak:.0f} MB (target 500)")
    stressed, slow, high = _measure(every=2, everyday=())
    print(
        f"every other contact a violation: {slow:.2f} s, {high:.0f} MB; findings as built: {stressed}"
    )
    help_s = statistics.median(_help() for _ in range(7))
    print(f"jiedun --help: {help_s * 1000:.0f} ms (target 250)")
    return right and stressed and seconds < 6 and peak < 500 and help_s < 0.25


def _measure(every: int, everyday: tuple[str, ...]) -> tuple[bool, float, float]:
    """Whether the findings are those built in, median seconds, and the highest peak in MB."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "case"
        expected = _build(folder, every, (*TEXTS, *everyday))
        runs = [_check(folder, Path(scratch) / "out") for _ in range(RUNS)]
        right = _verify(Path(scratch) / "out" / "findings.json", expected)
    return right, statistics.median(s for s, _ in runs), max(p for _, p in runs)


def _build(folder: Path, every: int, texts: tuple[str, ...]) -> int:
    """Writes the folder; gives how many calls lie beyond the third of a side and day."""
    folder.mkdir(parents=True)
    rows = [
        (DEBTOR, "debtor", "林某", "本人"),
        (LENDER, "lender", "桦岭消金", "客服"),
        (COLLECTOR, "collector", "周某", "衡远信用管理 代表桦岭消金"),
        (FRIEND, "friend", "小赵", ""),
    ]
    _csv(folder / "parties.csv", ("number", "role", "name", "note"), rows)
    calls, over = [], 0
    for i in range(CALLS):
        day, nth = divmod(i, 80)
        at = START + timedelta(days=day, seconds=nth * 450)
        side = nth % every == 0
        over += side and nth // every >= 3
        number = COLLECTOR if side else FRIEND
        calls.append((f"{at:%Y-%m-%d %H:%M:%S}", "incoming", number, "", 20 + nth))
    _csv(
        folder / "calls.csv", ("time", "direction", "peer_number", "peer_name", "duration_s"), calls
    )
    _messages(folder / "sms.xml", texts)
    return over


def _csv(path: Path, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)


def _messages(path: Path, texts: tuple[str, ...]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(f"<?xml version='1.0' encoding='UTF-8'?>\n<smses count=\"{MESSAGES}\">\n")
        for i in range(MESSAGES):
            text = texts[i % len(texts)]
            number = FRIEND if i % len(texts) >= 4 else COLLECTOR
            at = int((START + timedelta(minutes=37 * i)).timestamp() * 1000)
            out.write(
                f'<sms protocol="0" address="{number}" date="{at}" type="1" subject="null" '
                f'body={quoteattr(f"{text}（{i}）")} read="1" status="-1" date_sent="{at}" />\n'
            )
        out.write("</smses>\n")


def _check(folder: Path, out: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "jiedun.cli.main", "check", str(folder), "--out", str(out)]
    command += ["--as-of", "2026-11-20"]
    began = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise SystemExit(f"jiedun check ended with {child.returncode}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


def _verify(path: Path, over: int) -> bool:
    findings = json.loads(path.read_text("utf-8"))["findings"]
    counted = sum(len(f["items"]) for f in findings if f["rule"] == "CN-COL-009-all")
    days = sum(1 for f in findings if f["rule"] == "CN-COL-009-all")
    return counted == over and days == CALLS // 80


def _help() -> float:
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "jiedun.cli.main", "--help"], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began
