"""Raises every alarm in four rounds of failures, then lets the system be well, and proves what happened.

Real failures alone: sound, recognisers, AWS that is slow, broken configurations, crowds. Nothing sets an alarm.
Rounds are more than an alarm's period apart on the sandbox's clock, so that one's failures do not count in another's.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sandbox.alarms.verify import functions, recognisers, sounds
from sandbox.alarms.verify.proof import Proof, is_up, prove
from sandbox.alarms.verify.system import System
from sandbox.client.connection import Connection
from sandbox.client.recording import load_pcm

MINUTE_MS = 60_000
APART_MS = 7 * MINUTE_MS
"""More than a period of five minutes and the minute that is under way."""
ENDS_WITHIN_MINUTES = 30
"""A sliding window of five minutes, twice looked back further, and the minutes of the pass that counts sessions."""

SNR_DB, GAIN = 4.0, 20.0
FAILURES = 7
"""More than five in five minutes."""
CROWD, REFUSED = 101, 105
AT_ONCE = 8
WORKER_LATE_MS, SEGMENT_LATE_MS = 3_000, 4_500
"""Beyond the alarm's 2 s; with what a segment waits before its release, beyond 5 s, and below the client's timeout."""
ORPHAN_AFTER_MS = 17_000
"""Silence after the last word: a result that stays open for 15 s is an orphan."""
JUDGED_AFTER_MS = 4_000
FAILS_WITHIN_S = 30.0
IN_FORCE_S = 1.0
"""A configuration that Lambda has taken is not at once that of the next invocation, here as on AWS."""
RESTS_WITHIN_S = 60.0

T = TypeVar("T")


@dataclass(kw_only=True)
class Verification:
    """One run against a sandbox of its own. `say` is told what is being done."""

    system: System
    samples: Path
    folder: Path
    say: Callable[[str], None]

    async def run(self) -> list[Proof]:
        """Every round, then the way back."""
        environment = self.system.state.environment
        audio_processor = f"audio-processor-{environment}"
        client = await asyncio.to_thread(functions.lambda_client, self.system.state)
        try:
            await self._round("bad sound, workers that start late, bad tokens", self._sounds, (
                "AudioQualitySNRAlarm", "AudioQualityClippingAlarm", "SessionCreationLatencyAlarm",
                "ConnectionErrorsAlarm",
            ))  # fmt: skip
            await self.system.at_rest(audio_processor, within_s=RESTS_WITHIN_S)
            await self.system.advance(APART_MS)
            await self._round("recognisers that fail, translations that start late", self._recognisers, (
                "PartialResultsDroppedAlarm", "OrphanedResultsAlarm", "TranscribeFallbackAlarm",
            ))  # fmt: skip
            await self._round("translations that start late, again", self._late_again, ("PartialResultLatencyAlarm",))
            await self.system.at_rest(audio_processor, within_s=RESTS_WITHIN_S)
            await self._round("configurations that lost a variable", lambda: self._broken(client, environment), (
                "LambdaErrorAlarm", "HeartbeatHandlerErrorAlarm", "RefreshHandlerErrorAlarm",
                "DisconnectHandlerErrorAlarm", "ConnectionHandlerErrorAlarm",
            ))  # fmt: skip
            with functions.throttled(client, audio_processor):
                crowd = await self._crowd()
                await self._settle(("LambdaThrottleAlarm", "ActiveSessionsAlarm"), minutes=4)
                await _each((connection.close() for connection in crowd), at_once=AT_ONCE)
        finally:
            client.close()
        self.say("all is well again: waiting for every alarm to end …")
        await self._settle((), minutes=ENDS_WITHIN_MINUTES)
        return prove(await self.system.ask("GET", "alarms"), await self.system.ask("GET", "inbox"))

    async def _round(self, what: str, cause: Callable[[], Awaitable[None]], alarms: tuple[str, ...]) -> None:
        self.say(f"{what} …")
        await cause()
        await self._settle(alarms, minutes=3)

    async def _settle(self, raised: tuple[str, ...], *, minutes: int) -> None:
        """Let minutes pass until these alarms were raised, or, without any, until all are OK and on call knows."""
        for _ in range(minutes):
            await self.system.advance(MINUTE_MS)
            # The minute's pass takes its own time, and what it counts is part of the next minute's evaluation.
            await asyncio.sleep(1.0)
            alarms = await self.system.ask("GET", "alarms")
            if raised and is_up(alarms, raised):
                return
            if not raised and all(proof.is_proven for proof in prove(alarms, await self.system.ask("GET", "inbox"))):
                return

    # the failures

    async def _sounds(self) -> None:
        clean = b"".join(load_pcm(path) for path in self._recordings()[:2])
        noise = sounds.noisy(clean, snr_db=SNR_DB, seed=1)
        await self._late("audio-processor", delay_ms=WORKER_LATE_MS)
        refused = (self.system.refused("nobody") for _ in range(REFUSED))
        await asyncio.gather(
            self.system.speak(noise, silent_ms=JUDGED_AFTER_MS),
            self.system.speak(sounds.clipped(noise, gain=GAIN), silent_ms=JUDGED_AFTER_MS),
            _each(refused, at_once=AT_ONCE),
        )
        await self.system.hurry()

    async def _recognisers(self) -> None:
        made = {"orphans": recognisers.orphans, "storm": recognisers.storm, "failing": recognisers.failing}
        spoken = {}
        longest_first = sorted(self._recordings(), key=lambda path: -path.stat().st_size)
        for path, (name, segments) in zip(longest_first, made.items(), strict=True):
            spoken[name] = sounds.backwards(load_pcm(path))
            recognisers.install(self.folder, name, spoken[name], segments(recognisers.duration_of(spoken[name])))
        await self.system.ask("POST", "recordings", {"folder": str(self.folder)})
        await self._late("TranslationProcessor", delay_ms=SEGMENT_LATE_MS)
        await asyncio.gather(
            self.system.speak(spoken["storm"], silent_ms=JUDGED_AFTER_MS),
            self.system.speak(spoken["orphans"], silent_ms=ORPHAN_AFTER_MS),
            self.system.speak(spoken["failing"], silent_ms=JUDGED_AFTER_MS),
            self._late_words(),
        )
        await self.system.hurry()

    async def _late_again(self) -> None:
        await self._late("TranslationProcessor", delay_ms=SEGMENT_LATE_MS)
        await self._late_words()
        await self.system.hurry()

    async def _late(self, function: str, *, delay_ms: int) -> None:
        operation = f"functions/{function}-{self.system.state.environment}/invocations"
        await self.system.slow_down(operation, delay_ms=delay_ms, times=1_000)

    async def _late_words(self) -> None:
        clean = b"".join(load_pcm(path) for path in self._recordings()[:2])
        await self.system.speak(clean, silent_ms=2 * SEGMENT_LATE_MS)

    async def _broken(self, client: Any, environment: str) -> None:
        session = await self.system.speaker()
        speaking = await _each((self.system.connection() for _ in range(FAILURES)), at_once=AT_ONCE)
        listening = await _each((self.system.listener(session.session_id) for _ in range(FAILURES)), at_once=AT_ONCE)
        handlers = [f"{name}-{environment}" for name in ("HeartbeatHandler", "RefreshHandler", "DisconnectHandler")]
        chatter = ({"action": "heartbeat"}, {"action": "sendAudio", "seq": 0, "audio": "AAAA" * 100})
        refresh = {
            "action": "refresh", "sessionId": session.session_id, "targetLanguage": "es",
            "previousConnectionId": "gone",
        }  # fmt: skip
        with functions.without_variable(client, [*handlers, f"audio-processor-{environment}"]):
            await asyncio.sleep(IN_FORCE_S)
            await _each((_failing(connection, chatter) for connection in speaking), at_once=AT_ONCE)
            await _each((_failing(connection, (refresh,)) for connection in listening), at_once=AT_ONCE)
            await _each((one.close() for one in (*speaking, *listening)), at_once=AT_ONCE)
            with functions.without_variable(client, [f"ConnectionHandler-{environment}"]):
                await asyncio.sleep(IN_FORCE_S)
                await _each((self.system.locked_out() for _ in range(FAILURES)), at_once=AT_ONCE)
            await self.system.at_rest(handlers[-1], within_s=RESTS_WITHIN_S)
        await self.system.leave(session)

    async def _crowd(self) -> list[Connection]:
        self.say("101 speakers, and an audio processor that may not run …")
        speakers = await _each((self.system.speaker() for _ in range(CROWD)), at_once=AT_ONCE)
        await speakers[0].send_audio(bytes(3200))
        return [speaker.connection for speaker in speakers]

    def _recordings(self) -> list[Path]:
        return sorted(self.samples.glob("*.wav"))[:3]


async def _failing(connection: Connection, messages: Iterable[Mapping[str, Any]]) -> None:
    """Send each, and wait for API Gateway's own frame, which has no type, for each invocation that failed."""
    expected = 0
    for message in messages:
        await connection.send(message)
        expected += 1
    async with asyncio.timeout(FAILS_WITHIN_S):
        async for answer in connection.messages():
            expected -= "type" not in answer
            if not expected:
                return


async def _each(work: Iterable[Awaitable[T]], *, at_once: int) -> list[T]:
    """All of it, some at a time."""
    places = asyncio.Semaphore(at_once)

    async def one(awaitable: Awaitable[T]) -> T:
        async with places:
            return await awaitable

    return list(await asyncio.gather(*(one(awaitable) for awaitable in work)))
