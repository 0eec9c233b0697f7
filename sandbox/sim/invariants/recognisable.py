"""Which words the fake Transcribe could have recognised, by the audio that its streams were given.

A stream recognises a recording by 300 ms of speech, so behind a chunk that nobody gave it the next word may be one that
no client could have had of it. What it followed is found by giving its audio to the fake's own recogniser once more.
"""

from dataclasses import dataclass, field
from itertools import islice, pairwise
from math import ceil

from fake_transcribe.player import EDGE_MS, FOUND_AGAIN_MS
from fake_transcribe.recognition import Heard, Library, Recogniser
from sandbox.client.recording import BYTES_PER_MS, Recording, SpokenWord
from sandbox.gateway.observer import digest
from sandbox.journal import Event
from sandbox.text import fold

DROPPED_METRIC = "AudioChunksDropped"
"""Chunks that were held, and let go because no stream took them in time."""
REHEARD_MS = 500
"""Audio before what counts, in whole chunks, which a stream is given to begin on firm ground (`REHEAR_MS`)."""
SAID_WITHIN_MS = 2_200
"""How long after a word's end the recogniser first says it, at the latest, in the stream's audio."""


@dataclass(kw_only=True)
class _Stretch:
    """What a stream followed without a break: where in the recording, and by which offset of the stream."""

    from_ms: int
    to_ms: int
    offset_ms: int


@dataclass(kw_only=True)
class _Stream:
    pieces: list[tuple[str, int, int]] = field(default_factory=list)
    """Digest, bytes and moment of each piece of audio, in order."""
    failed: bool = False
    """Whether the service ended it with an exception."""
    last_said: set[str] = field(default_factory=set)
    """Words of finals behind which it has been given nothing yet."""


class Recognisable:
    """Follows the audio of every stream; answers for one recording at a time."""

    sees: tuple[str, ...] = (
        "gateway.frame_in", "transcribe.audio", "transcribe.exception", "transcribe.partial", "transcribe.final",
        "metric",
    )  # fmt: skip

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._said: set[str] = set()
        self._sent_ms: dict[str, int] = {}
        """When the client last sent each chunk: again, where it was refused."""
        self._dropped = 0

    def note(self, event: Event) -> None:
        """One event of the journal."""
        match event["kind"]:
            case "gateway.frame_in" if "digest" in event:
                self._sent_ms[event["digest"]] = event["t_ms"]
            case "transcribe.audio":
                stream = self._streams.setdefault(event["streamId"], _Stream())
                stream.pieces.append((event["digest"], event["bytes"], event["t_ms"]))
                self._said |= stream.last_said
                stream.last_said.clear()
            case "transcribe.exception" if event["streamId"] in self._streams:
                self._streams[event["streamId"]].failed = True
            case "transcribe.partial":
                self._said.update(_words(event))
            case "transcribe.final" if event["streamId"] in self._streams:
                # Those that come because it ends, may come after a successor has begun behind them.
                self._streams[event["streamId"]].last_said.update(_words(event))
            case "metric" if event["name"] == DROPPED_METRIC:
                self._dropped += event["sum"]

    def excused(self, recording: Recording, chunk_ms: int, *, settles: bool) -> set[int]:
        """The words, by number, that need not have come of a recording that was sent in such chunks.

        No stream had some of their audio; or one had silence in its midst, before the client sent the rest; or one
        went on behind them without it, or without knowing its place, and what it then said stands, even if its
        successor has them; or the last that could have had them did not know its place; or their stream failed, and
        their audio was dropped, and counted, before another could be had. Of a talk that does not settle also those
        that were to be said where their stream had lost its place, which no final makes up for.
        """
        chunks = {digest(chunk): (seq, chunk) for seq, chunk in enumerate(recording.chunks(chunk_ms)) if any(chunk)}
        reached = {name for stream in self._streams.values() for name, _, _ in stream.pieces}
        given_up = {seq for name, (seq, _) in chunks.items() if name not in reached}
        library = Library({recording.name: recording.pcm})
        heard = [
            _Hearing(failed=stream.failed, given=given, gaps_ms=gaps_ms, stretches=_followed(stream, chunks, library))
            for stream in self._streams.values()
            for given, gaps_ms in self._gaps(stream, chunks, given_up, chunk_ms)
        ]
        voiced = {seq for seq, _ in chunks.values()}
        lacking = given_up.union(
            *(one.passed_over(voiced) for one in heard), self._dropped_before(heard, voiced, given_up, chunk_ms)
        )
        return {
            number
            for number, word in enumerate(recording.words)
            if not lacking.isdisjoint(_places(word, chunk_ms))
            or _is_unknown(word, heard, chunk_ms)
            or (not settles and self._said.isdisjoint(fold(word.word)) and _is_cut_short(word, heard, chunk_ms))
        }

    def _gaps(
        self, stream: _Stream, chunks: dict[str, tuple[int, bytes]], given_up: set[int], chunk_ms: int
    ) -> list[tuple[list[int], list[int]]]:
        """The stream's chunks, and the ends of those behind which it lacks some, silent ones too, or had silence before
        the client sent the next, or in the place of the last, which were given up; nothing without any.

        Silent chunks are all alike, so they are counted.
        """
        given: list[int] = []
        silences_ms: list[int] = []
        gaps_ms = []
        for name, _, at_ms in stream.pieces:
            if name not in chunks:
                silences_ms.append(at_ms)
                continue
            seq, _ = chunks[name]
            if given:
                left_out = seq - given[-1] - 1
                # A word is torn by the first of it.
                torn = left_out == 0 and silences_ms and silences_ms[0] <= self._sent_ms.get(name, 0)
                if len(silences_ms) < left_out or torn:
                    gaps_ms.append((given[-1] + 1) * chunk_ms)
            given.append(seq)
            silences_ms.clear()
        if not given:
            return []
        if silences_ms and min((seq for seq, _ in chunks.values() if seq > given[-1]), default=None) in given_up:
            gaps_ms.append((given[-1] + 1) * chunk_ms)
        return [(given, gaps_ms)]

    def _dropped_before(self, heard: list["_Hearing"], voiced: set[int], given_up: set[int], chunk_ms: int) -> set[int]:
        """The chunks, as many as were dropped, before the place from which on a stream counts that followed a failed
        one. What was given up among them had never come to be dropped."""
        dropped: set[int] = set()
        reheard = ceil(REHEARD_MS / chunk_ms)
        for failed, following in pairwise(heard):
            if failed.failed and self._dropped:
                begin = following.given[0]
                # Silent chunks are not known by their sound; it may have begun with some.
                while begin > 0 and begin - 1 not in voiced:
                    begin -= 1
                held = (seq for seq in range(begin + reheard - 1, -1, -1) if seq not in given_up)
                dropped |= {*islice(held, self._dropped), *range(begin, following.given[0] + reheard)}
        return dropped


@dataclass(frozen=True, kw_only=True)
class _Hearing:
    """One stream: which chunks it was given of the recording, after which places some were left out, what it knew."""

    failed: bool
    given: list[int]
    """In the order of the stream; silent chunks are not among them."""
    gaps_ms: list[int]
    stretches: list[_Stretch]

    def spans(self, places: range) -> bool:
        """Whether it was given audio from here to there; a successor begins behind what is known already."""
        return self.given[0] <= places[0] and places[-1] <= self.given[-1]

    def passed_over(self, voiced: set[int]) -> set[int]:
        """The chunks with sound that it went on without."""
        return {seq for seq in voiced if self.given[0] < seq < self.given[-1]} - set(self.given)


def _words(event: Event) -> set[str]:
    """What a result says."""
    return {word for text, _ in event["words"] for word in fold(text)}


def _places(word: SpokenWord, chunk_ms: int) -> range:
    """The chunks that a word is in."""
    return range(word.start_ms // chunk_ms, (word.end_ms - 1) // chunk_ms + 1)


def _last_given(word: SpokenWord, heard: list[_Hearing], chunk_ms: int) -> _Hearing | None:
    """The last stream that was given the word."""
    # The streams are in the order of their beginning.
    return next((one for one in reversed(heard) if one.spans(_places(word, chunk_ms))), None)


def _is_cut_short(word: SpokenWord, heard: list[_Hearing], chunk_ms: int) -> bool:
    """Whether the last stream that was given the word lost its place before it was sure to have said it."""
    hearing = _last_given(word, heard, chunk_ms)
    return hearing is not None and any(0 <= at_ms - word.end_ms < SAID_WITHIN_MS for at_ms in hearing.gaps_ms)


def _is_unknown(word: SpokenWord, heard: list[_Hearing], chunk_ms: int) -> bool:
    """Whether the last stream that was given the word had not found its place again behind a gap, or one before it had
    not and went on behind the word: what that said then stands, also where its successor knows better."""
    hearings = [one for one in heard if one.spans(_places(word, chunk_ms))]
    if not hearings:
        return False
    *earlier, last = hearings
    return _is_lost_at(word, last) or any(
        _is_lost_at(word, one) and any(word.start_ms < found.from_ms for found in one.stretches) for one in earlier
    )


def _is_lost_at(word: SpokenWord, hearing: _Hearing) -> bool:
    """Whether a stream had not found its place again, behind a gap, when the word came."""
    if any(one.from_ms - EDGE_MS <= word.start_ms and word.end_ms <= one.to_ms for one in hearing.stretches):
        return False
    return any(
        gap_ms < word.end_ms and not any(gap_ms <= one.from_ms <= word.start_ms + EDGE_MS for one in hearing.stretches)
        for gap_ms in hearing.gaps_ms
    )


def _followed(stream: _Stream, chunks: dict[str, tuple[int, bytes]], library: Library) -> list[_Stretch]:
    recogniser = Recogniser(library)
    stretches: list[_Stretch] = []
    lost_ms: int | None = 0
    for name, size, _ in stream.pieces:
        # What is not a chunk of the recording is silence, sent in the place of audio.
        audio = chunks[name][1] if name in chunks else bytes(size)
        for found in recogniser.hear(audio):
            if not isinstance(found, Heard):
                stretches[-1].to_ms = found.stream_ms - stretches[-1].offset_ms
                lost_ms = found.stream_ms
                continue
            offset_ms = found.stream_ms - found.recording_ms
            goes_on = bool(stretches) and abs(stretches[-1].offset_ms - offset_ms) <= EDGE_MS
            if not (goes_on and lost_ms is not None and found.stream_ms < lost_ms + FOUND_AGAIN_MS):
                stretches.append(_Stretch(from_ms=found.recording_ms, to_ms=found.recording_ms, offset_ms=offset_ms))
            lost_ms = None
    if stretches and lost_ms is None:
        heard_bytes = sum(size for _, size, _ in stream.pieces)
        stretches[-1].to_ms = heard_bytes // BYTES_PER_MS - stretches[-1].offset_ms
    return stretches
