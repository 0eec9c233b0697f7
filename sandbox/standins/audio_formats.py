"""Samples in the formats that Amazon Polly answers in."""

import io

import numpy as np
import soundfile

CONTENT_TYPES = {
    "mp3": "audio/mpeg",
    "ogg_vorbis": "audio/ogg",
    "ogg_opus": "audio/ogg",
    "pcm": "audio/pcm",
    "mulaw": "audio/mulaw",
    "alaw": "audio/alaw",
}
"""Amazon Polly, SynthesizeSpeech, "Response Elements"; the last two are not said there (?)."""

MP3_BITS_PER_S = 48_000
"""Polly's mp3 is of constant rate: Alexa takes 48 kbit/s alone, and Polly's as it comes (KayLerch/alexa-meets-polly#1).
So silence is as large as speech, and what is too large for a message there is too large here."""

_LAME = {
    8_000: (8_000, 64_000),
    16_000: (8_000, 160_000),
    22_050: (8_000, 160_000),
    24_000: (8_000, 160_000),
    44_100: (32_000, 320_000),
    48_000: (32_000, 320_000),
}
"""Least and greatest bit rate of mp3 at each sample rate, between which libsndfile's compression level lies."""

_RAW = {"mulaw": "ULAW", "alaw": "ALAW"}


def encode(samples: bytes, *, rate_hz: int, output_format: str) -> bytes:
    """16-bit mono samples in one of CONTENT_TYPES."""
    if output_format == "pcm":
        return samples
    made, data = io.BytesIO(), np.frombuffer(samples, dtype="<i2")
    if output_format == "mp3":
        least, most = _LAME[rate_hz]
        soundfile.write(
            made, data, rate_hz, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT",
            compression_level=(most - MP3_BITS_PER_S) / (most - least),
        )  # fmt: skip
    elif output_format in _RAW:
        soundfile.write(made, data, rate_hz, format="RAW", subtype=_RAW[output_format])
    else:
        subtype = "OPUS" if output_format == "ogg_opus" else "VORBIS"
        soundfile.write(made, data, rate_hz, format="OGG", subtype=subtype)
    return made.getvalue()
