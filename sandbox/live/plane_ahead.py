"""A control plane that loads its libraries while the command line is still read: of all parts it is ready last.

It is told what it is to be once that is known (`ControlPlane`). Who never tells it ends it by ending itself.
"""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.live.account import ACCOUNT_ID
from sandbox.live.listening import listening

_begun: list["PlaneAhead"] = []


@dataclass(frozen=True, kw_only=True)
class PlaneAhead:
    """Its process, which waits for orders on standard input, and the ports that it was given."""

    process: "subprocess.Popen[bytes]"
    calls: socket.socket
    hot: socket.socket

    def order(self, arguments: Sequence[str], log: Path) -> None:
        """Tell it its command line, and where its standard error goes."""
        assert self.process.stdin is not None
        line = json.dumps({"arguments": list(arguments), "log": str(log)})
        with self.process.stdin as orders:
            orders.write(f"{line}\n".encode())


def is_wanted(words: Sequence[str]) -> bool:
    """Whether a command line, without the program's name, runs a sandbox in this very process."""
    return list(words[:1]) == ["up"] and not {"--help", "--detach"} & set(words)


def begin() -> None:
    """Start the process, for the next who asks for one here."""
    calls, hot = listening(), listening()
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.control_plane", "--await-orders"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, start_new_session=True, pass_fds=[calls.fileno(), hot.fileno()],
        env={**os.environ, "MOTO_ACCOUNT_ID": ACCOUNT_ID},
    )  # fmt: skip
    _begun.append(PlaneAhead(process=process, calls=calls, hot=hot))


def taken() -> PlaneAhead | None:
    """The one that was begun, once."""
    return _begun.pop() if _begun else None
