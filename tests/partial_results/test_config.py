"""Settings are validated one by one; a bad one is named and changes nothing."""

from dataclasses import dataclass

import pytest
from partial_results import ConfigError, Item, PartialResultsConfig, Result
from partial_results.config import for_session, from_mapping
from partial_results.transcribe_adapter import from_transcribe

RECORD = {
    "enabled": True, "min_stability_threshold": 0.85, "max_buffer_timeout": 5.0, "pause_threshold": 2.0,
    "orphan_timeout": 15.0, "max_rate_per_second": 5, "dedup_cache_ttl": 10,
}  # fmt: skip


def test_the_staging_records_settings_are_the_defaults():
    """Seconds there, milliseconds here."""
    assert from_mapping(RECORD) == PartialResultsConfig()


@pytest.mark.parametrize(
    ("name", "value"),
    [("enabled", "yes"), ("min_stability_threshold", 1.01), ("min_stability_threshold", True),
     ("max_buffer_timeout", 0.4), ("pause_threshold", "2"), ("orphan_timeout", 0), ("max_rate_per_second", 2.5),
     ("max_rate_per_second", 0), ("unheard_of", 1)],
)  # fmt: skip
def test_a_bad_value_is_refused_by_name(name, value):
    """The caller keeps what it had."""
    with pytest.raises(ConfigError, match=f"^{name}: expected"):
        from_mapping({**RECORD, name: value})


def test_a_session_may_tune_its_own():
    """`createSession`'s `partialResults`."""
    tuned = for_session(PartialResultsConfig(), {"minStabilityThreshold": 0.5, "maxBufferTimeout": 3, "enabled": False})
    assert (tuned.min_stability_threshold, tuned.max_buffer_timeout_ms, tuned.enabled) == (0.5, 3000, False)


@dataclass
class SdkItem:
    content: str
    item_type: str
    start_time: float
    end_time: float
    stable: bool | None


@dataclass
class SdkAlternative:
    items: list


@dataclass
class SdkResult:
    result_id: str
    start_time: float
    end_time: float
    is_partial: bool
    alternatives: list
    channel_id: str | None = None


@pytest.mark.parametrize(("stable", "stability"), [(True, 1.0), (False, 0.0), (None, None)])
def test_transcribes_flag_becomes_a_stability(stable, stability):
    """AWS has no score; times move by the stream's offset."""
    result = SdkResult("r", 0.13, 0.5, True, [SdkAlternative([SdkItem("Good", "pronunciation", 0.13, 0.28, stable)])])
    assert from_transcribe(result, offset_ms=60_000) == Result(
        result_id="r", is_partial=True, start_ms=60_130, end_ms=60_500,
        items=(Item(text="Good", is_punctuation=False, start_ms=60_130, end_ms=60_280, stability=stability),),
    )  # fmt: skip
