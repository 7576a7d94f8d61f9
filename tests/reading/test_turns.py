"""Only the collector's turns can violate."""

import pytest

from jiedun.reading.turns import others_turns


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("催: 您好\n我: 滚\n催: 好的", ["我: 滚\n"]),
        ("催: 您好 客: 弄死你 催: 再见", ["客: 弄死你 "]),
        ("坐席:请问在吗?接听人:不在。坐席:好的", ["接听人:不在。"]),
        ("家属: 别打了", ["家属: 别打了"]),
        ("我告诉你: 明天还钱", []),
        ("还款时间: 10:00", []),
        ("", []),
    ],
)
def test_the_other_sides_turns(text: str, others: list[str]) -> None:
    assert [text[a:b] for a, b in others_turns(text)] == others
