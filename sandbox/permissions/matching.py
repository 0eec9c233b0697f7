"""Wildcards of policies: `*` and `?` in actions, texts and ARNs. Pure."""

import re
from functools import lru_cache

ARN_PARTS = 6
"""partition, service, Region, account and resource follow `arn`; the resource keeps its own colons."""


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern), re.DOTALL)


def like(pattern: str, text: str) -> bool:
    """The whole text, with the case as it is."""
    return _compiled(pattern).fullmatch(text) is not None


def action_like(pattern: str, action: str) -> bool:
    """Actions are alike in whatever case."""
    return like(pattern.lower(), action.lower())


def arn_like(pattern: str, arn: str) -> bool:
    """Part by part: a wildcard does not reach over a colon, except in the resource (IAM: Resource element).

    What is no ARN (`*`, for actions without resources) is met by a pattern that is all wildcard.
    """
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", ARN_PARTS - 1), arn.split(":", ARN_PARTS - 1)
    return len(wanted) == len(given) == ARN_PARTS and all(map(like, wanted, given))
