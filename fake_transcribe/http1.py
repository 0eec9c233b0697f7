"""A connection that speaks HTTP/1.1: the upgrade to WebSocket, the fake's own route, or nothing that is here."""

import json
from typing import Any

import h11

from fake_transcribe import admin, limits, request
from fake_transcribe.service import UNKNOWN_OPERATION
from fake_transcribe.socket_end import SocketEnd
from fake_transcribe.streams import Streams
from fake_transcribe.websocket import WebSocketConnection

BODY_BYTES = 65_536


class Http1Connection:
    """Answers one request and closes, or hands over to WebSocket."""

    def __init__(self, *, streams: Streams, end: SocketEnd) -> None:
        self._streams = streams
        self._end = end

    async def run(self) -> None:
        """Until the request is answered, or the WebSocket connection that it became is over."""
        self._end.close_soon(limits.HANDSHAKE_S)
        server = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.REQUEST_HEAD_BYTES)
        taken, body, asked = b"", b"", None
        while True:
            try:
                event = server.next_event()
            except h11.RemoteProtocolError as error:
                self._answer(server, error.error_status_hint, {"message": f"expected an HTTP/1.1 request, got {error}"})
                return
            if event is h11.NEED_DATA:
                data = await self._end.read()
                if not data:
                    return
                taken += data
                server.receive_data(data)
            elif isinstance(event, h11.Request):
                asked = event
                if _path(asked) == request.WEBSOCKET_PATH:
                    self._end.keep()
                    rest, _ = server.trailing_data
                    self._end.unread(rest)
                    head = taken[: len(taken) - len(rest)]
                    await WebSocketConnection(streams=self._streams, end=self._end).run(head)
                    return
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > BODY_BYTES:
                    self._answer(server, 413, {"message": f"expected at most {BODY_BYTES} bytes, got more"})
                    return
            else:
                break
        if asked is None:
            return
        if _path(asked) == admin.PATH:
            status, document = admin.answer(self._streams.service, asked.method.decode(), body)
        else:
            status, document = UNKNOWN_OPERATION.status, {"message": f"expected {request.WEBSOCKET_PATH}, or HTTP/2"}
        self._answer(server, status, document)

    def _answer(self, server: h11.Connection, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode() + b"\n"
        headers = [("content-type", "application/json"), ("content-length", str(len(body))), ("connection", "close")]
        if server.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            response = h11.Response(status_code=status, headers=headers, reason=b"")
            for event in (response, h11.Data(data=body), h11.EndOfMessage()):
                self._end.write(server.send(event) or b"")
        self._end.close()


def _path(asked: h11.Request) -> str:
    return asked.target.decode("ascii", "replace").partition("?")[0]
