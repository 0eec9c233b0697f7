"""Where a released segment comes from, as its line in the log says it. Pure.

With it, whoever reads the logs follows a sentence from the gateway to its listeners: the chunk and its connection are
the client's, the result is Transcribe's, and the translation's own lines name the segment. None of it is what was
said.
"""

from typing import Any

from broadcast.segments import segment_id

from audio_processor.chunk import Chunk
from audio_processor.core_port import Released


def provenance(session_id: str, released: Released, origin: Chunk | None) -> dict[str, Any]:
    """The fields of the line. `origin` is the chunk that carried the last word, None when it is held no more."""
    return {
        "sessionId": session_id,
        "segmentId": segment_id(session_id, released.sequence),
        "reason": released.reason,
        "resultId": released.result_id,
        "seq": origin.seq if origin is not None else None,
        "connectionId": origin.connection_id if origin is not None else None,
    }
