"""The one place where the product reads the time."""

import time


def now_ms() -> int:
    """Epoch milliseconds."""
    return int(time.time() * 1000)
