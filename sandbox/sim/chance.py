"""Everything that is drawn comes from one seed, by name, so that one draw more in one place moves no other."""

import hashlib
import random


def stream(seed: int, name: str) -> random.Random:
    """The named stream of draws of a seed."""
    return random.Random(int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()))
