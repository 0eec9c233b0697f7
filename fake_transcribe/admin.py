"""The fake's own route, `/_fake/faults`: what a test orders while the fake runs. Pure.

`GET` says what is waiting and how many streams are open, `POST ["FAULT", …]` orders more, `DELETE` forgets them all.
"""

import json
from typing import Any

from fake_transcribe import faults
from fake_transcribe.errors import FaultError
from fake_transcribe.service import Service

PATH = "/_fake/faults"


def answer(service: Service, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """The status and the document that a request is answered with."""
    if method == "POST":
        try:
            service.faults.order_all([faults.parse(text) for text in _texts(body)])
        except FaultError as error:
            return 400, {"message": str(error)}
    elif method == "DELETE":
        service.faults.forget()
    elif method != "GET":
        return 405, {"message": f"expected GET, POST or DELETE, got {method}"}
    return 200, {"faults": service.faults.waiting(), "streams": len(service.open_streams())}


def _texts(body: bytes) -> list[str]:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, list) or not all(isinstance(one, str) for one in document):
        raise FaultError('expected a JSON list of faults, for example ["reset@2000"], got something else')
    return document
