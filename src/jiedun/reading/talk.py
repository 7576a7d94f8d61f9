"""Small facts about one text that rules ask for: patterns, precise rather than complete.

Every function reads the normalised text without what is quoted or reported (“…”, 「…」, 他说…),
so that an account of what somebody else said answers no to all of them.
"""

import re
from collections.abc import Sequence

from jiedun.reading.normalise import normalise

_QUOTED = re.compile(r'“[^”]*”|「[^」]*」|『[^』]*』|"[^"\n]*"|‘[^’]*’')
_REPORT = re.compile(
    r"(?:他|她|他们|她们|对方|那人|那边|催收|催收员|催收的|有人|骗子|客服|打电话的)(?:们)?"
    r"(?:就|还|老|总|又|一直|昨天|刚才|刚刚|今天)?(?:问我|问他|跟我说|和我说|对我说|告诉我|说我|说|讲|称|回我|发来)[^。!?\n;]*"
)
_SIGNATURE = re.compile(r"^\s*【([^【】\n]{1,30})】|【([^【】\n]{1,30})】\s*$")


class Plain(str):
    """A text already normalised and without what it quotes or reports; made by `plain`."""

    __slots__ = ()


def plain(texts: Sequence[str]) -> list[Plain]:
    """The texts in their writers' own words; many at once are far cheaper than one by one."""
    batch = normalise(texts)
    return [Plain(_REPORT.sub(" ", _QUOTED.sub(" ", batch.text(i)))) for i in range(len(texts))]


def _plain(text: str) -> str:
    """The normalised text in the writer's own words."""
    return text if isinstance(text, Plain) else plain([text])[0]


_THING = "(?:真实)?(?:工号|警号|姓名|名字|全名|工牌|工作证|身份(?!证)|单位|公司名称?|机构名?|证件|授权书|委托书)"
_WHO = (
    r"[你您](?:们)?(?:到底|究竟|又)?(?:是|系)(?:谁|哪位|哪个|哪里|哪儿|哪家|哪边|边个|边位|啥人|什么人|何人|什么公司|啥公司)"
    r"|[你您](?:们|好)?[, ]?(?:到底|究竟)?(?:谁|哪位)(?:[啊呀呢?。!,]|$)"
    r"|[你您](?:们)?(?:哪家|哪里的|哪儿的|哪边的|(?:哪个|什么|啥)(?:公司|单位|机构|平台|银行|部门|派出所|法院))"
    r"|[你您](?:们)?(?:是|系)?(?:代表|替|帮)(?:谁|哪家|哪个)"
    r"|(?:^|[,。!?;\s])(?:请问)?(?:哪位|谁啊|谁呀|边位|边个)[啊呀呢]?(?:[?,。!\s]|$)"
)
_WHICH = (
    r"[你您](?:们)?(?:的)?(?:叫|姓)(?:什么|啥|咩|甚么)"
    r"|(?:[你您]们?)?(?:的)?(?:工号|警号|姓名|名字|全名|大名|单位|公司|公司名称?|机构|证件)(?:是)?(?:多少|几号|什么|啥|哪个|哪家|叫什么)"
    rf"|(?<![将会可已没未])(?:报|说|告知|告诉|提供|发|留|给|讲|出示)(?:一?下|个|我(?=[你您贵一下]))+(?:[你您]们?|贵司|贵公司)?的?{_THING}"
    rf"|(?<![将会可已没未])(?:报|告知|告诉|提供|出示|说明)(?:[你您]们?|贵司|贵公司)的?{_THING}"
    rf"|(?:^|[,。?!;请先])(?:报|出示|提供){_THING}(?:[,。?!;]|$)"
    r"|(?:什么|哪个|哪家|哪间|啥)(?:公司|单位|机构|平台|银行|部门)(?:的|啊|打来的)?[?。,!\s]*$"
    r"|(?:怎么|如何)称呼(?:您|你)?[?。,!\s]*$"
    r"|[您你]贵姓"
)
_ASKS = re.compile(f"{_WHO}|{_WHICH}")
_ASKS_NOT = re.compile(
    r"(?:知道|晓得|清楚|记得|不管|无论|不论|甭管|查到|看看)(?:了)?(?:你|您|你们)(?:到底)?(?:是)?(?:谁|哪)"
    r"|(?:我|我们)(?:已经)?(?:报|说|告诉|提供)(?:过|了)|(?:别|不要|不用|不必|无需|没必要)(?:再)?(?:报|问|说|告诉|提供|发|给|讲)"
)


def asks_identity(text: str) -> bool:
    """Whether the writer asks who is calling: for a name, a work number, a company."""
    plain = _plain(text)
    return bool(_ASKS.search(plain)) and not _ASKS_NOT.search(plain)


_REFUSES_WHO = re.compile(
    r"(?:不需要|不用|没必要|用不着|轮不到|无需|不必|甭|犯不着|没义务|没有义务)(?:你|您)?(?:知道|晓得|管|问|打听|告诉(?:你|您)|跟(?:你|您)(?:说|讲|报))"
    r"(?:我(?:是谁|们?是谁|叫什么|姓什么|哪家|哪里的|在哪)|这么多|那么多|姓名|名字|工号|公司)"
    r"|(?:我|我们)(?:是谁|叫什么|姓什么|哪家公司|哪家|哪里的|哪个公司|什么公司|工号多少)(?:你|您)?(?:不用|不需要|没必要|不必|无需|管不着|甭)(?:知道|管|问|打听)?"
    r"|(?:管|问)(?:我|我们|那么多|这么多)(?:是谁|叫什么|哪家|哪里的)?(?:干嘛|干什么|干啥|做什么|做啥|作甚)"
    r"|(?:工号|姓名|名字|单位|公司|身份|名称|全名)(?:[,, ]|这个|是)?"
    r"(?:保密|(?:不便|不方便|不能|无可|恕不|不给|不会|没法|无法)(?:向|跟|给)?你?(?:透露|告知|告诉|提供|奉告|说|讲|报))"
    r"|(?:不便|不方便|不能|无法|恕不|拒绝|没法|不会)(?:向|跟|对|给)?(?:你|您)?(?:透露|告知|告诉|提供|奉告|报)(?:你|您)?(?:我|我们)?(?:的)?(?:真实)?(?:工号|姓名|名字|身份|公司|单位|哪家|是谁|名称)"
    r"|轮不到[你您](?:来)?(?:问|管|打听|查)"
    r"|(?:你|您)(?:没|没有|无)(?:资格|权利|权|必要|权力)(?:知道|问|打听|查)"
    r"|(?:少|别|甭)(?:问|打听)(?:我(?:是谁|们?是谁|叫|姓|哪)|这个|这些|那么多|这么多)"
    r"|(?:你|您)(?:管|甭管|别管|少管|不用管)(?:我|我们)(?:是谁|是哪|叫什么|谁|哪)"
    r"|(?:问|打听)(?:这个|这些|那么多|这么多|工号|公司|名字)(?:干嘛|干什么|干啥|做什么|没用|有什么用|有用吗)"
    r"|(?:没有|没)(?:工号|名字)(?:给你|可报)"
    r"|还(?:了|完)(?:钱|款)(?:再|才|就)(?:告诉|说|知道|给你报)"
)
_REFUSES_NOT = re.compile(r"(?:不会|不能|不得|不可|不应|没有|并未|未|禁止)(?:拒绝|隐瞒|回避)")


def refuses_identity(text: str) -> bool:
    """Whether the writer refuses to say, or hides, who is calling or for whom."""
    plain = _plain(text)
    return bool(_REFUSES_WHO.search(plain)) and not _REFUSES_NOT.search(plain)


_STOP = r"(?:不要|别|不许|不准|勿|莫|停止|请停止|禁止|拒绝|不想|不愿|不同意|不接受|再也不要|麻烦不要|请不要|请勿|请别)"
_STOPS = re.compile(
    rf"{_STOP}(?:你们|你|您|任何人)?(?:再|在|继续|老|总|一直|天天)*(?:给|跟|向|和|往|对)?(?:我|我们|本人|这个号码?|我家|我手机|我单位)?"
    r"(?:再|继续)?(?:打(?:电话|来|给我|过来|我|扰|这)|来电|(?:联系|联络|骚扰|致电)(?=[我了,。!?]|本人|你们|这个号|$)|骚扰我|发(?:短信|信息|消息|来|给我)|找我|call我|烦我)"
    r"|(?:把|将)(?:我|我的号码?|这个号码?|我的电话|我的联系方式)(?:从[^。,]{0,10})?(?:删除?|删掉|移除|剔除|拉黑|注销)(?!了|[一二两三几好])"
    r"|(?:我)?(?:不是|没有?当|从没当|从来没同意|没同意|不同意做?|不愿意做?)(?:他|她|你们)?(?:的)?(?:联系人|担保人)[^。]{0,12}(?:不要|别|勿|停止)"
    r"|再(?:打|联系|骚扰|发)(?:来|给我|我|过来)?(?:我)?(?:就|一次|我就|一个)?[^。]{0,6}(?:报警|投诉|告你|举报|起诉)"
    r"|以后(?:不要|别|勿|请勿)(?:再)?(?:打|联系|找|发|骚扰)"
)
_STOPS_NOT = re.compile(
    r"(?:将|即|会|已|我司|我行|申请|要求|可)(?:停止|不再|别|不会)|回复[^。]{0,4}[0-9tr]"
    r"|"
    r"(?:我们|我司|本行|我行|后续|以后|今后)?(?:将|会|保证|承诺)?(?:不会|不再|绝不|不得)(?:再)?(?:联系|致电|打扰|骚扰|打给)(?:您|你)"
    r"|(?:别|不要)忘(?:了|记)?(?:联系|打)|(?:别|不要)(?:不)(?:联系|接)|(?:别|不要)联系(?:他|她|别人|其他|陌生|骗子)"
)


def refuses_contact(text: str) -> bool:
    """Whether a person contacted says not to contact them again."""
    plain = _plain(text)
    return bool(_STOPS.search(plain)) and not _STOPS_NOT.search(plain)


_DEMAND = re.compile(
    r"(?:尽快|立即|马上|赶紧|赶快|速速?|今天|今日|今晚|明天|现在|务必|必须|及时|抓紧|限(?:你|您|期)|[前内])[^。!?\n]{0,14}(?:还(?:款|钱|清|上|了)|结清|清偿|偿还|归还|处理(?:欠款|账单|逾期|掉)?|缴清|付清|缴款|打款|补齐)"
    r"|(?:还(?:款|钱|清|上)|结清|清偿|偿还|归还)[^。!?\n]{0,10}(?:否则|不然|逾期将|后果)"
    r"|(?:你|您|贵客户|客户)[^。!?\n]{0,12}(?:欠款|逾期|欠[^。]{0,8}(?:元|块|万|钱)|拖欠)"
    r"|(?:逾期|拖欠|欠款)[^。!?\n]{0,18}(?:还|处理|缴|付|结清|联系)"
    r"|(?:再不|还不|不)(?:还|处理|还款|还钱|结清)[^。!?\n]{0,20}(?:就|将|起诉|上门|法院|联系|通讯录)"
    r"|(?:还钱|欠债还钱|催收|催缴|代偿)"
)
_DEMAND_NOT = re.compile(
    r"(?:未|没有|无|并无|已无)(?:逾期|欠款)|(?:已|已经)(?:结清|还清|还款成功|到账|全部还清)|(?:还款|扣款)成功"
    r"|恭喜|申请额度|最高可借|可借|秒批|放款|注销|退款|快递|水费|电费|物业费|话费|班费"
    r"|(?:我|俺|咱)(?:的|自己)?(?:被|让人)?(?:催收|逾期|欠|会还|一定还|没钱还|还不起|尽快还|马上还|今天还)"
    r"|(?:谨防|警惕|防范|冒充|诈骗|公告|新闻|通报|曝光|举报|投诉)"
)


def demands_money(text: str) -> bool:
    """Whether the text collects a debt; used to propose a role, never to accuse."""
    plain = _plain(text)
    return bool(_DEMAND.search(plain)) and not _DEMAND_NOT.search(plain)


_NOTICE = re.compile(
    r"(?:账单|还款)(?:已出|日为|提醒|通知|金额|已生成|到期)|(?:本期|本月|当期)(?:应还|账单|还款)"
    r"|(?:扣款|扣费|代扣|划扣|还款|交易|支付|转账|放款|到账)(?:成功|失败|通知|结果|提醒)|(?:已|将)(?:自动)?(?:扣(?:款|除|收)|划扣|入账|到账|还款)"
    r"|验证码|(?:审核|审批|申请|处理)(?:结果|通过|未通过|已受理)|如已(?:还款?|处理|缴纳?)[^。]{0,6}(?:忽略|请勿理会)"
    r"|(?:已结清|结清证明)|积分|(?:额度)(?:已恢复|调整)|余额(?:不足|为)"
)
_NOTICE_NOT = re.compile(
    r"否则|后果|上门|起诉|报警|通讯录|家人|单位领导|限你|最后(?:通牒|机会|一次)|老赖|不还|催收|立案|法院|失信|私人|加微信|坐牢|亲友|一分钟|轰炸|先死|转我|支付宝"
)


_ADVERT = re.compile(
    r"(?:退订|拒收)(?:请)?(?:回复?|发送?|[:,])?|回复?\s?[a-z0-9]{1,3}\s?(?:退订|拒收|退)|不感兴趣.{0,4}回"
)


def is_advert(text: str) -> bool:
    """Whether it bears the way out that a commercial message must offer (退订, 拒收).

    Source: 通信短信息服务管理规定: commercial messages must offer a way to refuse further ones.
    """
    return bool(_ADVERT.search(_plain(text).lower()))


def is_notice(text: str) -> bool:
    """Whether it is an automatic notice: a bill, a deduction, a result, without any threat."""
    plain = _plain(text)
    return bool(_NOTICE.search(plain)) and not _NOTICE_NOT.search(plain)


def signature(text: str) -> str | None:
    """The sender's name in 【…】 at the beginning or the end, as written; None without one."""
    found = _SIGNATURE.search(text)
    if found is None:
        return None
    return (found.group(1) or found.group(2)).strip() or None
