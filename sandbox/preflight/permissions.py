"""Calls that functions made in a run and their roles do not allow: what AWS would have refused. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.preflight.findings import Finding

CHECK = "permission"


def check(events: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """Each call of a run's journal once, however often it was made."""
    found = {}
    for event in events:
        if event["kind"] != "iam.denied":
            continue
        caller = str(event.get("function") or event.get("service"))
        found[caller, event["action"], event["resource"]] = Finding(
            check=CHECK,
            where=caller,
            cause=f"it called {event['action']} on {event['resource']}, {event['reason']}",
            remedy=f"let {event.get('role') or 'the resource'}'s policy allow it, or leave the call out",
        )
    return list(found.values())
