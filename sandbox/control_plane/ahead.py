"""What the first requests would load, loaded beside them, and kept from the collector."""

import gc
import threading
from collections.abc import Callable, Iterable

from werkzeug.test import EnvironBuilder, run_wsgi_app

from sandbox.control_plane.wsgi import Environ, StartResponse

FIRST_ASKED: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("dynamodb", "POST", "/", {"X-Amz-Target": "DynamoDB_20120810.ListTables"}),
    ("lambda", "GET", "/2015-03-31/functions", {}),
    ("apigateway", "GET", "/v2/apis", {}),
)
"""A question to each of the services that functions and their gateway need: it loads what it answers with."""
REGION = "us-east-1"
"""Any: what is loaded is the same for all."""


def begin(*loads: Callable[[], object]) -> None:
    """One after the other, in a thread of their own."""

    def load_and_keep() -> None:
        for load in loads:
            load()
        keep_what_is_loaded()

    threading.Thread(target=load_and_keep, daemon=True).start()


def ask_each(application: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
    """Questions that change nothing; what a service takes long for at first is over when a deployment asks it."""
    for service, method, path, headers in FIRST_ASKED:
        scope = f"AWS4-HMAC-SHA256 Credential=ahead/20260101/{REGION}/{service}/aws4_request"
        asked = EnvironBuilder(
            path, method=method, headers={"Authorization": scope, **headers}, data=b"{}" if headers else None
        )
        run_wsgi_app(application, asked.get_environ())


def keep_what_is_loaded() -> None:
    """What is there now stays: the collector need not look at it again, in the middle of a call."""
    gc.freeze()
