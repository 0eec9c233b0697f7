"""A chunk of audio on its way from the queue to Transcribe."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """One message of the session's queue, received. `received_at_ms` is ingest's epoch time, `taken_at_ms` ours.

    `arrived_at_ms`: the gateway's epoch time of the message, which came on `connection_id`. `refused_before`: chunks of
    that connection which the same environment had refused since the last it took.
    """

    seq: int
    audio: bytes
    received_at_ms: int
    message_id: str
    receipt_handle: str
    taken_at_ms: int
    arrived_at_ms: int = 0
    connection_id: str = ""
    refused_before: int = 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What one receive brought.

    `state_changed`: the session's item is to be looked at, before anything is heard that was received at or after
    `changed_since_ms`, if there is such a time. `read`: receipt handles of messages that have served their purpose.
    """

    chunks: tuple[Chunk, ...] = ()
    state_changed: bool = False
    changed_since_ms: int | None = None
    read: tuple[str, ...] = ()
