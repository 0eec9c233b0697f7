"""Why LocalStack could not be had or started; each text is one line with the next step."""

from pathlib import Path


class LocalStackError(RuntimeError):
    """Base: something failed that should have worked."""


class MissingToolError(LocalStackError):
    """This machine lacks what LocalStack needs: nothing is wrong with the project, and nothing can be tested."""


class NotReadyError(LocalStackError):
    """A server ended, or did not answer in time."""

    def __init__(self, name: str, log: Path) -> None:
        said = log.read_text(errors="replace").strip().splitlines()[-1:] if log.exists() else []
        super().__init__(f"expected {name} to answer, it did not ({''.join(said) or 'it said nothing'}): see {log}")
