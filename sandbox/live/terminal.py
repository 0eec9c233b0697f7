"""What the terminal of a running sandbox shows: what goes wrong in functions, with files as a developer has them."""

import re
from collections.abc import Callable
from pathlib import Path

from sandbox.functions.log_book import LogLine
from sandbox.functions.tracebacks import Tracebacks

_FILE = re.compile(r'(?<=File ")(/var/task|/opt/python|[^"]*/(?:code|layers)/[^/"]+)/([^"]+\.py)(?=")')
"""A file of a function: on Lambda's paths, or where this machine keeps what was deployed."""


class Terminal:
    """Says each error of a function once; `say` takes lines for a person."""

    def __init__(self, project: Path, say: Callable[[str], None]) -> None:
        self._project = project
        self._say = say
        self._tracebacks = Tracebacks()
        self._sources: dict[str, str] = {}

    def line(self, written: LogLine) -> None:
        """A function has written a line."""
        text = self._tracebacks.take(written.stream, written.line)
        if text is not None:
            self._say(f"{written.function}: {_FILE.sub(self._source, text)}")

    def _source(self, match: re.Match[str]) -> str:
        """The file from which it was deployed, where there is just one; else as it was written."""
        inside = match[2].removeprefix("python/")
        if inside not in self._sources:
            services = self._project / "services"
            found = (*services.glob(f"*/lambda/{inside}"), services / "shared" / inside)
            here = [str(path) for path in found if path.is_file()]
            self._sources[inside] = here[0] if len(here) == 1 else match[0]
        return self._sources[inside]
