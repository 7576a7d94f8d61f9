"""Reading a 200 MB SMS backup: MB/s on one core and peak memory, beside ElementTree.iterparse.

The file is built on the spot: messages of realistic length with all attributes, one in ten with
a line break written as a reference, and an MMS picture as base64 for every thousand. Both
readers must give the number of records and the hash of all texts known from building; then each
is timed in a process of its own.
"""

import base64
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

_MEGABYTES = 200
_PHRASES = (
    "您的借款已逾期，请尽快处理，以免影响您的个人征信。",
    "尊敬的客户，您尾号0000的账户于今日支出人民币，余额不足，请及时充值。",
    "【某某金融】最后一次通知：今日18点前未还款，将移交第三方处理！",
    "您的验证码是，5分钟内有效，请勿告诉他人。回复TD退订",
    "妈妈让你周末回家吃饭，记得带上弟弟。",
    "快递已放在门口，请注意查收，取件码",
)
_START = 1735689600000
_PICTURE_EVERY = 1000
_NEEDED_MB_S = 40.0

_OURS = """
import hashlib, io, json, resource, sys, time
from pathlib import Path
from jiedun.evidence.interface import Source
from jiedun.evidence.readers.sms_backup import SmsBackup
path = Path(sys.argv[1])
with path.open("rb") as f:
    head = f.read(65536)
source = Source("sms.xml", path.stat().st_size, head, lambda: path.open("rb"))
verify = sys.argv[2] == "verify"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
digest, n, start = hashlib.sha256(), 0, time.process_time()
for item in SmsBackup().read(source):
    n += 1
    if verify:
        digest.update(item.text.encode() + b"\\0")
seconds = time.process_time() - start
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([n, digest.hexdigest(), seconds, (after - before) / 1024, after / 1024]))
"""

_PEER = """
import hashlib, json, re, resource, sys, time
from xml.etree.ElementTree import iterparse
verify = sys.argv[2] == "verify"
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
digest, n, start = hashlib.sha256(), 0, time.process_time()
root = None
for event, element in iterparse(sys.argv[1], events=("start", "end")):
    if event == "start":
        root = element if root is None else root
        continue
    if element.tag in ("sms", "mms"):
        n += 1
        text = element.get("body")
        if text is None:
            text = "\\n".join(p.get("text") for p in element.iter("part") if p.get("ct") == "text/plain")
        if verify:
            digest.update(text.encode() + b"\\0")
        root.clear()
seconds = time.process_time() - start
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([n, digest.hexdigest(), seconds, (after - before) / 1024, after / 1024]))
"""


def build(path: Path, megabytes: int, *, seed: int = 1) -> tuple[int, str]:
    """Writes the file; gives its number of records and the SHA-256 of their texts."""
    rng = random.Random(seed)
    picture = base64.b64encode(rng.randbytes(60_000)).decode()
    digest, n = hashlib.sha256(), 0
    with path.open("w", encoding="utf-8") as out:
        out.write("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n")
        out.write('<?xml-stylesheet type="text/xsl" href="sms.xsl"?>\n<smses count="0">\n')
        while out.tell() < megabytes * 1_000_000:
            n += 1
            text = "".join(rng.choices(_PHRASES, k=rng.choice((1, 1, 1, 2, 2, 4)))) + str(n)
            picked = n % _PICTURE_EVERY == 0
            if n % 10 == 1:
                text = "回复：\n" + text
            written = text.replace("\n", "&#10;")
            out.write(_mms(n, written, picture) if picked else _sms(rng, n, written))
            digest.update(text.encode() + b"\0")
        out.write("</smses>")
    return n, digest.hexdigest()


def _sms(rng: random.Random, n: int, text: str) -> str:
    when, box = _START + n * 61_234, rng.choice("1112")
    sent = 0 if box == "2" else when - 1500
    return (
        f'  <sms protocol="0" address="{_number(rng)}" date="{when}" type="{box}" subject="null" '
        f'body="{text}" toa="null" sc_toa="null" service_center="null" read="1" status="-1" '
        f'locked="0" date_sent="{sent}" sub_id="1" readable_date="2025年1月1日 08:00:00" '
        f'contact_name="(Unknown)" />\n'
    )


def _number(rng: random.Random) -> str:
    return rng.choice(("10690000", "95500", f"+861700000{rng.randrange(10_000):04d}"))


def _mms(n: int, text: str, picture: str) -> str:
    return (
        f'  <mms date="{_START + n * 61_234}" msg_box="1" address="17000000001" sub="null" '
        f'm_type="132" contact_name="(Unknown)">\n    <parts>\n'
        f'      <part seq="0" ct="image/jpeg" name="a.jpg" text="null" data="{picture}" />\n'
        f'      <part seq="0" ct="text/plain" text="{text}" />\n    </parts>\n    <addrs>\n'
        f'      <addr address="17000000001" type="137" charset="106" />\n    </addrs>\n  </mms>\n'
    )


def _measure(code: str, path: Path, mode: str) -> tuple[int, str, float, float, float]:
    out = subprocess.run(
        [sys.executable, "-c", code, str(path), mode], check=True, capture_output=True, text=True
    )
    n, digest, seconds, grown, peak = json.loads(out.stdout)
    return n, digest, seconds, grown, peak


def run() -> bool:
    """Whether the texts are right, the rate is at least 40 MB/s and the memory constant."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sms.xml"
        expected = build(path, _MEGABYTES)
        size = path.stat().st_size / 1e6
        for name, code in (("jiedun", _OURS), ("iterparse", _PEER)):
            if _measure(code, path, "verify")[:2] != expected:
                print(f"{name}: the records are wrong")
                return False
        runs = {
            name: sorted((_measure(code, path, "time") for _ in range(3)), key=lambda r: r[2])[1]
            for name, code in (("jiedun", _OURS), ("iterparse", _PEER))
        }
    for name, (n, _, seconds, grown, peak) in runs.items():
        print(f"{name}: {size / seconds:.1f} MB/s, {n} records, peak {peak:.0f} MB (+{grown:.0f})")
    ours = runs["jiedun"]
    return size / ours[2] >= _NEEDED_MB_S and ours[3] < 32
