"""AWS's runtime client on the sandbox's clock: `python -m sandbox_runtime OFFSET_FILE HANDLER PLAN [DEBUGGER]`.

Runs in an execution environment, outside of the sandbox's own packages. The file holds how many milliseconds the
sandbox's clock is ahead of this machine's; it is read before the handler's module is loaded and at each invocation, so
a handler meets one time from its start to its end. Nothing is touched while the clocks agree. PLAN says of what the
environment's own file system is made (`sandbox_isolation.py`), and is empty without one. DEBUGGER is `PORT:FOLDER`: the
handler is not loaded before a debugger has come to that port; the folder has debugpy.
"""

import importlib
import json
import os
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DESCRIPTORS = 1024
"""An environment's open files (L-31; Lambda quotas, "File descriptors")."""


WAITING = "waiting for a debugger"
"""What is written once one may come."""


class MovedTime:
    """The process's `time` and `datetime`, moved as the file says."""

    def __init__(self, offset_file: Path) -> None:
        self._file = offset_file
        self._offset_ms = 0
        self._moved: Any = None

    def follow(self) -> None:
        """Move the process's time to where the file says it is now."""
        offset_ms = self._ahead_ms()
        by = timedelta(milliseconds=offset_ms - self._offset_ms)
        self._offset_ms = offset_ms
        if not by:
            return
        if self._moved is not None:
            self._moved.shift(by)
            return
        # Imported when it is needed: most sandboxes never move their clock.
        import time_machine

        self._moved = time_machine.travel(datetime.now(tz=UTC) + by, tick=True).start()
        # On a busy machine, time has passed between the two.
        machine_s = time_machine.escape_hatch.time.time()
        self._moved.shift(timedelta(seconds=machine_s + by.total_seconds() - time.time()))

    def _ahead_ms(self) -> int:
        try:
            with self._file.open("rb", buffering=0) as file:
                return int(file.read() or 0)
        except FileNotFoundError:
            return 0


def limit_descriptors() -> None:
    """Let no more files be open than on Lambda; where this machine allows fewer, it stays at that."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = DESCRIPTORS if most == resource.RLIM_INFINITY else min(DESCRIPTORS, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))


def one_processor() -> Any:
    """Keep the threads of a function that has no more to one processor; None for one that has."""
    module = importlib.import_module("sandbox_processor")
    if not module.OneProcessor.is_enough(int(os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"])):
        return None
    processor = module.OneProcessor()
    processor.watch()
    return processor


def wait_for_debugger(port: int, folder: str) -> None:
    """Return when a debugger has attached and let go on."""
    sys.path.append(folder)
    # The standard library may be frozen into Python: nobody debugs that here, and nobody need be warned of it.
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    debugpy = importlib.import_module("debugpy")
    debugpy.listen(("127.0.0.1", port))
    del os.environ["PYDEVD_DISABLE_FILE_VALIDATION"]
    print(WAITING, flush=True)
    debugpy.wait_for_client()


def main() -> None:
    _, offset_file, handler, plan, *debugger = sys.argv
    if plan:
        isolation = importlib.import_module("sandbox_isolation")
        own = json.loads(plan)
        isolation.enter(own)
        isolation.settle(own)
    limit_descriptors()
    moved = MovedTime(Path(offset_file))
    moved.follow()
    if debugger:
        port, _, folder = debugger[0].partition(":")
        wait_for_debugger(int(port), folder)
    from awslambdaric import __main__ as runtime
    from awslambdaric.lambda_runtime_client import LambdaRuntimeClient

    wait = LambdaRuntimeClient.wait_next_invocation
    processor = one_processor()

    def wait_and_follow(client: Any) -> Any:
        request = wait(client)
        moved.follow()
        if processor is not None:
            processor.release()
        return request

    LambdaRuntimeClient.wait_next_invocation = wait_and_follow
    runtime.main(["awslambdaric", handler])


if __name__ == "__main__":
    main()
