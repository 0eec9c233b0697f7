"""The fake Transcribe inside the sandbox: its stream events become the journal's."""

from typing import Any

from sandbox.journal import Journal
from sandbox.live.observers import transcript_words


class TranscribeJournal:
    """The fake's observer: one journal event for each thing that happens on a stream; never the audio itself."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
