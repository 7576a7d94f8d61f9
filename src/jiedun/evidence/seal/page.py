"""`index.html` of a bag: what it is, root and fingerprint, the files, how to verify; zh and en."""

from collections.abc import Sequence
from html import escape

from jiedun.evidence.seal.badge import badge, grouped

_SHOWN = 2000
_STYLE = (
    "body{font:16px/1.6 sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "code,td{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:.85rem}"
    "td,th{border:1px solid #bbb;padding:.2rem .4rem;text-align:left}h2{margin-top:2rem}"
    "svg{background:#fff}"
)
_ZH = """<h1>封存的证据包</h1>
<p>本目录保存了 {files} 个文件的原样副本及其指纹，封存于 {created}。{scope}</p>
<h2>怎样核验</h2>
<ol><li>把下面的“根”和“密钥指纹”与信件上印的、或您另处保存的核对。两者都一致，才说明这就是当时封存的那一包：
改动一个字节再重新封存的人，造不出相同的根。</li>
<li>在任何装有 Python 3.9 以上的电脑上运行：<code>python3 -I verify.py 本目录</code>，显示“完整”即可。
更稳妥的做法是使用从别处取得的同一程序，因为能改动包的人也能改动包里的程序。</li>
<li>本包遵循 BagIt（RFC 8493），通用的 BagIt 工具也能核对文件。</li></ol>
<p>核验能证明：封存之后没有任何文件被改、被删、被加。核验不能证明：封存之前内容是否真实，谁按下了封存。
{stamp}</p>"""
_EN = """<h1>Sealed evidence</h1>
<p>This folder holds {files} files and their fingerprints, sealed at {created}. {scope}</p>
<h2>How to verify</h2>
<ol><li>Compare the root and the key fingerprint below with those printed on the letter, or kept
elsewhere. Only when both agree is this the package that was sealed then.</li>
<li>On any computer with Python 3.9 or newer: <code>python3 -I verify.py THIS_FOLDER</code>. Better,
use a copy of that program from elsewhere: whoever can change the package can change it too.</li>
<li>The folder follows BagIt (RFC 8493); other BagIt tools can check its files.</li></ol>
<p>It proves that nothing was changed, removed or added after sealing. It does not prove that the
content was true before, nor who sealed it. {stamp}</p>"""
_SCOPE = {
    "all": ("包括文件夹里的全部证据。", "It holds all evidence of the folder."),
    "cited": ("只包括被引用的文件。", "It holds only the files that are cited."),
}
_REDACTED = ("其他人的个人信息已用代号替换。", "Other people's personal information is replaced.")
_STAMPED = ("另有时间戳 timestamp.tsr。", "There is a timestamp, timestamp.tsr.")


def _language(template: str, which: int, facts: dict[str, str], flags: Sequence[str]) -> str:
    scope = _SCOPE[facts["only"]][which]
    scope += _REDACTED[which] if "redacted" in flags else ""
    stamp = _STAMPED[which] if "stamped" in flags else ""
    return template.format(**{k: escape(v) for k, v in facts.items()}, scope=scope, stamp=stamp)


def page(
    root: str, fingerprint: str, facts: dict[str, str], flags: Sequence[str], lines: Sequence[str]
) -> str:
    """The page. `facts` has files, created, only; `flags` of redacted, stamped; `lines` are the
    manifest's. Everything from the evidence is escaped; nothing is loaded from elsewhere."""
    rows = "".join(
        f"<tr><td>{escape(line[66:])}</td><td><code>{line[:64]}</code></td></tr>"
        for line in lines[:_SHOWN]
    )
    more = f"<p>… {len(lines)} (manifest-sha256.txt)</p>" if len(lines) > _SHOWN else ""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>封存的证据包 Sealed evidence</title><style>{_STYLE}</style></head><body>"
        f"{_language(_ZH, 0, facts, flags)}"
        f"<h2>根 root</h2><p><code>{grouped(root)}</code></p>"
        f"<h2>密钥指纹 key fingerprint</h2><p><code>{grouped(fingerprint)}</code></p>"
        f'{badge(root, fingerprint)}<div lang="en">{_language(_EN, 1, facts, flags)}</div>'
        f"<h2>文件 files</h2><table><tr><th>路径 path</th><th>SHA-256</th></tr>{rows}</table>{more}"
        "</body></html>\n"
    )
