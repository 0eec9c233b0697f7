"""What a check finds."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One fault: the check that found it, where, why AWS would not take it (or would not run it), and what to do."""

    check: str
    where: str
    cause: str
    remedy: str

    def line(self) -> str:
        return f"{self.check}: {self.where}: {self.cause}: {self.remedy}"
