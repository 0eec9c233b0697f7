"""One result's state: what of it is committed, what stands ready, and since when."""

from dataclasses import dataclass, field

from partial_results.alignment import reach
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

    The words of `segments` are committed; in `items`, what comes after them begins at `count`, wherever the recogniser
    has moved them since. `ready` are the items from there that may be committed; `since_ms[i]` is when item `i` was
    first stable. Nothing is keyed by audio times, which move while a hypothesis grows; they only tell which audio has
    been said where the words no longer do.
    """

    result_id: str
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
        return bool(self.pending)

    @property
    def pending(self) -> list[Item]:
        """The words that are known and not committed."""
        return words_of(self.items[self.count :])

    @property
    def said_until_ms(self) -> int:
        """Where in the audio the last committed word ends; 0 where none is committed."""
        return self.segments[-1].end_ms if self.segments else 0

    @property
    def committed_words(self) -> list[str]:
        return [word for segment in self.segments for word in segment.words]

    def said_in(self, items: tuple[Item, ...]) -> int:
        """How many words of `items` are said with the committed ones."""
        if not self.segments:
            return 0
        words = words_of(items)
        until_ms = self.segments[-1].end_ms
        covered = sum((word.start_ms + word.end_ms) // 2 <= until_ms for word in words)
        return reach(self.committed_words, [word.folded for word in words], covered=covered)

    def hear(self, result: Result, config: PartialResultsConfig, now_ms: int) -> bool:
        """Take a partial; False for one that is older than what is known."""
        if result.end_ms < self.end_ms:
            return False
        before = self.items[self.count :]
        grows = [item.folded for item in words_of(result.items)] != [item.folded for item in words_of(self.items)]
        if grows:
            self.grown_ms = now_ms
        self.items, self.end_ms = result.items, result.end_ms
        self.count = _behind_words(result.items, self.said_in(result.items))
        if grows and self.has_pending:
            # What was flushed was not all of it.
            self.flushed = False
        last = self.count
        while last < len(result.items) and self._may_commit(last, before, config):
            last += 1
        self.ready = result.items[self.count : last]
        self.since_ms = {index: self.since_ms.get(index, now_ms) for index in range(self.count, last)}
        return True

    def settle(self, now_ms: int) -> None:
        """Take everything that was heard for ready: it has not changed for long, and no final will say it."""
        self.ready = self.items[self.count :]
        for index in range(self.count, len(self.items)):
            self.since_ms.setdefault(index, now_ms)

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
        place = index - self.count
        return followed and place < len(before) and before[place].folded == item.folded


def _behind_words(items: tuple[Item, ...], words: int) -> int:
    """The place of the first item after this many words and the marks that belong to them."""
    seen = 0
    for place, item in enumerate(items):
        if not item.is_punctuation:
            if seen == words:
                return place
            seen += 1
    return len(items)
