"""What proves an alarm: its own history, and what whoever is on call received. Pure."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.alarms.verify.causes import cause_of


@dataclass(frozen=True, kw_only=True)
class Proof:
    """One alarm. `missing` says what was not seen; empty for one that is proven. Moments are the sandbox's epoch."""

    alarm: str
    cause: str
    raised_ms: int | None
    ended_ms: int | None
    reason: str
    told: tuple[str, ...]
    missing: str

    @property
    def is_proven(self) -> bool:
        return not self.missing


def prove(alarms: Sequence[Mapping[str, Any]], inbox: Sequence[Mapping[str, Any]]) -> list[Proof]:
    """Of each alarm: into ALARM, then back to OK, and one message of each; of what `GET alarms` and `inbox` answer."""
    return [_prove(alarm, inbox) for alarm in alarms]


def is_up(alarms: Sequence[Mapping[str, Any]], names: Sequence[str]) -> bool:
    """Whether each of these alarms, by its name in the record, has been in ALARM."""
    raised = {
        str(alarm["name"]).rpartition("-")[0]
        for alarm in alarms
        if any(change["new"] == "ALARM" for change in alarm["history"])
    }
    return raised >= set(names)


def line(proof: Proof) -> str:
    """One alarm in a terminal."""
    verdict = "proven" if proof.is_proven else "FAILED"
    found = proof.missing or f"ALARM {_clock(proof.raised_ms)}, OK {_clock(proof.ended_ms)}, on call was told of both"
    return f"{verdict}  {proof.alarm:<36} {proof.cause}: {found}"


def to_json(proof: Proof) -> dict[str, Any]:
    """One alarm as JSON."""
    return {
        "alarm": proof.alarm,
        "proven": proof.is_proven,
        "cause": proof.cause,
        "raisedMs": proof.raised_ms,
        "endedMs": proof.ended_ms,
        "reason": proof.reason,
        "messageIds": list(proof.told),
        "missing": proof.missing,
    }


def _prove(alarm: Mapping[str, Any], inbox: Sequence[Mapping[str, Any]]) -> Proof:
    name, changes = str(alarm["name"]), alarm["history"]
    raised = next((change for change in changes if change["new"] == "ALARM"), None)
    ended = next((one for one in changes if raised and one["new"] == "OK" and one["at_ms"] > raised["at_ms"]), None)
    told = [_message(inbox, name, change["new"], change["at_ms"]) for change in (raised, ended) if change is not None]
    missing = ""
    if raised is None:
        missing = f"expected it to be raised, it stayed {alarm['state']}"
    elif ended is None:
        missing = f"expected it to end, it is {alarm['state']}: {alarm['reason']}"
    elif None in told:
        missing = f"expected a message for each change, got {sum(one is not None for one in told)}"
    return Proof(
        alarm=name,
        cause=cause_of(name) or "no failure is known that raises it",
        raised_ms=raised["at_ms"] if raised else None,
        ended_ms=ended["at_ms"] if ended else None,
        reason=raised["reason"] if raised else "",
        told=tuple(one for one in told if one is not None),
        missing=missing,
    )


def _message(inbox: Sequence[Mapping[str, Any]], name: str, state: str, at_ms: int) -> str | None:
    """The message id of the notification of this change, by its content and not by its subject alone."""
    wanted = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at_ms / 1000))
    for message in inbox:
        if not str(message["subject"]).startswith(f'{state}: "{name}"'):
            continue
        text = json.loads(message["text"])
        if text["NewStateValue"] == state and text["StateChangeTime"].startswith(wanted):
            return str(message["message_id"])
    return None


def _clock(at_ms: int | None) -> str:
    return "never" if at_ms is None else time.strftime("%H:%M:%S", time.gmtime(at_ms / 1000))
