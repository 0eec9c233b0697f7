"""What was found about the sound of the last seconds, and what of it the speaker should be told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audio_processor import limits
from audio_processor.echo import Echo

MESSAGES: Mapping[str, str] = {
    "lowSignalToNoise": "The background is nearly as loud as the voice.",
    "clipping": "The voice is too loud for the microphone.",
    "echo": "The voice comes back as an echo: use headphones, or lower the loudspeaker.",
    "silence": "Nothing can be heard: check that the microphone is on.",
}


@dataclass(frozen=True, kw_only=True)
class Quality:
    """The last seconds. `snr_db` and `echo` are None where no voice is to be heard; `clipped_windows`: windows of
    100 ms with too many of their samples at full scale."""

    snr_db: float | None
    clipping_percent: float
    clipped_windows: int
    echo: Echo | None

    def issues(self) -> list[str]:
        """What the speaker should be told."""
        issues = []
        if self.snr_db is not None and self.snr_db < limits.QUALITY_SNR_DB:
            issues.append("lowSignalToNoise")
        if self.clipped_windows >= limits.QUALITY_CLIPPED_FRAMES:
            issues.append("clipping")
        if self.echo is not None:
            issues.append("echo")
        return issues

    def details(self) -> dict[str, Any]:
        """The contract's `details` of a warning."""
        details: dict[str, Any] = {"clippingPercent": round(self.clipping_percent, 1)}
        if self.snr_db is not None:
            details["snrDb"] = round(self.snr_db, 1)
        if self.echo is not None:
            details["echoDelayMs"] = round(self.echo.delay_ms)
            details["echoAttenuationDb"] = round(self.echo.attenuation_db, 1)
            details["echoConfidence"] = round(self.echo.confidence, 2)
        return details


def warning(issue: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """The contract's `audioQualityWarning`."""
    return {"type": "audioQualityWarning", "issue": issue, "message": MESSAGES[issue], "details": dict(details)}
