"""How partial results are forwarded; values are validated one by one, so that a bad one is named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any


class ConfigError(ValueError):
    """A value that is not taken; the text says which, what was expected and what came."""


@dataclass(frozen=True, kw_only=True)
class PartialResultsConfig:
    """The staging record's settings and two of our own.

    `release_after_ms` trades lateness against the length of the pieces that are translated (`transcribe-wire.md` 8.4:
    1.0 to 1.5 s); with `min_release_words` it lets speech without punctuation flow.
    """

    enabled: bool = True
    min_stability_threshold: float = 0.85
    max_buffer_timeout_ms: int = 5_000
    pause_threshold_ms: int = 2_000
    orphan_timeout_ms: int = 15_000
    max_rate_per_second: int = 5
    dedup_cache_ttl_ms: int = 10_000
    release_after_ms: int = 1_200
    min_release_words: int = 4


_SECONDS = {
    "max_buffer_timeout": ("max_buffer_timeout_ms", 0.5, 30.0),
    "pause_threshold": ("pause_threshold_ms", 0.2, 30.0),
    "orphan_timeout": ("orphan_timeout_ms", 1.0, 300.0),
    "dedup_cache_ttl": ("dedup_cache_ttl_ms", 0.0, 300.0),
    "release_after": ("release_after_ms", 0.1, 30.0),
}
_COUNTS = {"max_rate_per_second": (1, 100), "min_release_words": (1, 50)}


def from_mapping(document: Mapping[str, Any], base: PartialResultsConfig | None = None) -> PartialResultsConfig:
    """The parameter's JSON (seconds) over `base`. Raises ConfigError; the caller then keeps what it had."""
    changes: dict[str, Any] = {}
    for name, value in document.items():
        if name == "enabled":
            if not isinstance(value, bool):
                raise ConfigError(f"enabled: expected true or false, got {value!r}")
            changes[name] = value
        elif name == "min_stability_threshold":
            changes[name] = float(_number(name, value, 0.0, 1.0))
        elif name in _SECONDS:
            field, least, most = _SECONDS[name]
            changes[field] = round(_number(name, value, least, most) * 1000)
        elif name in _COUNTS:
            least_count, most_count = _COUNTS[name]
            number = _number(name, value, least_count, most_count)
            if number != int(number):
                raise ConfigError(f"{name}: expected a whole number, got {value!r}")
            changes[name] = int(number)
        else:
            raise ConfigError(f"{name}: expected a known setting, got this one")
    return replace(base or PartialResultsConfig(), **changes)


def for_session(config: PartialResultsConfig, overrides: Mapping[str, Any]) -> PartialResultsConfig:
    """The settings with one session's own `enabled`, `minStabilityThreshold` and `maxBufferTimeout`."""
    names = {
        "enabled": "enabled",
        "minStabilityThreshold": "min_stability_threshold",
        "maxBufferTimeout": "max_buffer_timeout",
    }
    return from_mapping({names.get(name, name): value for name, value in overrides.items()}, config)


def _number(name: str, value: Any, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise ConfigError(f"{name}: expected a number from {least:g} to {most:g}, got {value!r}")
    return value
