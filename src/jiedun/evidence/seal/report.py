"""What a verifier found: faults refuse the bag, remarks do not."""

from dataclasses import dataclass, field

from jiedun.model.text import Words

FAULTS = {
    "no-bag": Words("不是一个包：目录不存在或打不开", "not a bag: no such folder, or it cannot be opened"),
    "missing": Words("缺少文件", "a file is missing"),
    "extra": Words("多出未列入清单的文件或目录", "a file or folder is there that no list names"),
    "link": Words("链接或特殊文件，不接受", "a link or special file, which no bag may hold"),
    "unreadable": Words("文件打不开", "a file cannot be read"),
    "hash": Words("内容与哈希不符，已被改动", "the content does not fit its hash: it was changed"),
    "declaration": Words("bagit.txt 的写法不合规范", "bagit.txt is not written as the standard says"),
    "version": Words("不认识的 BagIt 版本", "an unknown BagIt version"),
    "encoding": Words("清单不是声明的编码，或带有 BOM", "a list is not in the declared encoding, or has a BOM"),
    "no-manifest": Words("没有内容清单", "there is no payload manifest"),
    "algorithm": Words("不认识的哈希算法", "an unknown hash algorithm"),
    "line": Words("清单中有一行写法不对", "a line of a list is malformed"),
    "path": Words("路径不安全或越出包外", "a path is unsafe or leads outside the bag"),
    "twice": Words("同一路径列了两次", "a path is listed twice"),
    "collision": Words("两个路径只差大小写或字符组合方式", "two paths differ in case or composition only"),
    "unlisted": Words("文件不在每一份清单里", "a file is not in every manifest"),
    "fetch": Words("要从网上取的文件不在包里；本程序从不联网取文件", "a file to be fetched is absent (never fetched)"),
    "info": Words("bag-info.txt 的写法不对", "bag-info.txt is malformed"),
    "oxum": Words("文件总数或总字节数与 Payload-Oxum 不符", "the payload is not what Payload-Oxum states"),
    "order": Words("清单没有按路径排序，或缺最后的换行", "a list is not sorted, or lacks its last newline"),
    "no-seal": Words("没有封存签名：这只是普通的包，不是封存包", "there is no seal: this is a plain bag"),
    "seal": Words("seal.json 的写法不对", "seal.json is malformed"),
    "signature": Words("签名与内容不符", "the signature does not fit the content"),
    "root": Words("默克尔根与清单不符", "the Merkle root does not fit the manifest"),
    "custody": Words("保管日志的链条断了", "the custody log is not whole"),
    "token": Words("时间戳与本包不符", "the timestamp does not fit this bag"),
    "authority": Words("时间戳机构的证书链不成立", "the timestamp's certificates do not lead to the root given"),
    "redaction": Words("遮盖记录与文件不符", "the record of redactions does not fit the files"),
    "other-root": Words("包是自洽的，但根与您手里的不同：包被换过", "whole, but not the root you hold: another bag"),
    "other-key": Words("包自洽，但密钥指纹与您手里的不同：包被换过", "whole, but not the key you hold: another bag"),
    "ots": Words("OpenTimestamps 证明不属于本包", "the OpenTimestamps proof is not of this bag"),
}  # fmt: skip

REMARKS = {
    "upper-case": Words("哈希用了大写", "a hash is in upper case"),
    "no-newline": Words("最后一行没有换行", "the last line has no newline"),
    "dot-slash": Words("路径以 ./ 开头", "a path begins with ./"),
    "star": Words("路径前有 md5sum 的星号", "a path bears the star of md5sum"),
    "listed-again": Words("同一路径以同一哈希列了两次", "a path is listed twice with the same hash"),
    "percent": Words("路径里的 % 没有编码", "a % in a path is not encoded"),
    "authority-unchecked": Words("没有给出根证书，时间戳机构未核对", "no root given: the authority was not checked"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """One fault or remark: its code and the file or line that it is about."""

    code: str
    path: str = ""

    def words(self) -> Words:
        """The statement in both languages, with the place."""
        said = FAULTS.get(self.code) or REMARKS[self.code]
        place = f"{self.path}: " if self.path else ""
        return Words(place + said.zh, place + said.en)


@dataclass
class Report:
    """The notes of one verification, and what the seal says when it could be read."""

    faults: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)
    facts: dict[str, str | int | None] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against the bag."""
        return not self.faults

    def fault(self, code: str, path: str = "") -> None:
        """Nothing; the fault is noted."""
        self.faults.append(Note(code, path))

    def remark(self, code: str, path: str = "") -> None:
        """Nothing; the remark is noted."""
        self.remarks.append(Note(code, path))
