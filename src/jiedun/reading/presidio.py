"""The same detectors for people who use Microsoft Presidio: `registry.add_recognizer(recogniser())`.

Presidio is not installed with Jiedun; calling `recogniser` without it says so.
"""

from typing import Any

from jiedun.errors import UsageError
from jiedun.model.personal import PersonalType
from jiedun.reading.pii import find_batch

ENTITIES = [t.value for t in PersonalType]


def recogniser(language: str = "zh", *, names: bool = True) -> Any:
    """A Presidio `EntityRecognizer` that finds every `PersonalType` in one pass."""
    try:
        from presidio_analyzer import EntityRecognizer, RecognizerResult
    except ImportError as error:
        raise UsageError(
            "没有安装 presidio-analyzer / presidio-analyzer is not installed",
            next_step="pip install presidio-analyzer",
        ) from error

    class JiedunRecognizer(EntityRecognizer):  # type: ignore[misc]
        """Jiedun's detectors behind Presidio's interface."""

        def load(self) -> None:
            """Nothing: weights load at the first text."""

        def analyze(self, text: str, entities: list[str], nlp_artifacts: Any = None) -> list[Any]:
            """Results for the wanted entities; no NLP artefacts are needed."""
            (spans,) = find_batch([text], names=names)
            wanted = set(entities or ENTITIES)
            return [
                RecognizerResult(s.type.value, s.start, s.end, s.score)
                for s in spans
                if s.type.value in wanted
            ]

    return JiedunRecognizer(
        supported_entities=ENTITIES, name="JiedunRecognizer", supported_language=language
    )
