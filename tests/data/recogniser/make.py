"""`python -m tests.data.recogniser.make`: what PocketSphinx says of the samples while it hears them, as test data.

A real recogniser rewrites what it said: here is how. Its own endpointer finds the utterances; while one lasts, the
hypothesis is taken every `step_ms` of audio; its end gives the final, which a second pass may have changed. It gives
no stability. Needs the extra (`python3 dev.py align`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sandbox.client.recording import BYTES_PER_MS, load_pcm

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[2] / "audio_samples"
FRAME_MS = 10
TRAILING_SILENCE_MS = 1_500
NOISE_SEED = 1


@dataclass(frozen=True, kw_only=True)
class Take:
    """One listening: recordings said without a pause, noise at a distance below them, how often it is asked."""

    name: str
    recordings: tuple[str, ...]
    snr_db: int | None
    step_ms: int


EACH = ("austen-0870", "austen-0880", "austen-0890")
CONDITIONS = (("clean", None), ("noise-20db", 20), ("noise-15db", 15))
TAKES = tuple(
    Take(name=f"{name}.{condition}.{step_ms}ms", recordings=recordings, snr_db=snr_db, step_ms=step_ms)
    for name, recordings in (*((one, (one,)) for one in EACH), ("passage", EACH))
    for condition, snr_db in CONDITIONS
    for step_ms in (300, 500)
)


def heard(take: Take) -> dict[str, Any]:
    """The take and its results, in the order of their coming, in the form that `sandbox.report.revisions` reads."""
    pcm = b"".join(load_pcm(SAMPLES / f"{name}.wav") for name in take.recordings)
    if take.snr_db is not None:
        pcm = _with_noise(pcm, take.snr_db)
    return {
        "recordings": list(take.recordings),
        "snr_db": take.snr_db,
        "step_ms": take.step_ms,
        "results": list(_results(pcm + bytes(TRAILING_SILENCE_MS * BYTES_PER_MS), take.step_ms)),
    }


def _results(pcm: bytes, step_ms: int) -> Iterator[list[Any]]:
    from pocketsphinx import Decoder, Endpointer

    decoder, endpointer = Decoder(loglevel="FATAL"), Endpointer()
    frame = endpointer.frame_bytes
    utterance, start_ms, next_ms = -1, 0, 0

    def words() -> list[list[Any]]:
        return [
            [
                one.word.partition("(")[0],
                start_ms + one.start_frame * FRAME_MS,
                start_ms + (one.end_frame + 1) * FRAME_MS,
            ]
            for one in decoder.seg() or []
            if one.word[0] not in "<["
        ]

    speaking = False
    for place in range(0, len(pcm) - frame + 1, frame):
        speech = endpointer.process(pcm[place : place + frame])
        at_ms = (place + frame) // BYTES_PER_MS
        if speech is None:
            continue
        if not speaking:
            speaking, utterance = True, utterance + 1
            start_ms, next_ms = round(endpointer.speech_start * 1000), at_ms + step_ms
            decoder.start_utt()
        decoder.process_raw(speech)
        if not endpointer.in_speech:
            speaking = False
            decoder.end_utt()
            yield [at_ms, utterance, False, words()]
        elif at_ms >= next_ms:
            next_ms += step_ms
            yield [at_ms, utterance, True, words()]


def _with_noise(pcm: bytes, snr_db: int) -> bytes:
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    noise = np.random.default_rng(NOISE_SEED).normal(0, 1, len(samples))
    noise *= np.sqrt(np.mean(samples**2) / 10 ** (snr_db / 10))
    noisy: bytes = np.clip(np.rint(samples + noise), -32768, 32767).astype("<i2").tobytes()
    return noisy


def written(take: dict[str, Any]) -> str:
    """One result a line."""
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in take["results"]]
    about = json.dumps({key: value for key, value in take.items() if key != "results"})
    return f'{about[:-1]}, "results": [\n' + ",\n".join(lines) + "\n]}\n"


def main() -> None:
    for take in TAKES:
        (HERE / f"{take.name}.json").write_text(written(heard(take)), encoding="utf-8")
        print(f"{take.name}.json")


if __name__ == "__main__":
    main()
