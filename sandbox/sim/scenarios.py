"""Scenarios: functions from draws to a plan. What a scenario leaves open, its seed decides."""

import dataclasses
import itertools
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.client.recording import CHUNK_MS
from sandbox.sim import chance, speech
from sandbox.sim.errors import UnknownScenarioError
from sandbox.sim.plan import Burst, ListenerPlan, Plan, SpeakerPlan

MINUTE_MS = 60_000
LANGUAGES = ("es", "fr", "de", "it", "pt")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a run is; None leaves it to the scenario."""

    listeners: int | None = None
    speech_s: int | None = None
    speakers: int | None = None
    chunk_ms: int | None = None


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A named scenario."""

    about: str
    draw: Callable[[random.Random, int, Size], Plan]


def plan(name: str, *, seed: int, size: Size) -> Plan:
    """The plan of a scenario under a seed. Raises UnknownScenarioError."""
    if name not in SCENARIOS:
        raise UnknownScenarioError(name, sorted(SCENARIOS))
    return SCENARIOS[name].draw(chance.stream(seed, f"scenario/{name}"), seed, size)


def _steady(draws: random.Random, seed: int, size: Size) -> Plan:
    listeners = _staying(draws, size.listeners or 10)
    return Plan(speakers=(_speaker(0, size, seed=seed, speech_s=size.speech_s or 60, listeners=listeners),))


def _handover(draws: random.Random, seed: int, size: Size) -> Plan:
    listeners = _staying(draws, size.listeners or 3)
    return Plan(speakers=(_speaker(0, size, seed=seed, speech_s=size.speech_s or 170, listeners=listeners),))


def _swarm(draws: random.Random, seed: int, size: Size) -> Plan:
    speech_s = size.speech_s or 30
    listeners = list(_staying(draws, 2))
    for number in range(2, size.listeners or 60):
        joins_at_ms = 200 + draws.randrange(1_500)
        leaves = draws.randrange(3)
        listeners.append(
            ListenerPlan(
                name=f"listener-{number + 1}",
                language=draws.choice(LANGUAGES),
                address=_address(20, number),
                joins_at_ms=joins_at_ms,
                leaves_at_ms=joins_at_ms + 5_000 + draws.randrange(speech_s * 700) if leaves else None,
                vanishes=leaves == 1,
            )
        )
    return Plan(speakers=(_speaker(0, size, seed=seed, speech_s=speech_s, listeners=tuple(listeners)),))


def _fleet(draws: random.Random, seed: int, size: Size) -> Plan:
    return Plan(
        speakers=tuple(
            _speaker(
                number,
                size,
                seed=seed,
                speech_s=size.speech_s or 30,
                listeners=_staying(draws, size.listeners or 3, group=number),
                begins_at_ms=draws.randrange(5_000),
            )
            for number in range(size.speakers or 5)
        )
    )


def _refresh(draws: random.Random, seed: int, size: Size) -> Plan:
    speech_s = size.speech_s or 40
    listeners = tuple(
        dataclasses.replace(
            one,
            refreshes_at_ms=tuple(
                sorted(1_000 + draws.randrange(speech_s * 1_000) for _ in range(draws.randint(1, 2)))
            ),
            refresh_times=draws.randint(1, 2),
            drops_first=not draws.randrange(3),
        )
        for one in _staying(draws, size.listeners or 6)
    )
    speaker = _speaker(0, size, seed=seed, speech_s=speech_s, listeners=listeners)
    moments = (draws.randrange(speech_s * 500), speech_s * 500 + draws.randrange(speech_s * 400))
    return Plan(speakers=(dataclasses.replace(speaker, refreshes_at_ms=moments),))


def _breaks(draws: random.Random, seed: int, size: Size) -> Plan:
    speech_s = size.speech_s or 30
    speaker = _speaker(0, size, seed=seed, speech_s=speech_s, listeners=_staying(draws, size.listeners or 3))
    half_ms = _breath(speaker, speech_s * 500)
    break_ms = 55_000 + draws.randrange(30_000)
    bursts = (
        Burst(at_ms=0, from_ms=0, to_ms=half_ms),
        Burst(at_ms=half_ms + break_ms, from_ms=half_ms, to_ms=speech_s * 1_000),
    )
    return Plan(speakers=(dataclasses.replace(speaker, bursts=bursts),))


def _repeats(draws: random.Random, seed: int, size: Size) -> Plan:
    listeners = _staying(draws, size.listeners or 3)
    return Plan(
        speakers=(_speaker(0, size, seed=seed, speech_s=size.speech_s or 40, listeners=listeners, style="repeats"),)
    )


def _orphans(draws: random.Random, seed: int, size: Size) -> Plan:
    listeners = _staying(draws, size.listeners or 3)
    return Plan(
        speakers=(_speaker(0, size, seed=seed, speech_s=size.speech_s or 60, listeners=listeners, style="orphans"),)
    )


def _farewell(draws: random.Random, seed: int, size: Size) -> Plan:
    """Some sessions are over before their worker has begun."""
    speech_s = size.speech_s or draws.randint(1, 12)
    speaker = _speaker(0, size, seed=seed, speech_s=speech_s, listeners=_staying(draws, size.listeners or 3))
    return Plan(speakers=(dataclasses.replace(speaker, ends_at_once=True),))


def _two_hours(draws: random.Random, seed: int, size: Size) -> Plan:
    """Two and a quarter hours; somebody speaks at the begin, while connections are renewed, and at the end."""
    speech_s = size.speech_s or 80
    speaker = _speaker(0, size, seed=seed, speech_s=speech_s, listeners=_staying(draws, size.listeners or 10))
    moments_min = (0, 50 + draws.randrange(10), 100, 104, 121, 134)
    cuts = [0, *(_breath(speaker, speech_s * 1_000 * k // 6) for k in range(1, 6)), speech_s * 1_000]
    bursts = tuple(
        Burst(at_ms=minute * MINUTE_MS, from_ms=start, to_ms=end)
        for minute, (start, end) in zip(moments_min, itertools.pairwise(cuts), strict=True)
    )
    return Plan(speakers=(dataclasses.replace(speaker, bursts=bursts),))


def _mixed(draws: random.Random, seed: int, size: Size) -> Plan:
    """The plan that another scenario has under this seed: they take turns. Some send the usual chunks, some shorter."""
    chunk_ms = size.chunk_ms or draws.choice((CHUNK_MS, CHUNK_MS // 2))
    return plan(IN_TURN[seed % len(IN_TURN)], seed=seed, size=dataclasses.replace(size, chunk_ms=chunk_ms))


def _breath(speaker: SpeakerPlan, near_ms: int) -> int:
    """The middle of the longest pause near a place of a talk, on a chunk's edge where the pause has one."""
    pauses = [
        (after.start_ms - before.end_ms, (before.end_ms + after.start_ms) // 2)
        for before, after in itertools.pairwise(speaker.talk.words)
        if abs(before.end_ms - near_ms) < 6_000
    ]
    middle_ms = max(pauses)[1] if pauses else near_ms
    return middle_ms // speaker.chunk_ms * speaker.chunk_ms


def _speaker(
    number: int,
    size: Size,
    *,
    seed: int,
    speech_s: int,
    listeners: tuple[ListenerPlan, ...],
    begins_at_ms: int = 0,
    style: speech.Style = "plain",
) -> SpeakerPlan:
    return SpeakerPlan(
        name=f"speaker-{number + 1}",
        address=_address(10, number),
        talk=speech.make(seed=seed, name=f"talk-{number + 1}", duration_ms=speech_s * 1_000, style=style),
        listeners=listeners,
        begins_at_ms=begins_at_ms,
        chunk_ms=size.chunk_ms or CHUNK_MS,
    )


def _staying(draws: random.Random, count: int, *, group: int = 0) -> tuple[ListenerPlan, ...]:
    languages = draws.sample(LANGUAGES, min(count, 3))
    return tuple(
        ListenerPlan(
            name=f"listener-{group * 1_000 + number + 1}",
            language=languages[number % len(languages)],
            address=_address(20, group * 1_000 + number),
        )
        for number in range(count)
    )


def _address(net: int, number: int) -> str:
    """Each client has an address of its own, since rates are limited by address."""
    return f"127.{net}.{number // 250}.{number % 250 + 1}"


SCENARIOS: Mapping[str, Scenario] = {
    "steady": Scenario(about="one speaker for a minute, ten listeners who stay", draw=_steady),
    "handover": Scenario(about="one speaker across several stream workers", draw=_handover),
    "swarm": Scenario(
        about="many listeners who come within two seconds, and leave or vanish when they like", draw=_swarm
    ),
    "refresh": Scenario(about="speaker and listeners go over to new connections while somebody speaks", draw=_refresh),
    "breaks": Scenario(about="a speaker who is silent for about as long as a worker waits", draw=_breaks),
    "repeats": Scenario(about="a speaker who says the same again", draw=_repeats),
    "orphans": Scenario(about="results whose final never comes, or comes late, or twice", draw=_orphans),
    "farewell": Scenario(about="a speaker who ends the session with the last word", draw=_farewell),
    "two-hours": Scenario(about="connections that outlive API Gateway's two hours", draw=_two_hours),
    "fleet": Scenario(about="five speakers at once, each with listeners of its own", draw=_fleet),
    "mixed": Scenario(about="each seed plays one of the others, in turn, but for the two hours", draw=_mixed),
}
IN_TURN = tuple(sorted(set(SCENARIOS) - {"mixed", "two-hours"}))
