"""Metrics of the audio's quality, and warnings to the speaker."""

from collections.abc import Mapping
from typing import Any

from audio_processor import limits, metric_names
from audio_processor.ports import Meter
from audio_processor.sound import Sound

MESSAGES = {
    "lowSignalToNoise": "The background is nearly as loud as the voice.",
    "clipping": "The voice is too loud for the microphone.",
}


class QualityWatch:
    """Remembers of which issues the speaker has been told."""

    def __init__(self, sound: Sound, meter: Meter) -> None:
        self._sound = sound
        self._meter = meter
        self._told_at_ms: dict[str, int] = {}

    def look(self, now_ms: int) -> list[Mapping[str, Any]]:
        """Emit the metrics; returns the contract's `audioQualityWarning` messages that are due."""
        quality = self._sound.quality()
        if quality is None:
            return []
        self._meter.level(metric_names.AUDIO_SNR, quality.snr_db, "None")
        self._meter.level(metric_names.AUDIO_CLIPPING, quality.clipping_percent, "Percent")
        due: list[Mapping[str, Any]] = []
        for issue in quality.issues():
            told_at_ms = self._told_at_ms.get(issue)
            if told_at_ms is None or now_ms - told_at_ms >= limits.QUALITY_WARNING_EVERY_MS:
                self._told_at_ms[issue] = now_ms
                details = {"snrDb": round(quality.snr_db, 1), "clippingPercent": round(quality.clipping_percent, 1)}
                due.append(
                    {"type": "audioQualityWarning", "issue": issue, "message": MESSAGES[issue], "details": details}
                )
        return due
