"""Presidio with pattern recognisers for the same number types, as a peer to measure beside."""

from collections.abc import Callable
from typing import Any

_PATTERNS = {
    "CN_ID": r"(?<!\d)\d{17}[\dXx](?!\d)",
    "CN_MOBILE": r"(?<!\d)1[3-9]\d{9}(?!\d)",
    "CN_LANDLINE": r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)",
    "BANK_CARD": r"(?<!\d)(?:62|4|5[1-5])\d{13,17}(?!\d)",
    "PASSPORT": r"\b[EG]\d{8}\b",
    "PLATE": r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][A-Z0-9]{5,6}",
    "EMAIL": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}",
    "IP": r"\b(?:\d{1,3}\.){3}\d{1,3}\b",
    "USCC": r"\b[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}\b",
    "QQ": r"(?<=QQ)\d{5,11}",
    "WECHAT_ID": r"(?<=微信)[A-Za-z][A-Za-z0-9_-]{5,19}",
}


def analyzer() -> Callable[[str], list[Any]]:
    """What analyses one text; raises ImportError where Presidio is not installed."""
    import spacy
    from presidio_analyzer import AnalyzerEngine, Pattern, PatternRecognizer, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class _Blank(SpacyNlpEngine):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"zh": spacy.blank("zh")}

    registry = RecognizerRegistry(supported_languages=["zh"])
    for entity, pattern in _PATTERNS.items():
        held = [Pattern(entity, pattern, 0.6)]
        registry.add_recognizer(
            PatternRecognizer(supported_entity=entity, patterns=held, supported_language="zh")
        )
    engine = AnalyzerEngine(registry=registry, nlp_engine=_Blank(), supported_languages=["zh"])
    return lambda text: list(engine.analyze(text, language="zh"))
