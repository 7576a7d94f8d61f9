"""Small facts of a text: each with what carries it and what only looks like it."""

from collections.abc import Callable

import pytest

from jiedun.reading import talk

ASKS = [
    "你是哪家公司的？",
    "请问您是哪位",
    "你到底是谁",
    "你们是谁啊，老打我电话",
    "报一下你的工号",
    "你叫什么名字？",
    "你工号多少",
    "先告诉我你们公司名",
    "哪位？",
    "您怎么称呼",
    "把工牌发我看看，你哪个单位的",
    "請問你係邊位",
]
ASKS_NOT = [
    "他问我你是谁",
    "我知道你是谁",
    "我是工号0312的小王",
    "他们问我“你是哪位”，我没理",
    "公司今天放假",
    "我报过工号了",
    "谁欠钱谁还",
    "工号3021为您服务",
    "您的单位账户已到账",
]
HIDES = [
    "我是谁你不需要知道",
    "你管我是谁，先把钱还了",
    "工号不方便透露",
    "不便告知您公司名称",
    "问这么多干嘛，还钱",
    "你没资格知道",
    "你甭管我是谁",
    "轮不到你问",
    "还了钱再告诉你我是谁",
]
HIDES_NOT = [
    "我是恒桥银行的工号0312",
    "他说不方便透露工号",
    "不会拒绝提供工号",
    "这个问题我不清楚",
    "您不用担心",
    "密码不要告诉任何人",
    "对方讲“我是谁你不用知道”",
]
STOPS = [
    "别再打我电话了",
    "请不要再联系我",
    "以后不要打了",
    "把我的号码删掉",
    "请停止给我发短信",
    "不要再骚扰我家",
    "再打我就报警",
    "我不同意你们联系我，請勿再致電",
]
STOPS_NOT = [
    "我们不会再联系您",
    "不要忘了联系我",
    "他说别再打电话了",
    "别联系陌生人",
    "有事再联系",
    "请联系客服",
    "昨天她跟我说不要再找我",
]
DEMANDS = [
    "您的借款已逾期5天，请尽快还款",
    "限你今天下午五点前还清",
    "再不还我们就联系你单位",
    "欠债还钱",
    "您尾号3312的欠款请立即处理",
    "今晚之前把三千打过来还上",
]
DEMANDS_NOT = [
    "您的还款成功，感谢使用",
    "我没钱还",
    "最高可借20万，秒批",
    "您已结清全部借款",
    "今天水费请缴清",
    "谨防冒充催收诈骗",
    "妈，晚上回家吃饭",
    "我被催收骚扰了",
]
NOTICES = [
    "【白桦银行】您本期账单已出，应还1203.50元",
    "扣款失败，余额不足",
    "您的验证码是884213",
    "还款提醒：11月20日到期，如已还款请忽略",
]
NOTICES_NOT = [
    "今天不还款，后果自负",
    "账单到期再不处理就上门",
    "你好，在吗",
    "请加微信还款到私人账户",
]


@pytest.mark.parametrize(
    ("fact", "yes", "no"),
    [
        (talk.asks_identity, ASKS, ASKS_NOT),
        (talk.refuses_identity, HIDES, HIDES_NOT),
        (talk.refuses_contact, STOPS, STOPS_NOT),
        (talk.demands_money, DEMANDS, DEMANDS_NOT),
        (talk.is_notice, NOTICES, NOTICES_NOT),
    ],
)
def test_facts_of_texts(fact: Callable[[str], bool], yes: list[str], no: list[str]) -> None:
    assert [t for t in yes if not fact(t)] == []
    assert [t for t in no if fact(t)] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("【恒桥银行】您好", "恒桥银行"),
        ("请还款【 青穗小贷 】", "青穗小贷"),
        ("您好", None),
        ("请看【说明】第三条", None),
        ("【】空", None),
    ],
)
def test_signature(text: str, name: str | None) -> None:
    assert talk.signature(text) == name
