"""Without a fault no invocation fails, no client is refused and nothing is logged as an error."""

import json

from sandbox.journal import Event
from sandbox.sim.invariants.checker import Watching


class NoFailureUnprovoked(Watching):
    """Silent where faults are on."""

    name = "no_failure_unprovoked"
    sees = ("iam.denied", "lambda.end", "lambda.event_dropped", "client.refused", "client.message", "lambda.log")

    def note(self, event: Event) -> None:
        if event["kind"] == "iam.denied":
            # No fault makes a role allow less.
            self.found(event["t_ms"], f"{event.get('function') or event['service']} may not {event['action']}")
        if self.provoked:
            return
        match event["kind"]:
            case "lambda.end" if event["status"] != "ok":
                self.found(event["t_ms"], f"{event['function']} ended as {event['status']}")
            case "lambda.event_dropped":
                self.found(event["t_ms"], f"an event of {event['function']} was dropped: {event['condition']}")
            case "client.refused":
                self.found(event["t_ms"], f"{event['client']} was refused: {event['reason']}")
            case "client.message" if event["type"] in ("error", "transcriptionError"):
                self.found(event["t_ms"], f"{event.get('speaker') or event.get('listener')} was told {event}")
            case "lambda.log" if _is_error(event["line"]):
                self.found(event["t_ms"], f"{event['function']} logged an error: {event['line'][:400]}")


def _is_error(line: str) -> bool:
    if line.startswith("[ERROR]"):
        return True
    if '"ERROR"' not in line:
        return False
    try:
        return bool(json.loads(line).get("level") == "ERROR")
    except (ValueError, AttributeError):
        return False
