"""Loaded by every Python that has this folder on its path: counts how long threads are in the project's own code.

A thread is in it when its innermost frame is, so waiting that the project's own lines do counts, and work that they
leave to a library does not. Each process writes `OWN_SECONDS PROCESS_SECONDS` into a file of its number.
"""

import os
import sys
import threading
import time

EVERY_S = 0.004
WRITTEN_EVERY = 25
OWN = tuple(
    os.path.join(os.environ["SANDBOX_SAMPLED_PROJECT"], name) + os.sep for name in ("sandbox", "fake_transcribe")
)


def _sample(path: str) -> None:
    me, own_s, began, last, count = threading.get_ident(), 0.0, time.monotonic(), time.monotonic(), 0
    while True:
        time.sleep(EVERY_S)
        now = time.monotonic()
        passed, last = now - last, now
        for ident, frame in sys._current_frames().items():
            if ident != me and frame.f_code.co_filename.startswith(OWN):
                own_s += passed
        count += 1
        if count % WRITTEN_EVERY == 0:
            with open(f"{path}.part", "w") as file:
                file.write(f"{own_s:.3f} {now - began:.3f}")
            os.replace(f"{path}.part", path)


if "SANDBOX_SAMPLES" in os.environ:
    threading.Thread(
        target=_sample, args=(os.path.join(os.environ["SANDBOX_SAMPLES"], str(os.getpid())),), daemon=True
    ).start()
