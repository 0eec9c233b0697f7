"""A Transcribe stream and the core that reads its results, renewed when the stream fails.

Every stream begins at the first chunk that the ledger holds, whether the session is new, taken over, or its last stream
broke: a fresh core numbers on from the last released segment, and `hearing.py` drops what was committed before.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from partial_results import Unsettled

from audio_processor import backoff, limits, metric_names
from audio_processor.core_port import Core, CoreFactory, Released
from audio_processor.errors import StreamError, StreamsExhaustedError
from audio_processor.hearing import Hearing, Stretch
from audio_processor.ledger import HeldChunk, Ledger
from audio_processor.outage import OutageWatch
from audio_processor.ports import Clock, Meter, Transcriber, TranscribeStream
from audio_processor.progress import Progress
from audio_processor.silence import came_before_silence, next_silence_ms
from audio_processor.stream_clock import StreamClock

log = logging.getLogger(__name__)


class Listening:
    """Feeds the ledger's chunks to Transcribe and passes on what the core releases.

    `failed` is called when the speaker should know that no audio is taken, `recovered` when it should know that it is
    again.
    """

    def __init__(
        self,
        *,
        transcriber: Transcriber,
        make_core: CoreFactory,
        settings: Mapping[str, Any],
        language: str,
        ledger: Ledger,
        covered_until_ms: int,
        committed: tuple[Stretch, ...],
        unsettled: tuple[Unsettled, ...],
        next_sequence: int,
        clock: Clock,
        meter: Meter,
        jitter: Callable[[], float],
        release: Callable[[list[Released]], None],
        failed: Callable[[StreamError], None],
        recovered: Callable[[], None],
        outage: OutageWatch,
        wake: asyncio.Event,
        awaits_chunk: Callable[[int], bool],
        warm: asyncio.Task[TranscribeStream] | None = None,
    ) -> None:
        self._transcriber = transcriber
        self._make_core = make_core
        self._settings = settings
        self._language = language
        self._ledger = ledger
        self._clock = clock
        self._meter = meter
        self._jitter = jitter
        self._release = release
        self._failed = failed
        self._recovered = recovered
        self._outage = outage
        self._wake = wake
        self._awaits_chunk = awaits_chunk
        self._covered_until_ms = covered_until_ms
        self._committed = committed
        self._core: Core = make_core(settings, next_sequence, covered_until_ms, unsettled)
        self._times = StreamClock()
        self._progress = Progress(clock.now_ms())
        self._stream: TranscribeStream | None = None
        self._opening = warm
        self._reader: asyncio.Task[None] | None = None
        self._deaf = False
        self._orphaned = self._thinned = 0
        self._fed_seq = -1
        self._failures = 0
        self._retry_at_ms = self._opened_at_ms = 0
        self._last_chunk_at_ms = self._last_fed_at_ms = clock.now_ms()
        self._silent_since_ms: int | None = None
        if warm is not None:
            warm.add_done_callback(lambda _: wake.set())

    @property
    def covered_until_ms(self) -> int:
        """The place in the session's audio up to which everything said is released."""
        return max(self._covered_until_ms, self._core.covered_until_ms)

    @property
    def committed(self) -> tuple[Stretch, ...]:
        """Stretches after that place whose words are released: a result's final may be late."""
        covered_until_ms = self.covered_until_ms
        self._committed = tuple(one for one in self._committed if one[1] > covered_until_ms)
        return self._committed

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        """Words that are heard and not released, for the next stream."""
        return self._core.unsettled

    @property
    def next_sequence(self) -> int:
        return self._core.next_sequence

    @property
    def has_pending(self) -> bool:
        return self._core.has_pending

    @property
    def has_unfed(self) -> bool:
        """Whether chunks are held that no stream has been given."""
        return bool(self._ledger.feedable(self._fed_seq))

    @property
    def is_streaming(self) -> bool:
        return self._stream is not None or self._opening is not None

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Work by other settings from now on."""
        if settings != self._settings:
            self._settings = settings
            self._core.configure(settings)

    def _next_silence_ms(self) -> int:
        return next_silence_ms(
            last_chunk_at_ms=self._last_chunk_at_ms,
            last_fed_at_ms=self._last_fed_at_ms,
            awaits_chunk=self._awaits_chunk(self._last_chunk_at_ms),
        )

    def _open(self) -> None:
        if self._opening is None and self._clock.now_ms() >= self._retry_at_ms:
            self._opening = asyncio.create_task(
                open_stream(self._transcriber, self._language, self._clock, self._meter)
            )
            self._opening.add_done_callback(lambda _: self._wake.set())

    async def advance(self) -> None:
        """Do what is due now: take over an opened stream, feed chunks or silence, tick the core.

        Raises StreamsExhaustedError.
        """
        try:
            self._take_opened()
            self._check_reader()
            await self._feed()
        except StreamError as error:
            self._start_anew(error)
        now_ms = self._clock.now_ms()
        if self._stream is not None:
            # How far a stream had come that has failed, says nothing of what its successor's core has heard.
            self._note_progress(now_ms, behind_ms=limits.MUTE_SERVICE_MS)
        if self._core.has_pending and self._is_starved(now_ms):
            self._core.audio_awaited(now_ms)
        deadline_ms = self._core.next_deadline_ms
        if deadline_ms is not None and now_ms >= deadline_ms:
            self._pass_on(self._core.tick(now_ms))
        self._drop_overdue(now_ms)
        self._count_results()

    def _count_results(self) -> None:
        """Metrics of what the core has dropped since the last time."""
        orphaned, thinned = self._core.orphaned, self._core.thinned
        self._meter.count(metric_names.ORPHANED_RESULTS, orphaned - self._orphaned)
        self._meter.count(metric_names.PARTIAL_RESULTS_DROPPED, thinned - self._thinned)
        self._orphaned, self._thinned = orphaned, thinned

    def next_deadline_ms(self) -> int | None:
        """When `advance` has something to do, unless woken before."""
        deadlines = [self._core.next_deadline_ms]
        if self._stream is not None:
            deadlines.append(self._next_silence_ms())
            if self.has_unfed:
                deadlines.append(self._clock.now_ms() + limits.SLOW_POLL_MS)
        elif self._opening is None and self._has_unfed_sound():
            deadlines.append(self._retry_at_ms)
        return min((one for one in deadlines if one is not None), default=None)

    def _is_starved(self, now_ms: int) -> bool:
        """Whether the stream has had nothing for a while, since the next chunk is awaited."""
        has_nothing = now_ms - self._last_fed_at_ms >= limits.STARVED_MS
        return has_nothing and self._awaits_chunk(self._last_chunk_at_ms)

    def _has_unfed_sound(self) -> bool:
        return any(not held.silent for held in self._ledger.feedable(self._fed_seq))

    def _take_opened(self) -> None:
        if self._opening is None or not self._opening.done():
            return
        opening, self._opening = self._opening, None
        self._stream = opening.result()
        self._times = StreamClock()
        self._progress = Progress(self._clock.now_ms())
        hearing = Hearing(clock=self._times, cut_ms=self.covered_until_ms, committed=self.committed)
        self._fed_seq = -1
        self._last_fed_at_ms = self._opened_at_ms = self._clock.now_ms()
        self._silent_since_ms = None
        self._reader = asyncio.create_task(self._read(self._stream, hearing))
        self._reader.add_done_callback(lambda _: self._wake.set())

    def _check_reader(self) -> None:
        if self._stream is None or self._reader is None or not self._reader.done():
            return
        self._reader.result()
        raise StreamError(code="EndOfStream", message="the service ended the stream")

    async def _read(self, stream: TranscribeStream, hearing: Hearing) -> None:
        async for results in stream.results():
            if self._deaf:
                continue
            now_ms = self._clock.now_ms()
            for result in hearing.translate(results):
                self._failures = 0
                self._pass_on(self._core.receive(result, now_ms))
            for result in results:
                self._progress.spoke(round((result.end_time or 0) * 1_000))
            self._note_progress(now_ms, behind_ms=0)
            is_proven = not self._failures or now_ms - self._opened_at_ms >= limits.STREAM_PROVEN_MS
            if is_proven and self._outage.answered():
                self._recovered()
            self._wake.set()

    def _note_progress(self, now_ms: int, *, behind_ms: int) -> None:
        """Tell the core how far the service has come, or this much less where it says nothing."""
        reached_ms = self._progress.reached(now_ms=now_ms, given_ms=self._times.stream_ms) - behind_ms
        if reached_ms > 0:
            silence_ms = self._times.silence_until_ms(reached_ms)
            self._core.audio_heard(self._times.to_session_ms(reached_ms), silence_ms)

    def _pass_on(self, released: list[Released]) -> None:
        if released:
            self._committed += tuple((one.start_ms, one.end_ms) for one in released if one.corrects is None)
            self._release(released)

    async def _feed(self) -> None:
        if self._stream is None:
            self._skip_silent_chunks()
            if self._has_unfed_sound():
                self._outage.waits(self._clock.now_ms())
                self._open()
            return
        for held in self._ledger.feedable(self._fed_seq):
            if held.end_ms <= self.covered_until_ms - limits.REHEAR_MS:
                self._fed_seq = held.chunk.seq
                continue
            if self._stream.unread_ms > limits.SEND_AHEAD_MS:
                self._outage.waits(self._clock.now_ms())
                return
            if came_before_silence(held, silent_since_ms=self._silent_since_ms):
                await self._exchange("silence was sent in the place of audio that was on its way")
                return
            await self._feed_chunk(self._stream, held)
        self._outage.taken()
        now_ms = self._clock.now_ms()
        if now_ms < self._next_silence_ms():
            return
        if self._awaits_chunk(self._last_chunk_at_ms):
            await self._exchange("audio is on its way, and it would not wait for it")
        else:
            size = limits.SILENCE_STEP_MS * limits.BYTES_PER_MS
            if self._silent_since_ms is None and self._times.session_ms:
                self._silent_since_ms = now_ms
            self._times.silence(size=size)
            self._last_fed_at_ms = now_ms
            await self._stream.send(bytes(size))

    async def _exchange(self, reason: str) -> None:
        """End the stream, and have the next hear again what is not committed."""
        log.info("the stream is exchanged: %s", reason)
        await self.close()
        self._fed_seq = -1
        self._renew_core()

    async def _feed_chunk(self, stream: TranscribeStream, held: HeldChunk) -> None:
        now_ms, sound = self._clock.now_ms(), held.sound
        self._times.fed(start_byte=held.start_byte, size=len(sound))
        self._fed_seq = held.chunk.seq
        self._last_chunk_at_ms = self._last_fed_at_ms = now_ms
        self._silent_since_ms = None
        await stream.send(sound)
        self._meter.time(metric_names.AUDIO_PROCESSING_LATENCY, now_ms - held.chunk.received_at_ms)

    def _drop_overdue(self, now_ms: int) -> None:
        """Let the oldest audio go that no stream takes: words that come too late help nobody."""
        dropped = self._outage.dropped
        overdue = self._outage.overdue(self._ledger.feedable(self._fed_seq), now_ms)
        if not overdue:
            return
        self._fed_seq = overdue[-1].chunk.seq
        if self._stream is None:
            # Nothing before is waiting for a result; with a stream, the results of what it was given are.
            self._covered_until_ms = max(self._covered_until_ms, overdue[-1].end_ms)
        self._meter.count(metric_names.AUDIO_CHUNKS_DROPPED, self._outage.dropped - dropped)
        if self._outage.to_tell():
            self._failed(StreamError(code="AudioDropped", message="audio comes faster than it can be transcribed"))

    def _skip_silent_chunks(self) -> None:
        """Without a stream, silent chunks at the front hold nothing to wait for."""
        for held in self._ledger:
            if not held.silent or self._core.has_pending:
                return
            self._covered_until_ms = max(self._covered_until_ms, held.end_ms)

    def _start_anew(self, error: StreamError) -> None:
        """Drop the stream and what its core had pending: the next stream hears it again."""
        self._failures += 1
        self._meter.count(metric_names.TRANSCRIBE_ERRORS)
        log.warning("the stream failed (%d in a row): %s", self._failures, error)
        self._stream = None
        self._fed_seq = -1
        if self._reader is not None:
            self._reader.add_done_callback(_retrieve)
            self._reader.cancel()
            self._reader = None
        self._renew_core()
        self._retry_at_ms = self._clock.now_ms() + backoff.wait_ms(self._failures, self._jitter())
        if self._failures >= limits.FAILURES_TOLD and self._outage.to_tell():
            self._failed(error)
        if self._failures >= limits.STREAM_ATTEMPTS:
            raise StreamsExhaustedError(attempts=self._failures)

    def _renew_core(self) -> None:
        self._covered_until_ms = self.covered_until_ms
        self._count_results()
        self._orphaned = self._thinned = 0
        self._core = self._make_core(
            self._settings, self._core.next_sequence, self._covered_until_ms, self._core.unsettled
        )

    async def conclude(self) -> None:
        """End the stream, take its last results, and release what is left."""
        if self._opening is not None and not self._has_unfed_sound():
            await self.close()
        if self._stream is not None:
            with contextlib.suppress(StreamError):
                await self._stream.end()
            await self._reader_done()
            self._stream = None
            self._covered_until_ms = self._times.session_ms
        self._pass_on(self._core.finish(self._clock.now_ms()))
        self._renew_core()

    async def close(self) -> None:
        """End the stream and take nothing more of it. Its results are read to the end, as the client asks."""
        self._deaf = True
        if self._opening is not None:
            with contextlib.suppress(StreamError):
                self._stream = await self._opening
            self._opening = None
        if self._stream is not None:
            with contextlib.suppress(StreamError):
                await self._stream.end()
            if self._reader is None:
                self._reader = asyncio.create_task(self._read(self._stream, Hearing(clock=self._times, cut_ms=0)))
            await self._reader_done()
        self._stream = None
        self._deaf = False

    async def _reader_done(self) -> None:
        if self._reader is None:
            return
        done, _ = await asyncio.wait([self._reader], timeout=limits.STREAM_DRAIN_MS / 1_000)
        if not done:
            self._reader.cancel()
            await asyncio.wait([self._reader])
        elif self._reader.exception() is not None:
            log.info("the stream's last results: %s", self._reader.exception())
        self._reader = None


async def open_stream(transcriber: Transcriber, language: str, clock: Clock, meter: Meter) -> TranscribeStream:
    """A stream, and how long it took to get."""
    begun_ms = clock.now_ms()
    stream = await transcriber.open(language=language)
    meter.time(metric_names.TRANSCRIBE_STREAM_INIT_LATENCY, clock.now_ms() - begun_ms)
    return stream


def _retrieve(reader: asyncio.Task[None]) -> None:
    """The failure of a stream that has been given up is known already."""
    if not reader.cancelled():
        reader.exception()
