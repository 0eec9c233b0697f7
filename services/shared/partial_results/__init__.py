"""The partial-result core: which words of a recogniser's changing hypotheses are said on, when, and once.

Pure: it imports the standard library alone, reads no clock and does no I/O. Times are integer milliseconds; `now_ms` is
whatever clock the caller keeps, audio times are positions in the session's audio.
"""

from partial_results.config import ConfigError, PartialResultsConfig
from partial_results.events import Item, Result
from partial_results.outputs import Correction, Counters, Output, Segment, Unsettled
from partial_results.processor import PartialResultProcessor

__all__ = [
    "ConfigError",
    "Correction",
    "Counters",
    "Item",
    "Output",
    "PartialResultProcessor",
    "PartialResultsConfig",
    "Result",
    "Segment",
    "Unsettled",
]
