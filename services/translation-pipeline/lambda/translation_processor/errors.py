"""Failures of the translation processor."""

from collections.abc import Sequence


class TranslationPipelineError(Exception):
    """The base of all."""


class LanguagesFailedError(TranslationPipelineError):
    """Some languages were not delivered; raised when all others are, so that Lambda gives the event once more."""

    def __init__(self, *, segment_id: str, languages: Sequence[str]) -> None:
        super().__init__(
            f"expected segment {segment_id} to reach every language, {', '.join(languages)} failed:"
            " the event's retry delivers to these alone"
        )
        self.segment_id = segment_id
        self.languages = tuple(languages)
