"""The service's limits, each with its unit and source; `Quotas` are those that an account can have changed."""

from dataclasses import dataclass

SILENCE_TIMEOUT_MS = 15_000
"""No AudioEvent for this long ends the stream (the exception's own text)."""

STREAM_MS = 14_400_000
"""Four hours (Amazon Transcribe quotas)."""

EVENT_AUDIO_MS = 1_000
"""Most audio in one event (developer guide, "Best practices": the chunk formula's maximum)."""

READ_AHEAD_MS = 10_000
"""Audio the service takes ahead of real time before it stops reading (GStreamer's notes on the service)."""

SIGNATURE_AGE_MS = 300_000
"""How old a chunk's `:date` may be, or how far a request's date from the service's (the exception's own text)."""

PRESIGNED_S = 300
"""Longest `X-Amz-Expires` of a presigned URL (developer guide, "Setting up a WebSocket stream")."""

SAMPLE_RATES_HZ = (8_000, 48_000)
"""Least and greatest sample rate (API reference)."""

CHANNELS = 2
"""The only number of channels that is taken (API reference)."""

HEARTBEAT_MS = 1_000
"""Empty results come about once a second in silence (recorded logs)."""

PARTIALS_BEFORE_EMPTY = 6
"""Empty results also come inside a segment, after about this many partials (the recorded stream)."""

LANGUAGE_HEARD_MS = 3_000
"""Speech that identifying a language needs (developer guide)."""

HEADERS_BYTES = 131_072
PAYLOAD_BYTES = 16_777_216
"""An event-stream message's headers and payload (limits of the SDKs)."""

FRAME_BYTES = 524_288
"""Largest message that a stream's decoder keeps: more than a second of 48 kHz stereo in its two frames. Assumed; the
service calls a frame that is too large for it `Your stream is too big`."""

REQUEST_HEAD_BYTES = 16_384
"""Largest head of an HTTP/1.1 request; ours, a presigned URL has about 1,500 bytes."""

UNSENT_BYTES = 1_048_576
"""What a client that does not read may leave unsent before its connection is reset. Ours."""

HANDSHAKE_S = 10
"""For TLS and for the first request, then the connection is closed. Ours."""

LINGER_S = 5
"""For a client to take the last bytes and close, once its stream has ended. Ours."""


@dataclass(frozen=True, kw_only=True)
class Quotas:
    """An account's quotas. HTTP/2 and WebSocket streams are counted apart (Amazon Transcribe quotas)."""

    http2_streams: int = 25
    websocket_streams: int = 25
    starts_per_s: int = 25
