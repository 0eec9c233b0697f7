"""Scripts of recognisers that fail: the fake Transcribe plays them to whoever sends their recordings."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fake_transcribe import script
from fake_transcribe.recordings import audio_sha256
from fake_transcribe.script import Final, Partial, Script, Segment, Word
from sandbox.client.recording import BYTES_PER_MS
from sandbox.demo.own_recording import write_wav

WORD_MS = 300
FINAL_AFTER_MS = 500
STORM_EVERY_MS = 20
UNSURE = 0.3
LANGUAGE = "en-US"


def storm(duration_ms: int) -> tuple[Segment, ...]:
    """One sentence, of which each partial comes twice, every 20 ms."""
    words = tuple(_words(duration_ms))
    partials = tuple(
        _partial(at_ms, [word for word in words if word.end_ms <= at_ms], {"duplicate": True})
        for at_ms in range(2 * WORD_MS, duration_ms, STORM_EVERY_MS)
    )
    return (Segment(partials=partials, final=_final(words)),)


def orphans(duration_ms: int) -> tuple[Segment, ...]:
    """Each word begins a result of its own that never becomes final."""
    return tuple(
        Segment(partials=(_partial(word.end_ms + 20, [word], {}),), final=None, spoken=(word,))
        for word in _words(duration_ms)
    )


def failing(duration_ms: int) -> tuple[Segment, ...]:
    """Whatever is heard, the service fails."""
    words = tuple(_words(duration_ms))
    fails = {"exception": "InternalFailureException"}
    partials = tuple(
        _partial(word.end_ms, words[: number + 1], fails) for number, word in enumerate(words[:-1]) if number
    )
    return (Segment(partials=partials, final=_final(words)),)


def install(folder: Path, name: str, pcm: bytes, segments: tuple[Segment, ...]) -> None:
    """Put the recording and its script where the fake Transcribe finds them."""
    wav = folder / f"{name}.wav"
    write_wav(pcm, wav)
    made = Script(language=LANGUAGE, audio_sha256=audio_sha256(wav), segments=segments)
    (folder / f"{name}.script.yaml").write_text(script.dump(made), encoding="utf-8")


def duration_of(pcm: bytes) -> int:
    """Milliseconds."""
    return len(pcm) // BYTES_PER_MS


def _words(duration_ms: int) -> Iterator[Word]:
    for number in range(duration_ms // WORD_MS - 1):
        yield Word(word=f"word{number}", start_ms=number * WORD_MS, end_ms=(number + 1) * WORD_MS)


def _partial(at_ms: int, words: Sequence[Word], faults: Mapping[str, object]) -> Partial:
    text = " ".join(word.word for word in words)
    return Partial(at_ms=at_ms, text=text, stability=(UNSURE,) * len(words), faults=faults)


def _final(words: tuple[Word, ...]) -> Final:
    text = " ".join(word.word for word in words)
    return Final(at_ms=words[-1].end_ms + FINAL_AFTER_MS, text=text, words=words)
