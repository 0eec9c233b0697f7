"""What a real recogniser said while it listened, read from files, for comparing policies.

A file is `{"results": [[at_ms, utterance, is_partial, [[word, start_ms, end_ms], …]], …]}`: times are positions in the
audio, a result's partials and its final share the utterance's number. Such results have no stability and no marks.
"""

import json
from pathlib import Path
from typing import Any

GAP_MS = 18_000
"""Between one file and the next, so that every timer of the first has ended."""


class RevisionsError(ValueError):
    """A folder that has no such files; the text says what was expected, what came and the next step."""


def load(folder: Path) -> list[list[dict[str, Any]]]:
    """One stream a file, one after another in time, in the form of `sandbox.report.arrivals`. Raises RevisionsError."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise RevisionsError(
            f"expected a folder with recorded results at {folder}, found none: see tests/data/recogniser for the form"
        )
    streams, offset_ms = [], 0
    for path in files:
        try:
            results = json.loads(path.read_text(encoding="utf-8"))["results"]
            streams.append([_arrival(result, offset_ms) for result in results])
            offset_ms += max(at_ms for at_ms, *_ in results) + GAP_MS
        except (ValueError, KeyError, TypeError, OSError) as error:
            raise RevisionsError(
                f'expected {path} to hold {{"results": [[at_ms, utterance, is_partial, words], …]}}, got {error!r}: '
                "see tests/data/recogniser for the form"
            ) from error
    return streams


def _arrival(result: list[Any], offset_ms: int) -> dict[str, Any]:
    at_ms, utterance, is_partial, words = result
    return {
        "at_ms": at_ms + offset_ms,
        "end_ms": at_ms + offset_ms,
        "result_id": f"utterance-{utterance}",
        "is_partial": is_partial,
        "items": [[word, False, start_ms + offset_ms, end_ms + offset_ms, None] for word, start_ms, end_ms in words],
    }
