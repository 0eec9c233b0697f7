"""`core_port.Core` on the partial-result core."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from partial_results import ConfigError, Output, PartialResultProcessor, PartialResultsConfig, Segment, Unsettled
from partial_results.config import for_session
from partial_results.processor import QUIET_MS
from partial_results.transcribe_adapter import from_transcribe

from audio_processor import limits
from audio_processor.core_port import Released

log = logging.getLogger(__name__)


def configuration(settings: Mapping[str, Any], before: PartialResultsConfig | None = None) -> PartialResultsConfig:
    """The parameter's settings and the session's own, in either's names; what is not taken leaves all as it was."""
    try:
        return for_session(PartialResultsConfig(), settings)
    except ConfigError as error:
        log.warning("the configuration of partial results is not taken: %s", error)
        return before or PartialResultsConfig()


class AdaptedCore:
    """One stream's core.

    Where partial results are disabled the core does not look at them, but they tell where words are to be expected:
    what they speak of is pending until its final.
    """

    def __init__(
        self,
        *,
        config: PartialResultsConfig,
        first_sequence: int,
        covered_until_ms: int,
        unsettled: Sequence[Unsettled],
    ) -> None:
        self._config = config
        self._core = PartialResultProcessor(
            config, first_sequence=first_sequence, covered_until_ms=covered_until_ms, unsettled=unsettled
        )
        self._unseen: dict[str, int] = {}

    @property
    def next_deadline_ms(self) -> int | None:
        return self._core.next_deadline_ms

    @property
    def covered_until_ms(self) -> int:
        return self._core.covered_until_ms

    @property
    def has_pending(self) -> bool:
        return self._core.has_pending or bool(self._unseen)

    @property
    def unsettled(self) -> tuple[Unsettled, ...]:
        return self._core.unsettled

    @property
    def next_sequence(self) -> int:
        return self._core.next_sequence

    @property
    def orphaned(self) -> int:
        return self._core.counters.orphans_flushed

    @property
    def thinned(self) -> int:
        return self._core.counters.rate_limited

    def configure(self, settings: Mapping[str, Any]) -> None:
        self._config = configuration(settings, self._config)
        self._core.reconfigure(self._config)

    def receive(self, result: Any, now_ms: int) -> list[Released]:
        heard = from_transcribe(result)
        if not heard.is_partial:
            self._unseen.pop(heard.result_id, None)
        elif not self._config.enabled:
            self._unseen.setdefault(heard.result_id, heard.start_ms)
        return _released(self._core.receive(heard, now_ms))

    def audio_heard(self, until_ms: int, silence_ms: int) -> None:
        # With this much silence behind it the core takes the audio as heard, but for a word that may go on.
        heard_ms = until_ms + min(silence_ms, QUIET_MS - limits.CUT_OFF_MS)
        self._core.audio_heard(min([heard_ms, *(start_ms + QUIET_MS for start_ms in self._unseen.values())]))

    def audio_awaited(self, now_ms: int) -> None:
        self._core.audio_awaited(now_ms)

    def tick(self, now_ms: int) -> list[Released]:
        return _released(self._core.tick(now_ms))

    def finish(self, now_ms: int) -> list[Released]:
        return _released(self._core.finish(now_ms))


def make_core(
    settings: Mapping[str, Any], first_sequence: int, covered_until_ms: int, unsettled: Sequence[Unsettled]
) -> AdaptedCore:
    """`core_port.CoreFactory`."""
    return AdaptedCore(
        config=configuration(settings),
        first_sequence=first_sequence,
        covered_until_ms=covered_until_ms,
        unsettled=unsettled,
    )


def _released(outputs: list[Output]) -> list[Released]:
    return [_one(output) for output in outputs]


def _one(output: Output) -> Released:
    if isinstance(output, Segment):
        return Released(
            sequence=output.sequence,
            reason=output.reason,
            result_id=output.result_id,
            text=output.text,
            start_ms=output.start_ms,
            end_ms=output.end_ms,
            is_final=output.is_final,
            stable_at_ms=output.stable_at_ms,
        )
    return Released(
        sequence=output.sequence,
        reason="correction",
        result_id=output.result_id,
        text=output.text,
        start_ms=output.start_ms,
        end_ms=output.end_ms,
        is_final=True,
        corrects=output.corrects,
    )
