"""Structured logs on the standard output, one JSON object a line, without the cost of a logging library in ingest."""

import json
import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

_FACTS = "facts"


def facts(named: Mapping[str, Any]) -> dict[str, Any]:
    """A line's fields beside its message, as `extra` of a logging call; those that are None are left out."""
    return {_FACTS: {name: value for name, value in named.items() if value is not None}}


class JsonLine(logging.Formatter):
    """A record with its facts as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "level": record.levelname,
            "location": f"{record.name}:{record.lineno}",
            "message": record.getMessage(),
            "service": os.environ.get("POWERTOOLS_SERVICE_NAME", "audio-processor"),
        }
        line |= getattr(record, _FACTS, {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up() -> None:
    """Log from our own modules at POWERTOOLS_LOG_LEVEL; the root logger stays the runtime's."""
    ours = logging.getLogger(__package__)
    if ours.handlers:
        return
    to_output = logging.StreamHandler(sys.stdout)
    to_output.setFormatter(JsonLine())
    ours.addHandler(to_output)
    ours.setLevel(os.environ.get("POWERTOOLS_LOG_LEVEL", "INFO"))
    ours.propagate = False
