"""The service's limits, each with its unit and source."""

SILENCE_TIMEOUT_MS = 15_000
"""No AudioEvent for this long ends the stream (the exception's own text)."""

STREAM_MS = 14_400_000
"""Four hours (Amazon Transcribe quotas)."""

EVENT_AUDIO_MS = 1_000
"""Most audio in one event (developer guide, "Best practices": the chunk formula's maximum)."""

READ_AHEAD_MS = 10_000
"""Audio the service takes ahead of real time before it stops reading (GStreamer's notes on the service)."""

SIGNATURE_AGE_MS = 300_000
"""How old a chunk's `:date` may be (the exception's own text)."""

SAMPLE_RATES_HZ = (8_000, 48_000)
"""Least and greatest sample rate (API reference)."""

HEARTBEAT_MS = 1_000
"""Empty results come about once a second in silence (recorded logs)."""

HEADERS_BYTES = 131_072
PAYLOAD_BYTES = 16_777_216
"""An event-stream message's headers and payload (limits of the SDKs)."""
