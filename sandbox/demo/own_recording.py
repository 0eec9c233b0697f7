"""A recording of the user's own: made 16 kHz mono, given a script, and put where the fake Transcribe finds it."""

import json
import wave
from pathlib import Path

from fake_transcribe import script
from fake_transcribe.errors import ScriptError
from fake_transcribe.model import make
from fake_transcribe.recordings import audio_sha256, read_pcm
from fake_transcribe.script import Script, Word
from sandbox.alignment.aligner import align
from sandbox.client.recording import BYTES_PER_MS, SAMPLE_RATE_HZ, RecordingError, SpokenWord, load_pcm, load_words

LANGUAGE = "en-US"
DEFAULT_SEED = 1


def make_script(
    wav: Path, words: tuple[SpokenWord, ...], *, language: str = LANGUAGE, seed: int = DEFAULT_SEED
) -> Script:
    """The default model's script of a recording whose words and times are known. Raises RecordingError."""
    if not words:
        raise RecordingError(f"expected the words of {wav.name}, got none: give them with --words or --text")
    duration_ms = len(read_pcm(wav)) // BYTES_PER_MS
    if words[-1].end_ms > duration_ms:
        raise RecordingError(
            f"expected words within the {duration_ms} ms of {wav.name}, got '{words[-1].word}' until "
            f"{words[-1].end_ms} ms: give the words of this recording"
        )
    spoken = [Word(word=one.word, start_ms=one.start_ms, end_ms=one.end_ms) for one in words]
    return make(spoken, language=language, audio_sha256=audio_sha256(wav), seed=seed)


def spoken_words(audio: Path, pcm: bytes, *, words: Path | None, text: str | None) -> tuple[SpokenWord, ...]:
    """The words of a recording with their times: read from `words`, or `text` aligned to the audio.

    Without either, `NAME.words.json` beside it. Raises RecordingError.
    """
    if words is not None and text is not None:
        raise RecordingError("expected --words or --text, got both: give one of them")
    if text is not None:
        return align(pcm, text)
    return load_words(words or audio.with_suffix(".words.json"))


def write_wav(pcm: bytes, wav: Path) -> None:
    """The form in which the fake Transcribe reads recordings."""
    wav.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(wav), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(SAMPLE_RATE_HZ)
        target.writeframes(pcm)


def playable(audio: Path, pcm: bytes, output: Path | None) -> Path:
    """The recording as the fake Transcribe reads it: itself, or a WAV file written beside the script `output`.

    Raises RecordingError when there is no place for it.
    """
    try:
        read_pcm(audio)
        return audio
    except (ScriptError, wave.Error, EOFError):
        pass
    if output is None:
        raise RecordingError(
            f"expected {audio.name} as 16 kHz mono 16-bit WAV, got another form: give -o NAME.script.yaml, and it is "
            "written there too"
        )
    wav = output.with_name(f"{output.name.removesuffix('.script.yaml').removesuffix('.yaml')}.wav")
    if wav.exists():
        raise RecordingError(
            f"expected no file at {wav}, where {audio.name} is written as 16 kHz mono WAV: give another name with -o"
        )
    write_wav(pcm, wav)
    return wav


def install(audio: Path, folder: Path, *, words: Path | None = None, text: str | None = None) -> str:
    """Put the recording, its words and its script into `folder`; returns its name. Raises RecordingError.

    Any rate and any number of channels: it is resampled and mixed as a browser would.
    """
    pcm = load_pcm(audio)
    spoken = spoken_words(audio, pcm, words=words, text=text)
    wav = folder / f"{audio.stem}.wav"
    write_wav(pcm, wav)
    document = {"words": [{"word": one.word, "start": one.start_ms / 1000, "end": one.end_ms / 1000} for one in spoken]}
    wav.with_suffix(".words.json").write_text(json.dumps(document))
    (folder / f"{audio.stem}.script.yaml").write_text(script.dump(make_script(wav, spoken)), encoding="utf-8")
    return audio.stem
