"""Everything that is drawn comes from one seed, by name, so that one draw more in one place moves no other."""

import hashlib
import random


class Draws(random.Random):
    """`random.Random` whose `randrange` of one number, the draw of every latency and fault, takes a third of the time.

    It draws the same.
    """

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        if stop is not None or start <= 0:
            return super().randrange(start, stop, step)
        bits = start.bit_length()
        drawn = self.getrandbits(bits)
        while drawn >= start:
            drawn = self.getrandbits(bits)
        return drawn


def stream(seed: int, name: str) -> Draws:
    """The named stream of draws of a seed."""
    return Draws(int.from_bytes(hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()))
