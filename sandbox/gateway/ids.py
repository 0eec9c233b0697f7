"""Connection, request and message ids: sixteen URL-safe characters that end with `=` (WS-12). Pure."""

import base64

ID_BYTES = 11


def from_bytes(drawn: bytes) -> str:
    """The id of eleven drawn bytes."""
    if len(drawn) != ID_BYTES:
        raise ValueError(f"expected {ID_BYTES} bytes, got {len(drawn)}")
    return base64.urlsafe_b64encode(drawn).decode()


def is_well_formed(text: str) -> bool:
    """True for what could be a connection id (WS-49)."""
    try:
        return len(text) == 16 and text.endswith("=") and len(base64.urlsafe_b64decode(text)) == ID_BYTES
    except ValueError:
        return False
