"""What went wrong in a run, how often, and whether it was over when the run ended; from its journal. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sandbox.journal import Event

OVER, OPEN = "over", "open"


@dataclass(kw_only=True)
class Issue:
    """One kind of trouble with one thing. `resolution` says how it ended, or what is to be done."""

    what: str
    times: int
    first_ms: int
    last_ms: int
    state: str
    resolution: str


def issues(events: Iterable[Event]) -> list[Issue]:
    """In the order in which they were first met."""
    found: dict[tuple[str, str], Issue] = {}
    for event in events:
        tell = _TROUBLES.get(event["kind"])
        told = tell(event) if tell is not None else None
        if told is not None:
            subject, what, remedy = told
            issue = found.setdefault(
                (event["kind"], subject),
                Issue(what=what, times=0, first_ms=event["t_ms"], last_ms=0, state=OPEN, resolution=remedy),
            )
            issue.times += 1
            issue.last_ms, issue.state, issue.resolution = event["t_ms"], OPEN, remedy
        for kind, subject, resolution in _mended(event):
            if (kind, subject) in found and found[kind, subject].state == OPEN:
                found[kind, subject].state, found[kind, subject].resolution = OVER, resolution
    return list(found.values())


def _failed(event: Event) -> tuple[str, str, str] | None:
    if event["status"] == "ok":
        return None
    name = event["function"]
    return name, f"{name} failed ({event['status']})", f"no invocation has succeeded since: sandbox logs {name}"


def _throttled(event: Event) -> tuple[str, str, str]:
    name = event["function"]
    return name, f"{name} was throttled", "no invocation has succeeded since: raise its reserved concurrency"


def _dropped(event: Event) -> tuple[str, str, str]:
    name = event["function"]
    return name, f"an event of {name} was dropped ({event['condition']})", "its work was not done"


def _denied(event: Event) -> tuple[str, str, str]:
    what = f"{event.get('function')} was denied {event.get('action')}"
    return what, what, f"let its role do so on {event.get('resource')}"


def _stream_failed(event: Event) -> tuple[str, str, str]:
    name = event["exception"]
    return name, f"a Transcribe stream ended with {name}", "no stream has been opened since"


def _alarm(event: Event) -> tuple[str, str, str] | None:
    if event["new"] != "ALARM":
        return None
    return event["alarm"], f"{event['alarm']} was raised", "it is still in ALARM: sandbox alarms"


_Told = Callable[[Event], tuple[str, str, str] | None]
_TROUBLES: dict[str, _Told] = {
    "lambda.end": _failed,
    "lambda.throttled": _throttled,
    "lambda.event_dropped": _dropped,
    "iam.denied": _denied,
    "transcribe.exception": _stream_failed,
    "alarm.state": _alarm,
}


def _mended(event: Event) -> Iterable[tuple[str, str, str]]:
    """What an event shows to be over."""
    match event["kind"]:
        case "lambda.end" if event["status"] == "ok":
            yield "lambda.end", event["function"], "later invocations succeeded"
            yield "lambda.throttled", event["function"], "later invocations succeeded"
        case "transcribe.stream_opened":
            for name in _STREAM_ERRORS:
                yield "transcribe.exception", name, "another stream was opened"
        case "alarm.state" if event["new"] == "OK":
            yield "alarm.state", event["alarm"], "it ended by itself"


_STREAM_ERRORS = (
    "BadRequestException", "ConflictException", "InternalFailureException", "LimitExceededException",
    "ServiceUnavailableException",
)  # fmt: skip
"""Amazon Transcribe streaming, StartStreamTranscription: its errors."""
