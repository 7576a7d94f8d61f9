"""Names under which a phone knows a number, and whether such a name speaks of a collector.

A number saved as 快递, 医院 or 物业 is not offered as a collector, whatever its calls look like.
"""

import re

from jiedun.model.evidence import Evidence
from jiedun.people.numbers import canonical

_NOBODY = frozenset({"(unknown)", "unknown", "null", "none", "未知", "未知号码", "陌生号码", "-"})
_COLLECTING = re.compile(
    r"催|讨债|要债|追债|欠款|逾期|还款|贷款|网贷|小贷|消金|消费金融|法务|调解|诉前|骚扰|骗|黑心|别接|勿接|collect|debt|loan|spam|scam",
    re.I,
)
_SERVICES = re.compile(
    r"快递|外卖|跑腿|配送|骑手|顺丰|圆通|中通|申通|韵达|京东|美团|饿了么|菜鸟|驿站|医院|诊所|卫生|医生|大夫|药房|药店|银行|"
    r"物业|门卫|保安|学校|小学|中学|大学|幼儿园|老师|教务|培训|驾校|社区|居委|村委|街道|派出所|警|法院|政府|社保|公积金|"
    r"税务|电力|供电|电网|燃气|自来水|水务|供水|供暖|热力|宽带|移动|联通|电信|客服中心|保险|房东|中介|维修|师傅|搬家|"
    r"酒店|宾馆|餐厅|饭店|超市|理发|司机|滴滴|出租|航空|铁路|HR|人事"
)


def phone_names(evidence: Evidence) -> dict[str, str]:
    """Canonical number to the name under which the debtor's own phone knows it."""
    seen = [(c.peer_raw, c.peer_name) for c in evidence.contacts if c.phone is None]
    names: dict[str, str] = {}
    for raw, name in sorted({*seen, *evidence.phonebook}):
        clean = name.strip()
        number = canonical(raw) if clean and clean.lower() not in _NOBODY else None
        if number is not None and clean != raw.strip() and canonical(clean) != number:
            names.setdefault(number, clean)
    return names


def is_innocent(name: str) -> bool:
    """Whether a name given by the phone's owner says somebody who does not collect debts."""
    return bool(name.strip()) and _COLLECTING.search(name) is None


def is_service(name: str) -> bool:
    """Whether the name says a service that asks for money of its own: 物业, 快递, 医院, 银行."""
    return is_innocent(name) and _SERVICES.search(name) is not None
