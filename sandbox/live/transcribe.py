"""The fake Transcribe inside the sandbox: who may stream, and what happens on its streams becomes the journal's."""

from collections.abc import Mapping
from typing import Any

from fake_transcribe.service import Forbidden
from sandbox.journal import Journal
from sandbox.live.observers import transcript_words
from sandbox.permissions.evaluation import Need
from sandbox.permissions.guard import Guard


def forbidden(guard: Guard) -> Forbidden:
    """Whether a function's role lets it stream."""

    def why(access_key: str, action: str) -> str | None:
        refusal = guard.check(access_key, [Need(action=action)])
        return refusal.text if refusal is not None else None

    return why


class TranscribeJournal:
    """The fake's observer: one event for each thing; never the audio itself."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def stream_opened(self, stream_id: str, session_id: str) -> None:
        self._journal.write("transcribe.stream_opened", {"streamId": stream_id, "transcribeSessionId": session_id})

    def audio(self, stream_id: str, position_ms: int, size: int, digest: str) -> None:
        about = {"streamId": stream_id, "positionMs": position_ms, "bytes": size, "digest": digest}
        self._journal.write("transcribe.audio", about)

    def result(self, stream_id: str, result: Mapping[str, Any], *, is_partial: bool) -> None:
        about = {"streamId": stream_id, "resultId": result["ResultId"], "words": transcript_words(result)}
        self._journal.write("transcribe.partial" if is_partial else "transcribe.final", about)

    def exception(self, stream_id: str, name: str, message: str) -> None:
        about = {"streamId": stream_id, "exception": name, "message": message}
        self._journal.write("transcribe.exception", about)

    def stream_closed(self, stream_id: str) -> None:
        self._journal.write("transcribe.stream_closed", {"streamId": stream_id})
