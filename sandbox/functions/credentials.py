"""The temporary credentials of functions' roles: made from names, so whoever checks them needs no list. Pure."""

import hashlib
import json
import re

from sandbox.definitions.model import Function


def of_role(function: Function) -> tuple[str, str, str]:
    """Access key, secret and session token of a function's session of its role."""
    name = hashlib.sha256(f"{function.role_arn} {function.name}".encode()).hexdigest()
    access_key = f"ASIA{name[:16].upper()}"
    return access_key, secret_of(access_key), json.dumps({"role": function.role_arn, "session": function.name})


_ROLE_KEY = re.compile(r"ASIA[0-9A-F]{16}")


def known_secret(access_key: str) -> str | None:
    """The secret of an access key, or None for one that no role here has."""
    return secret_of(access_key) if _ROLE_KEY.fullmatch(access_key) else None


def secret_of(access_key: str) -> str:
    """The secret of an access key."""
    return hashlib.sha256(f"secret of {access_key}".encode()).hexdigest()[:40]
