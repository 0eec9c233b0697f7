"""Who is told what happens on the streams."""

from collections.abc import Mapping
from typing import Any, Protocol


class Observer(Protocol):
    """Told of each thing as it happens; audio is a digest and never the samples."""

    def stream_opened(self, stream_id: str, session_id: str) -> None: ...
    def audio(self, stream_id: str, position_ms: int, size: int, digest: str) -> None: ...
    def result(self, stream_id: str, result: Mapping[str, Any], *, is_partial: bool) -> None: ...
    def exception(self, stream_id: str, name: str, message: str) -> None: ...
    def stream_closed(self, stream_id: str) -> None: ...


class Silent:
    """Nobody is told."""

    def stream_opened(self, stream_id: str, session_id: str) -> None:
        """Told to nobody."""

    def audio(self, stream_id: str, position_ms: int, size: int, digest: str) -> None:
        """Told to nobody."""

    def result(self, stream_id: str, result: Mapping[str, Any], *, is_partial: bool) -> None:
        """Told to nobody."""

    def exception(self, stream_id: str, name: str, message: str) -> None:
        """Told to nobody."""

    def stream_closed(self, stream_id: str) -> None:
        """Told to nobody."""
