"""An editor's side of the Debug Adapter Protocol, as much of it as attaching and stopping at a line takes.

Source: Debug Adapter Protocol specification, "Base Protocol", "Launching and Attaching".
"""

import itertools
import json
import socket
from types import TracebackType
from typing import Any

WITHIN_S = 30


class Editor:
    """A debugger that is attached to a port."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
        self._stream = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._unread: list[dict[str, Any]] = []

    def __enter__(self) -> "Editor":
        return self

    def __exit__(self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self._stream.close()
        self._socket.close()

    def attach(self, file: str, line: int) -> None:
        """Attach with a breakpoint, and let the program go on."""
        self._send("initialize", {"adapterID": "test", "pathFormat": "path"})
        self._answer("initialize")
        self._send("attach", {"justMyCode": True})
        self.event("initialized")
        self._send("setBreakpoints", {"source": {"path": file}, "breakpoints": [{"line": line}]})
        self._answer("setBreakpoints")
        self._send("configurationDone", {})
        self._answer("configurationDone")

    def where(self) -> str:
        """The name of the function in which the program stops next."""
        thread = self.event("stopped")["threadId"]
        self._send("stackTrace", {"threadId": thread, "levels": 1})
        name: str = self._answer("stackTrace")["stackFrames"][0]["name"]
        return name

    def go_on(self) -> None:
        """Without the breakpoint, and without the debugger."""
        self._send("disconnect", {"terminateDebuggee": False})
        self._answer("disconnect")

    def event(self, name: str) -> dict[str, Any]:
        """The body of the next event of a name."""
        body: dict[str, Any] = self._next("event", "event", name).get("body", {})
        return body

    def _answer(self, command: str) -> dict[str, Any]:
        answer = self._next("response", "command", command)
        assert answer["success"], answer
        body: dict[str, Any] = answer.get("body", {})
        return body

    def _next(self, kind: str, key: str, value: str) -> dict[str, Any]:
        for at, message in enumerate(self._unread):
            if message["type"] == kind and message[key] == value:
                return self._unread.pop(at)
        while True:
            message = self._read()
            if message["type"] == kind and message[key] == value:
                return message
            self._unread.append(message)

    def _send(self, command: str, arguments: dict[str, Any]) -> None:
        request = {"seq": next(self._numbers), "type": "request", "command": command, "arguments": arguments}
        content = json.dumps(request).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n" % len(content) + content)

    def _read(self) -> dict[str, Any]:
        length = 0
        while (header := self._stream.readline()) not in (b"\r\n", b""):
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._stream.read(length))
        return message
