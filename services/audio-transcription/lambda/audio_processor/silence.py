"""When silence goes into a stream in the place of chunks that do not come. Pure.

Transcribe ends what was said last only when it hears what follows, and ends a stream after 15 s without audio. While
later chunks wait for one that is late, or the queue does not answer, nothing has ended: silence would only tear a word
apart, and a stream that has waited for too long is to be exchanged. Nobody knows of a chunk that ingest is still busy
with, or that a dead worker hides; when it comes, a stream that was given silence in its place is to be exchanged too.
"""

from audio_processor import limits
from audio_processor.ledger import HeldChunk


def next_silence_ms(*, last_chunk_at_ms: int, last_fed_at_ms: int, awaits_chunk: bool = False) -> int:
    """When the next step of silence is due, given when the last chunk and the last bytes of any kind went in.

    `awaits_chunk`: one is on its way, because later ones are at hand, or because the queue does not answer; then what
    is due is another stream.
    """
    if awaits_chunk:
        return last_fed_at_ms + limits.KEEP_WAITING_MS
    live_from_ms = last_chunk_at_ms + limits.SILENCE_AFTER_MS
    if last_fed_at_ms < live_from_ms:
        return live_from_ms
    if last_fed_at_ms < live_from_ms + limits.SILENCE_LIVE_MS:
        return last_fed_at_ms + limits.SILENCE_STEP_MS
    return last_fed_at_ms + limits.KEEP_ALIVE_MS


def came_before_silence(held: HeldChunk, *, silent_since_ms: int | None) -> bool:
    """Whether a chunk with sound had come to the gateway when silence went into its place, from `silent_since_ms` on.

    A speaker that sends nothing for so long has paused; one that sent it goes on, perhaps in the middle of a word.
    """
    return silent_since_ms is not None and not held.silent and held.chunk.arrived_at_ms <= silent_since_ms
