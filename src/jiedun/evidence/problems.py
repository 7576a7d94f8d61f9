"""Every problem that walking, unpacking and the phone readers report, in words people can follow.

One table: code → what happened, what to do. `{n}` and `{limit}` are counts or sizes, `{reader}` a
reader's name; content of the evidence never appears.
"""

from jiedun.model.evidence import Problem
from jiedun.model.text import Words

_W = Words
_AGAIN = _W(
    "请重新导出或重新复制这个文件后再试。", "Export or copy the file again, then run again."
)
_COPY_IN = _W("请把它指向的文件本身复制进文件夹。", "Copy the file it points to into the folder.")
_UNPACK = _W("请自行解压后放进文件夹。", "Unpack it yourself and put the files into the folder.")
_REEXPORT = _W(
    "已读出的照常使用；如能再导出一份完整的，请放在旁边。",
    "What was read is used; if you can, export a whole copy and put it beside this one.",
)

CODES: dict[str, tuple[Words, Words | None]] = {
    "empty-folder": (
        _W("文件夹里没有文件。", "The folder holds no file."),
        _W("请先把导出的记录放进去。", "Put the exported records into it first."),
    ),
    "unreadable": (
        _W("读不了：没有权限，或磁盘出错。", "Cannot be read: no permission, or a disk error."),
        _W("请检查权限后再试。", "Check the permissions, then run again."),
    ),
    "link-inside": (
        _W(
            "这是一个链接，指向文件夹内的另一处；那里的内容已按原名读取，不重复读。",
            "A link to another place in the folder, which is read under its own name, not twice.",
        ),
        None,
    ),
    "link-outside": (
        _W(
            "这是一个指向文件夹之外的链接，没有跟随。",
            "A link that leaves the folder; not followed.",
        ),
        _COPY_IN,
    ),
    "link-broken": (
        _W("这是一个失效或循环的链接。", "A link that is broken or turns in a circle."),
        _COPY_IN,
    ),
    "special-file": (
        _W("这不是普通文件（管道、设备等），没有打开。", "Not a regular file; it was not opened."),
        None,
    ),
    "changed-while-read": (
        _W("读取期间文件发生了变化。", "The file changed while it was being read."),
        _W("请停止写入后再运行一次。", "Stop whatever writes to it, then run again."),
    ),
    "reader-failed": (
        _W(
            "读取程序 {reader} 在这里停住了（程序的问题）；已读出的保留，文件原样保存。",
            "The reader {reader} stopped here (a fault of the program); what was read is kept.",
        ),
        _W(
            "请把文件类型和这条提示告诉开发者。",
            "Tell the developers the file type and this notice.",
        ),
    ),
    "future-dates": (
        _W(
            "有 {n} 条记录的时间晚于现在，可能手机时间不准；已保留。",
            "{n} records are dated later than now; the phone's clock may be wrong. Kept.",
        ),
        None,
    ),
    "archive-too-deep": (
        _W(
            "压缩包套得太深（超过 {limit} 层），里面没有再打开；外层照常读取。",
            "Archives nested more than {limit} deep; not opened further. Outer levels were read.",
        ),
        _UNPACK,
    ),
    "archive-ratio": (
        _W(
            "压缩比异常（超过 {limit} 倍），可能是“压缩炸弹”，没有展开。",
            "Expands more than {limit} times, as a zip bomb does; not unpacked.",
        ),
        _UNPACK,
    ),
    "archive-bytes": (
        _W(
            "展开后超过 {limit} 字节的上限，其余没有展开。",
            "Would expand past the limit of {limit} bytes; the rest was not unpacked.",
        ),
        _UNPACK,
    ),
    "archive-members": (
        _W(
            "压缩包内文件超过 {limit} 个，其余没有展开。",
            "The archive holds more than {limit} files; the rest was not unpacked.",
        ),
        _UNPACK,
    ),
    "archive-encrypted": (
        _W(
            "压缩包内的这个文件有密码，没有读取。",
            "This file in the archive has a password; not read.",
        ),
        _W("请用密码解压后放进文件夹。", "Unpack it with its password into the folder."),
    ),
    "archive-damaged": (
        _W("压缩包损坏或不完整。", "The archive is damaged or incomplete."),
        _AGAIN,
    ),
    "encoding": (
        _W("有 {n} 处文字无法识别，只替换了这些地方。", "{n} places could not be decoded."),
        _AGAIN,
    ),
    "xml-dtd": (
        _W(
            "文件带有 DTD 或实体定义，正常的短信备份不会有，为安全没有读取。",
            "Holds a DTD or entities, which no genuine backup has; refused for safety.",
        ),
        _W("请从手机重新导出。", "Export again from the phone."),
    ),
    "xml-truncated": (
        _W(
            "文件在这里断了；之前的记录都已读出。", "The file breaks off here; all before was read."
        ),
        _REEXPORT,
    ),
    "xml-damaged": (
        _W("这一处损坏，读不出；其余照常读取。", "Damaged here; the rest was read."),
        _REEXPORT,
    ),
    "xml-repaired": (
        _W(
            "这一条含有不合规的字符，已修复后读出，请与手机核对。",
            "This record held invalid characters and was repaired; compare it with the phone.",
        ),
        None,
    ),
    "xml-too-damaged": (
        _W(
            "损坏处超过 {limit} 处，其余不再逐一列出。",
            "More than {limit} damaged places; not listed further.",
        ),
        _REEXPORT,
    ),
    "xml-oversize": (
        _W("这一处的内容超过 {limit} 字节，已跳过。", "Longer than {limit} bytes here; skipped."),
        None,
    ),
    "lost-characters": (
        _W(
            "有 {n} 个字符在备份里已损坏，以“\ufffd”代替。",
            "{n} characters were already lost in the backup and show as \ufffd.",
        ),
        None,
    ),
    "bad-date": (
        _W(
            "这一条的时间缺失或不在 1990 至 2099 年之间，无法排入时间线，没有采用。",
            "The date is missing or outside 1990-2099; the record cannot be placed and is left out.",
        ),
        _W("请在手机上核对这一条。", "Look this record up on the phone."),
    ),
    "bad-duration": (
        _W(
            "这一条的通话时长不是有效的秒数，按未知处理。",
            "The duration is no valid number of seconds.",
        ),
        _W("请在手机上核对这一条。", "Look this record up on the phone."),
    ),
    "unknown-direction": (
        _W("看不出这一条是来还是去，按未知处理。", "Neither incoming nor outgoing can be told."),
        _W("请在手机上核对这一条。", "Look this record up on the phone."),
    ),
    "database": (
        _W("数据库损坏、加密或不完整。", "The database is damaged, encrypted or incomplete."),
        _AGAIN,
    ),
    "bad-record": (
        _W("这一条读不懂，没有采用；其余照常读取。", "This record could not be understood."),
        _AGAIN,
    ),
}


def problem(
    path: str,
    code: str,
    at: str | int | None = None,
    *,
    n: int = 0,
    limit: int = 0,
    reader: str = "",
) -> Problem:
    """The problem of that code; `at` names the row, element or byte inside `path`."""
    what, next_step = CODES[code]
    words = Words(*(text.format(n=n, limit=limit, reader=reader) for text in (what.zh, what.en)))
    return Problem(path, None if at is None else str(at), code, words, next_step)
