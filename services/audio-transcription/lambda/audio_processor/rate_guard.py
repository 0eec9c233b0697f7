"""What a worker does about connections that send too fast: a warning at most once a second, in the end a close."""

import logging
from collections.abc import Sequence

from audio_processor import limits, metric_names
from audio_processor.chunk import Chunk
from audio_processor.chunk_rate import ChunkRate, Verdict
from audio_processor.notices import Notices
from audio_processor.ports import Clock, Meter, Outside

log = logging.getLogger(__name__)


class RateGuard:
    """Judges every chunk that was received."""

    def __init__(self, *, outside: Outside, meter: Meter, clock: Clock, notices: Notices) -> None:
        self._outside = outside
        self._meter = meter
        self._clock = clock
        self._notices = notices
        self._rate = ChunkRate()

    def judge(self, chunks: Sequence[Chunk]) -> dict[str, Verdict]:
        """Count the chunks; returns the connections to which something is due."""
        now_ms = self._clock.now_ms()
        return {
            connection_id: verdict
            for connection_id, verdict in self._rate.saw(chunks).items()
            if verdict is Verdict.CLOSE
            or self._notices.tell(f"rate {connection_id}", every_ms=limits.RATE_WARNING_EVERY_MS, now_ms=now_ms)
        }

    async def act(self, verdicts: dict[str, Verdict]) -> None:
        """Warn or close."""
        for connection_id, verdict in verdicts.items():
            if verdict is Verdict.CLOSE:
                log.warning("a connection that sent too fast for %d ms is closed", limits.RATE_PATIENCE_MS)
                await self._outside.close_connection(connection_id)
                continue
            self._meter.count(metric_names.CHUNK_RATE_EXCEEDED)
            message = {
                "type": "rateLimitWarning",
                "message": f"sendAudio: expected at most {limits.CHUNKS_PER_S} chunks a second, got more: send larger"
                " chunks, or the connection is closed",
                "limit": limits.CHUNKS_PER_S,
                "windowMs": limits.RATE_WINDOW_MS,
            }
            await self._outside.warn_speaker(connection_id=connection_id, message=message)
