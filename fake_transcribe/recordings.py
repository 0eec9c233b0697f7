"""A folder of recordings with their scripts, as the server plays them."""

import hashlib
import wave
from dataclasses import dataclass
from pathlib import Path

from fake_transcribe import script
from fake_transcribe.errors import ScriptError
from fake_transcribe.recognition import Library
from fake_transcribe.script import Script


@dataclass(frozen=True, kw_only=True)
class Recordings:
    """Scripts by name, and what recognises their recordings."""

    scripts: dict[str, Script]
    library: Library


def audio_sha256(path: Path) -> str:
    """The digest by which a script and its audio file are checked as a pair."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_pcm(path: Path) -> bytes:
    """The samples of a 16 kHz mono 16-bit WAV file. Raises ScriptError for another form."""
    try:
        with wave.open(str(path)) as audio:
            form = (audio.getframerate(), audio.getnchannels(), audio.getsampwidth())
            pcm: bytes = audio.readframes(audio.getnframes())
    except (wave.Error, EOFError) as error:
        raise ScriptError(
            f"expected {path.name} to be a WAV file, got {str(error) or 'no header'}: convert it first"
        ) from error
    if form != (16_000, 1, 2):
        raise ScriptError(f"expected {path.name} at 16 kHz, mono, 16 bits, got {form}: resample it first")
    return pcm


def load(*folders: Path) -> Recordings:
    """Every `NAME.script.yaml` with its `NAME.wav`; later folders win. Raises ScriptError when a pair does not fit."""
    for folder in folders:
        if not folder.is_dir():
            raise ScriptError(f"expected a folder with scripts at {folder}, found none: give one with --scripts")
    scripts, audio = {}, {}
    for path in [path for folder in folders for path in sorted(folder.glob("*.script.yaml"))]:
        name = path.name.removesuffix(".script.yaml")
        wav = path.parent / f"{name}.wav"
        if not wav.exists():
            raise ScriptError(
                f"expected {wav.name} beside {path.name}, found none: add the recording or drop the script"
            )
        loaded = script.load(path)
        if loaded.audio_sha256 != audio_sha256(wav):
            raise ScriptError(
                f"expected {path.name} to be of {wav.name}, its audio_sha256 is another: make the script again"
            )
        scripts[name], audio[name] = loaded, read_pcm(wav)
    return Recordings(scripts=scripts, library=Library(audio))
