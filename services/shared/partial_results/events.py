"""What a recogniser says: results, each a growing and changing list of items until its final."""

import re
from dataclasses import dataclass
from functools import lru_cache

_NOT_A_LETTER = re.compile(r"[^\w']+", re.UNICODE)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A word or a punctuation mark. `stability` is 0.0 to 1.0, or None from a recogniser that gives none."""

    text: str
    is_punctuation: bool
    start_ms: int
    end_ms: int
    stability: float | None = None

    @property
    def folded(self) -> str:
        """The text as words are compared: without case and punctuation."""
        return _folded(self.text)


@lru_cache(maxsize=4_096)
def _folded(text: str) -> str:
    # Partial results say each word many times.
    return _NOT_A_LETTER.sub("", text.casefold())


@dataclass(frozen=True, kw_only=True)
class Result:
    """One hypothesis. `result_id` is the same in all partials and in the final of one stretch of speech."""

    result_id: str
    is_partial: bool
    items: tuple[Item, ...]
    start_ms: int
    end_ms: int
    channel_id: str | None = None

    @property
    def key(self) -> tuple[str, str | None]:
        """What a result's state is kept under: channels have results of their own."""
        return self.result_id, self.channel_id
