"""The metrics of one run, read from its journal: what was watched, what came of it, and what never came. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sandbox.journal import Event
from sandbox.metrics import platform
from sandbox.metrics.series import Key, key, reduce


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What an alarm allows of a metric: the statistic of a period, on this side of the threshold."""

    alarm: str
    statistic: str
    below: bool
    threshold: float


@dataclass(kw_only=True)
class Observed:
    """One metric: its values with the milliseconds since the run began, and the alarms that watch it."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    watched: bool
    unit: str = "None"
    limits: tuple[Limit, ...] = ()
    samples: list[tuple[int, float]] = field(default_factory=list)

    @property
    def values(self) -> list[float]:
        return [value for _, value in self.samples]

    def figure(self, statistic: str) -> float | None:
        """A statistic of the whole run; None when nothing came."""
        return reduce(self.values, statistic)


def observe(events: Iterable[Event]) -> list[Observed]:
    """Every watched metric in the order of its dashboard, then every other that a function emitted."""
    found: dict[Key, Observed] = {}
    for event in events:
        if event["kind"] == "metrics.watched":
            for about in event["metrics"]:
                one = _of(found, about["namespace"], about["name"], about["dimensions"], watched=True)
                one.watched = True
                one.limits = tuple(_limit(alarm) for alarm in about["alarms"])
        elif event["kind"] == "metric":
            one = _of(found, event["namespace"], event["name"], event["dimensions"], watched=False)
            one.unit = event["unit"]
            one.samples += [(event["t_ms"], milli / 1000) for milli in event.get("valuesMilli", ())]
        else:
            _platform(found, event)
    everything = list(found.values())
    return [one for one in everything if one.watched] + _others(everything)


def _platform(found: dict[Key, Observed], event: Event) -> None:
    """Lambda's own count of every function would hide the rest: here are those that somebody watches."""
    for datum in platform.read(event, now_ms=event["t_ms"]):
        one = found.get(key(datum.namespace, datum.name, datum.dimensions))
        if one is not None:
            one.unit = datum.unit
            one.samples += [(event["t_ms"], value) for value in datum.values]


def _others(everything: list[Observed]) -> list[Observed]:
    return sorted((one for one in everything if not one.watched), key=lambda one: (one.namespace, one.name))


def never_emitted(observed: Iterable[Observed]) -> Iterator[Observed]:
    """What is watched and never came."""
    return (one for one in observed if one.watched and not one.samples)


def _of(
    found: dict[Key, Observed], namespace: str, name: str, dimensions: dict[str, str], *, watched: bool
) -> Observed:
    identity = key(namespace, name, dimensions.items())
    if identity not in found:
        found[identity] = Observed(namespace=namespace, name=name, dimensions=dimensions, watched=watched)
    return found[identity]


def _limit(alarm: dict[str, object]) -> Limit:
    return Limit(
        alarm=str(alarm["alarm"]),
        statistic=str(alarm["statistic"]),
        below=str(alarm["comparison"]).startswith("LessThan"),
        threshold=int(str(alarm["thresholdMilli"])) / 1000,
    )
