"""One result's state: what of it is committed, what stands ready, and since when."""

from dataclasses import dataclass, field

from partial_results.config import PartialResultsConfig
from partial_results.events import Item, Result
from partial_results.text import is_clause_mark, words_of


@dataclass(kw_only=True)
class Committed:
    """One segment of this result: its number and how many words it has."""

    sequence: int
    words: tuple[str, ...]
    text: str
    start_ms: int
    end_ms: int


@dataclass(kw_only=True)
class Hypothesis:
    """The state of one result between its first partial and its final.

    `count` items are committed. `ready` are the items after them that may be; `since_ms[i]` is when item `i` was first
    stable. Nothing is keyed by audio times, which move while a hypothesis grows.
    """

    grown_ms: int
    start_ms: int
    count: int = 0
    end_ms: int = 0
    items: tuple[Item, ...] = ()
    ready: tuple[Item, ...] = ()
    since_ms: dict[int, int] = field(default_factory=dict)
    segments: list[Committed] = field(default_factory=list)
    flushed: bool = False

    @property
    def has_pending(self) -> bool:
        """True when words are known that are not committed."""
        return bool(words_of(self.items[self.count :]))

    @property
    def committed_words(self) -> list[str]:
        return [word for segment in self.segments for word in segment.words]

    def hear(self, result: Result, config: PartialResultsConfig, now_ms: int) -> bool:
        """Take a partial; False for one that is older than what is known, or shorter than what is committed."""
        if result.end_ms < self.end_ms or len(result.items) < self.count:
            return False
        before = self.items
        if [item.folded for item in words_of(result.items)] != [item.folded for item in words_of(before)]:
            self.grown_ms = now_ms
        self.items, self.end_ms = result.items, result.end_ms
        last = self.count
        while last < len(result.items) and self._may_commit(last, before, config):
            last += 1
        self.ready = result.items[self.count : last]
        self.since_ms = {index: self.since_ms.get(index, now_ms) for index in range(self.count, last)}
        return True

    def oldest_ready_ms(self) -> int | None:
        """Since when the first uncommitted word has been stable."""
        places = [self.count + index for index, item in enumerate(self.ready) if not item.is_punctuation]
        return self.since_ms[places[0]] if places else None

    def clause_length(self) -> int:
        """How many ready items end at the last clause mark with a word before it; 0 where there is none."""
        marks = [index for index, item in enumerate(self.ready) if is_clause_mark(item)]
        return marks[-1] + 1 if marks and words_of(self.ready[: marks[-1]]) else 0

    def take(self, length: int) -> tuple[tuple[Item, ...], int]:
        """Commit the first `length` ready items; returns them and when the last of their words became stable."""
        taken = self.ready[:length]
        stable_ms = max(
            (self.since_ms[self.count + index] for index, item in enumerate(taken) if not item.is_punctuation),
            default=0,
        )
        self.count += length
        self.ready = self.ready[length:]
        return taken, stable_ms

    def _may_commit(self, index: int, before: tuple[Item, ...], config: PartialResultsConfig) -> bool:
        item = self.items[index]
        if item.stability is not None:
            return item.stability >= config.min_stability_threshold
        # Without scores two partials must agree, and the last word, which may be a piece of one, is held back.
        followed = any(not later.is_punctuation for later in self.items[index + 1 :])
        return followed and index < len(before) and before[index].folded == item.folded
