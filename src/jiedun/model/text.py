"""Words for people, in both languages of the project."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One statement in Chinese and in English."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """The statement in `lang`: `en`, else Chinese."""
        return self.en if lang == "en" else self.zh
