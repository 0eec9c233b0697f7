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
"""The contract's rate of chunks for each connection. Each execution environment refuses what exceeds it alone; what
several let through together, the stream worker sees."""
RATE_SPARE = 1
"""The contract: sliding windows with one spare event."""
RATE_WINDOW_MS = 1_000
RATE_WARNING_EVERY_MS = 1_000
"""The issue: at most one `rateLimitWarning` a second."""
RATE_PATIENCE_MS = 5_000
"""A connection that goes on for this long is closed: a client that had stalled sends what it held back in less, and
five warnings have told it."""
RATE_FORGOTTEN_MS = 1_500
"""Excess that pauses for this long has stopped: a client that heeded the warning must not be closed for the next."""
RATE_LATE_MS = 2_000
"""Chunks may be received this much out of order; what is older no longer tells how fast the speaker sends."""

INGEST_CACHE_MS = 2_000
"""The design: the session is cached for at most 2 s, so that the steady state is one AWS call a chunk."""
START_PATIENCE_MS = 3_000
"""A worker that was asked for and has no lease by then is taken not to come: a cold start of the function lasts about a
second, and each environment that takes the session's first chunks would start another."""
INGEST_STALE_MS = 20_000
"""For so much longer what was cached is used when the table does not answer."""
INGEST_RETRY_MS = 500
"""After that, the table is left alone for this long."""
INGEST_CACHE_ENTRIES = 64

LEASE_MS = 5_000
"""A worker that has not renewed its lease for this long is dead."""
WORDS_LEFT_MS = 60_000
"""A worker that begins this long after its session's end leaves the queue to the minute's rule, which deletes it."""
RENEW_EVERY_MS = 1_000
"""Each renewal brings back the session's state, so this is also how old the worker's view of it may be when the message
that tells of a change does not come: chunks that wait for it longer would have silence in their place."""
TURN_EVERY_MS = 250
"""The longest rest between two looks at what is due."""

VISIBILITY_MS = VISIBILITY_TIMEOUT_S * 1_000
EXTEND_AFTER_MS = 10_000
"""A message that is held for this long gets its visibility timeout anew."""
BATCH_ENTRIES = 10
"""Amazon SQS: entries of a batch request, messages of a receive."""
RECEIVE_WAIT_S = 1
"""Short, since a cut and the session's end wait for the receive under way."""
RECEIVE_LATE_MS = 500
"""A receive that has not ended this long after its wait is not answered."""
RECEIVERS = 2
"""One receive waits while the other's messages are on their way."""

GAP_WAIT_MS = 2_000
"""The design: chunks are put in order within 2 s; what is missing then is counted as lost."""
GAP_MOST_MS = 60_000
"""A gap of more is no longer audio that was lost, but a client that counts as it likes."""
TAKEOVER_WAIT_MS = VISIBILITY_MS + 1_000
"""After a crash, missing chunks may be in flight to the dead worker until their visibility timeout ends; and so may, to
nobody, what a receive took whose answer was lost."""

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
SUCCESSOR_POLL_MS = 200
"""The predecessor may wait for a boundary for seconds; half of this is what a cut delays words by."""
SUCCESSOR_WAIT_MS = 25_000
"""Longest wait for the predecessor's cut, or for the end of its lease."""

BUFFER_MS = 5_000
"""The issue: while Transcribe takes no audio for longer than this, this much is kept and the oldest is dropped. A
shorter interruption loses nothing."""
SEND_AHEAD_MS = 5_000
"""Audio that may wait in the client for the service to read it. The service reads about 10 s ahead of real time, then
at real time; with both, the audio that a crash delays (VISIBILITY_MS) is not dropped."""
SLOW_POLL_MS = 100
"""How often it is looked whether a slow service has read on."""
STREAM_PROVEN_MS = 3_000
"""A stream that has lasted for this long and answers is taken to work, though nothing was said that it could report."""
FAILURES_TOLD = 2
"""Streams in a row that fail until the speaker is told: the first is renewed within half a second, and nothing is
lost."""

IDLE_MS = 60_000
"""The design: a stream without sound, and a worker without chunks, live on for up to 60 s."""
SILENCE_AFTER_MS = 1_000
"""Without a chunk for this long, silence is sent in its place, so that what was said last can end."""
STARVED_MS = 1_500
"""A stream that has had nothing for this long, though a chunk is on its way, stands still: longer than a receive."""
SILENCE_LIVE_MS = 4_000
"""Silence is sent in real time for this long, then only to keep the stream."""
SILENCE_STEP_MS = 100
CUT_OFF_MS = 1_000
"""Audio before silence that was sent in the place of chunks is not settled by it: a word may have begun there that goes
on in the next chunk, and no word is longer."""
KEEP_ALIVE_MS = 5_000
"""Amazon Transcribe ends a stream after 15 s without audio."""
KEEP_WAITING_MS = 12_000
"""The same while a chunk is on its way: silence in its place may tear the word that it is in, so the stream is
exchanged for a new one, which hears that word from its beginning."""

STREAM_OPEN_MS = 10_000
STREAM_DRAIN_MS = 5_000
"""Longest waits for the response's headers and, after the last audio, for its last results."""
STREAM_ATTEMPTS = 6
"""Streams in a row that may fail before the worker gives up; the next chunk starts another worker."""
RETRY_FIRST_MS = 200
RETRY_MOST_MS = 5_000

FORWARD_ATTEMPTS = 10
"""Invocations of the translation for one segment, beyond the client's own retries: half a minute in all. A segment that
is given up is counted."""

CONFIG_EVERY_MS = 20_000
"""The contract: a changed configuration takes effect on running sessions within 30 s."""
METRICS_EVERY_MS = 5_000
"""The design: metrics are flushed every 5 s and before handover."""

SOUND_KEPT_MS = 30_000
"""Windows of audio are remembered for as long as a segment may wait for its release."""
QUALITY_EVERY_MS = 2_500
"""How often the sound is judged: a silence of 5 s is told within 7.5 s."""
QUALITY_FRAMES = 80
"""Quality is judged over the last 8 s, in windows of 100 ms: long enough for speech to leave each frequency."""
QUALITY_LEAST_FRAMES = 50
QUALITY_SNR_DB = 10.0
"""Below it a recogniser's word errors rise steeply."""
QUALITY_VOICE_DB = -6.0
"""Where nothing stands out more, there is noise or a tone and no voice: stationary noise alone measures -9 and less."""
QUALITY_SNR_MOST_DB = 60.0
"""Digital silence between words has no noise at all; a metric wants a number."""
QUALITY_CLIPPING_PERCENT = 5.0
"""A window with more of its samples at full scale is audibly clipped; the alarm on AudioClipping has this limit too."""
QUALITY_CLIPPED_FRAMES = 5
"""Half a second of clipped windows in 8 s is no single knock on the table."""
QUALITY_SILENCE_DBFS = -55.0
"""A window below this is silence; where even the loudest tenth is, there is nothing to judge."""
QUALITY_SILENCE_MS = 5_000
"""The issue: silence of more than 5 s while neither paused nor muted."""
QUALITY_WARNING_EVERY_MS = 60_000
"""The issue: the speaker is told of one thing at most once a minute."""

ECHO_MIN_MS, ECHO_MAX_MS = 10, 500
"""The issue: sooner it colours the voice, and the voice's own pitch lies there; later it is a second voice."""
ECHO_MIN_GAIN = 0.1
"""20 dB below the voice: the clean recordings, their pitch included, stay below half of that."""
ECHO_MIN_CONFIDENCE = 0.5
ECHO_LEAST_WINDOWS = 3
"""About 4 s of sound: in less, one held vowel may look like an echo."""
