"""Every limit of the stand-ins, with its unit and its source."""

TRANSLATE_TEXT_BYTES = 10_000
"""Amazon Translate, "Guidelines and limits": synchronous real-time translation, 10,000 bytes of UTF-8."""

SPEECH_CHARACTERS = 6_000
SPEECH_BILLED_CHARACTERS = 3_000
"""Amazon Polly, SynthesizeSpeech: at most 6,000 characters, of which 3,000 billed; SSML tags are not billed."""

SPEECH_PER_S = {"standard": (80, 100), "neural": (8, 10)}
"""Amazon Polly, "Quotas": SynthesizeSpeech requests a second of an account and Region by engine, and the burst."""

SPEECH_RATES_HZ = {
    "mp3": (8_000, 16_000, 22_050, 24_000, 44_100, 48_000),
    "ogg_vorbis": (8_000, 16_000, 22_050, 24_000, 44_100, 48_000),
    "ogg_opus": (48_000,),
    "pcm": (8_000, 16_000),
    "mulaw": (8_000,),
    "alaw": (8_000,),
}
"""Amazon Polly, SynthesizeSpeech, SampleRate: the valid rates of each output format."""

SPEECH_DEFAULT_RATE_HZ = {"ogg_opus": 48_000, "pcm": 16_000, "mulaw": 8_000, "alaw": 8_000}
ENGINE_DEFAULT_RATE_HZ = {"standard": 22_050, "neural": 24_000}
"""Amazon Polly, SynthesizeSpeech, SampleRate: the default by format, for mp3 and ogg_vorbis by engine."""
