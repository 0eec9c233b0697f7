"""The temporary credentials of functions' roles: made from their names, so whoever checks them needs no list. Pure."""

import hashlib
import json

from sandbox.definitions.model import Function


def of_role(function: Function) -> tuple[str, str, str]:
    """Access key, secret and session token of a function's role."""
    name = hashlib.sha256(function.role_arn.encode()).hexdigest()
    access_key = f"ASIA{name[:16].upper()}"
    return access_key, secret_of(access_key), json.dumps({"role": function.role_arn})


def secret_of(access_key: str) -> str:
    """The secret of an access key."""
    return hashlib.sha256(f"secret of {access_key}".encode()).hexdigest()[:40]
