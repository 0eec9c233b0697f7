"""What the first requests would load is loaded by questions that change nothing."""

import threading

from sandbox.control_plane import ahead


def test_each_service_is_asked_once_for_a_list():
    asked = []

    def application(environ, start_response):
        scope = environ["HTTP_AUTHORIZATION"].split("/")[3]
        asked.append((scope, environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("HTTP_X_AMZ_TARGET")))
        start_response("200 OK", [])
        return [b""]

    ahead.ask_each(application)
    assert asked == [
        ("dynamodb", "POST", "/", "DynamoDB_20120810.ListTables"),
        ("lambda", "GET", "/2015-03-31/functions", None),
        ("apigateway", "GET", "/v2/apis", None),
    ]


def test_loads_follow_each_other_in_a_thread_of_their_own():
    seen, over = [], threading.Event()
    here = threading.get_ident()

    def first():
        seen.append(("first", threading.get_ident() != here))

    def second():
        seen.append(("second", threading.get_ident() != here))
        over.set()

    ahead.begin(first, second)
    assert over.wait(10)
    assert seen == [("first", True), ("second", True)]
