"""Every limit of the audio processor, with its unit and its source."""

from broadcast.queues import VISIBILITY_TIMEOUT_S

BYTES_PER_MS = 32
"""16-bit mono at 16 kHz."""
SAMPLE_RATE_HZ = 16_000

CHUNK_MIN_BYTES = 100
CHUNK_MAX_BYTES = 24_000
"""The contract's `sendAudio`: 100 to 24,000 bytes decoded, so that a message stays under API Gateway's 32 KB frame."""

SEQ_MAX = 2**53 - 1
"""RFC 8259, section 6: the integers on which all JSON readers agree."""

CHUNKS_PER_S = 50
"""The contract's rate of chunks for each connection, counted in each execution environment."""
RATE_SPARE = 1
"""The contract: sliding windows with one spare event."""

INGEST_CACHE_MS = 2_000
"""The design: role and session are cached for at most 2 s, so that the steady state is one AWS call a chunk."""
INGEST_CACHE_ENTRIES = 64

LEASE_MS = 5_000
"""A worker that has not renewed its lease for this long is dead."""
RENEW_EVERY_MS = 1_000
STATE_EVERY_MS = 250
"""How old the worker's view of pause, mute and the session's end may be."""

VISIBILITY_MS = VISIBILITY_TIMEOUT_S * 1_000
EXTEND_AFTER_MS = 10_000
"""A message that is held for this long gets its visibility timeout anew."""
BATCH_ENTRIES = 10
"""Amazon SQS: entries of a batch request, messages of a receive."""
RECEIVE_WAIT_S = 1
"""Short, since a cut and the session's end wait for the receive under way."""
RECEIVERS = 2
"""One receive waits while the other's messages are on their way."""

GAP_WAIT_MS = 2_000
"""The design: chunks are put in order within 2 s; what is missing then is counted as lost."""
TAKEOVER_WAIT_MS = VISIBILITY_MS + 1_000
"""After a crash, missing chunks may be in flight to the dead worker until their visibility timeout ends."""

REHEAR_MS = 500
"""Audio before the first word that is not committed, heard again by a new stream so that it starts on firm ground."""
MUTE_SERVICE_MS = 10_000
"""Audio this old counts as heard even if the service says nothing at all, not even that it heard nothing."""

SUCCESSOR_LEAD_MS = 20_000
"""Remaining time at which the successor is started: at 40 s of a 60 s function."""
CUT_LATEST_MS = 8_000
"""Remaining time at which the cut is made whatever is being said: at 52 s of a 60 s function."""
SUCCESSOR_RETRY_MS = 4_000
"""A successor that has not announced itself by then is started once more."""
SUCCESSOR_POLL_MS = 50
SUCCESSOR_WAIT_MS = 25_000
"""Longest wait for the predecessor's cut, or for the end of its lease."""

IDLE_MS = 60_000
"""The design: a stream without sound, and a worker without chunks, live on for up to 60 s."""
SILENCE_AFTER_MS = 1_000
"""Without a chunk for this long, silence is sent in its place, so that what was said last can end."""
SILENCE_LIVE_MS = 4_000
"""Silence is sent in real time for this long, then only to keep the stream."""
SILENCE_STEP_MS = 100
KEEP_ALIVE_MS = 5_000
"""Amazon Transcribe ends a stream after 15 s without audio."""

STREAM_OPEN_MS = 10_000
STREAM_DRAIN_MS = 5_000
"""Longest waits for the response's headers and, after the last audio, for its last results."""
STREAM_ATTEMPTS = 6
"""Streams in a row that may fail before the worker gives up; the next chunk starts another worker."""
RETRY_FIRST_MS = 200
RETRY_MOST_MS = 5_000

FORWARD_ATTEMPTS = 5
"""Invocations of the translation for one segment, beyond the client's own retries."""

CONFIG_EVERY_MS = 20_000
"""The contract: a changed configuration takes effect on running sessions within 30 s."""
METRICS_EVERY_MS = 5_000
"""The design: metrics are flushed every 5 s and before handover."""

SOUND_KEPT_MS = 30_000
"""Frames of audio are remembered for as long as a segment may wait for its release."""
QUALITY_FRAMES = 80
"""Quality is judged over the last 8 s, in frames of 100 ms."""
QUALITY_SNR_DB = 10.0
QUALITY_CLIPPING_PERCENT = 5.0
QUALITY_SILENCE_DBFS = -55.0
"""Where even the loudest tenth is below this, nobody speaks and there is nothing to judge."""
QUALITY_WARNING_EVERY_MS = 60_000
"""The speaker is told of one issue at most this often."""
