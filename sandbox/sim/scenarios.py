"""Scenarios: functions from draws to a plan. What a scenario leaves open, its seed decides."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.sim import chance, speech
from sandbox.sim.errors import UnknownScenarioError
from sandbox.sim.plan import ListenerPlan, Plan, SpeakerPlan

LANGUAGES = ("es", "fr", "de", "it", "pt")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a run is; None leaves it to the scenario."""

    listeners: int | None = None
    speech_s: int | None = None


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
    return Plan(speakers=(_speaker(0, seed=seed, speech_s=size.speech_s or 60, listeners=listeners),))


def _handover(draws: random.Random, seed: int, size: Size) -> Plan:
    listeners = _staying(draws, size.listeners or 3)
    return Plan(speakers=(_speaker(0, seed=seed, speech_s=size.speech_s or 170, listeners=listeners),))


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
    return Plan(speakers=(_speaker(0, seed=seed, speech_s=speech_s, listeners=tuple(listeners)),))


def _fleet(draws: random.Random, seed: int, size: Size) -> Plan:
    return Plan(
        speakers=tuple(
            _speaker(
                number,
                seed=seed,
                speech_s=size.speech_s or 30,
                listeners=_staying(draws, size.listeners or 3, group=number),
                begins_at_ms=draws.randrange(5_000),
            )
            for number in range(5)
        )
    )


def _speaker(
    number: int, *, seed: int, speech_s: int, listeners: tuple[ListenerPlan, ...], begins_at_ms: int = 0
) -> SpeakerPlan:
    return SpeakerPlan(
        name=f"speaker-{number + 1}",
        address=_address(10, number),
        talk=speech.make(seed=seed, name=f"talk-{number + 1}", duration_ms=speech_s * 1_000),
        listeners=listeners,
        begins_at_ms=begins_at_ms,
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
    "fleet": Scenario(about="five speakers at once, each with listeners of its own", draw=_fleet),
}
