"""Metrics of the audio's quality, and warnings to the speaker."""

from collections.abc import Mapping
from typing import Any

from audio_processor import limits, metric_names
from audio_processor.notices import Notices
from audio_processor.ports import Meter
from audio_processor.quality import warning
from audio_processor.sound import Sound


class QualityWatch:
    """Looks at the sound now and then."""

    def __init__(self, *, sound: Sound, meter: Meter, notices: Notices) -> None:
        self._sound = sound
        self._meter = meter
        self._notices = notices
        self._seen_until_ms = 0

    def look(self, now_ms: int) -> list[Mapping[str, Any]]:
        """Emit the metrics; returns the contract's `audioQualityWarning` messages that are due."""
        if self._sound.measured_until_ms == self._seen_until_ms:
            # Nothing was heard since the last look: what was measured then has been told.
            return []
        self._seen_until_ms = self._sound.measured_until_ms
        due: list[Mapping[str, Any]] = []
        silent_ms = self._sound.silent_for_ms
        if silent_ms > limits.QUALITY_SILENCE_MS and self._is_due("silence", now_ms):
            due.append(warning("silence", {"silentMs": silent_ms}))
        quality = self._sound.quality()
        if quality is None:
            return due
        if quality.snr_db is not None:
            self._meter.level(metric_names.AUDIO_SNR, quality.snr_db, "None")
        self._meter.level(metric_names.AUDIO_CLIPPING, quality.clipping_percent, "Percent")
        due += [warning(issue, quality.details()) for issue in quality.issues() if self._is_due(issue, now_ms)]
        return due

    def _is_due(self, issue: str, now_ms: int) -> bool:
        return self._notices.tell(f"quality {issue}", every_ms=limits.QUALITY_WARNING_EVERY_MS, now_ms=now_ms)
