"""What went wrong in functions, told from the lines of their logs, as a developer's terminal shows it. Pure."""

import json
import re

TRACEBACK = "Traceback (most recent call last):"
LINES_KEPT = 200
"""Of one traceback: a deep recursion's is folded by Python itself."""

_ENDED = re.compile(r"Task timed out after [0-9.]+ seconds|RequestId: \S+ Error: Runtime exited")
"""What Lambda writes of an environment that did not come to an answer (L-11, L-12)."""


class Tracebacks:
    """`take` every line of every log stream, each stream's in its order."""

    def __init__(self) -> None:
        self._open: dict[str, list[str]] = {}

    def take(self, stream: str, line: str) -> str | None:
        """What is to be shown now that this line is here; None as long as nothing went wrong, or it goes on.

        A traceback is one line of the runtime client's (L-18), a field of a structured line, or lines of its own.
        """
        begun = self._open.pop(stream, None)
        if begun is not None:
            begun.append(line)
            if line.startswith((" ", "\t")) and len(begun) < LINES_KEPT:
                self._open[stream] = begun
                return None
            return "\n".join(begun)
        if line.startswith("[ERROR]") and "\r" in line:
            return line.removeprefix("[ERROR]").strip().replace("\r", "\n").replace("\N{NO-BREAK SPACE}", " ")
        if line.startswith(TRACEBACK):
            self._open[stream] = [line]
            return None
        if line.startswith("{"):
            return _structured(line)
        return line if _ENDED.search(line) else None


def _structured(line: str) -> str | None:
    """The traceback of a structured log line, under its message (Powertools: `exception`, Lambda: `stackTrace`)."""
    try:
        document = json.loads(line)
    except ValueError:
        return None
    exception, message = document.get("exception"), document.get("message", "")
    if isinstance(exception, str):
        return f"{message}\n{exception}" if message else exception
    trace = document.get("stackTrace")
    if isinstance(trace, list) and document.get("level") == "ERROR":
        said = f"{document.get('errorType', 'Error')}: {document.get('errorMessage', '')}"
        return "\n".join([said, TRACEBACK, *(str(one).rstrip("\n") for one in trace)])
    return None
