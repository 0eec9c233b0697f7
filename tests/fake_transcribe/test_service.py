"""Who may open a stream: the account's quotas, one stream a session id, faults before the stream."""

import pytest

from fake_transcribe import errors
from fake_transcribe.errors import ServiceException
from fake_transcribe.faults import Faults, parse
from fake_transcribe.limits import Quotas
from fake_transcribe.service import Asked, Drawn, Opened, Service, Transport
from fake_transcribe.session import SendException
from tests.fake_transcribe import signed
from tests.fake_transcribe.served import LOADED

NOW = 1_795_449_600_000
FIRST = "11111111-2222-4333-8444-555555555555"
QUERY = "language-code=en-US&media-encoding=pcm&sample-rate=16000"


class Account:
    """A service, and streams asked of it one after another."""

    def __init__(self, **arguments) -> None:
        self.service = Service(recordings=LOADED, **{"credentials": None, **arguments})
        self.asked = 0

    def open(self, *, now_ms=NOW, transport=Transport.HTTP2, session_id=None):
        self.asked += 1
        own = f"{self.asked:08}-2222-4333-8444-555555555555"
        headers = dict(signed.PARAMETERS)
        if session_id:
            headers["x-amzn-transcribe-session-id"] = session_id
        http2 = transport is Transport.HTTP2
        asked = Asked(
            transport=transport,
            method="POST" if http2 else "GET",
            target="/stream-transcription?" if http2 else f"/stream-transcription-websocket?{QUERY}",
            headers=headers,
        )
        drawn = Drawn(request_id=str(self.asked), session_id=own, seed=1)
        return self.service.open(asked, now_ms=now_ms, date="", drawn=drawn)


def test_the_twenty_sixth_stream_is_refused_and_the_next_one_taken_when_one_has_ended():
    """T-20: HTTP/2 and WebSocket streams are counted apart."""
    account = Account(quotas=Quotas(starts_per_s=100))
    assert all(isinstance(account.open(), Opened) for _ in range(25))
    refused = account.open()
    assert refused == ServiceException(
        name="LimitExceededException", status=429,
        message="You have reached your limit of concurrent streams, 25. Try again later.",
    )  # fmt: skip
    assert isinstance(account.open(transport=Transport.WEBSOCKET), Opened)
    account.service.closed("7")
    assert isinstance(account.open(), Opened)


def test_twenty_five_streams_may_begin_in_a_second():
    """T-20: of both kinds together; the next may begin a second after the first."""
    account = Account(quotas=Quotas(http2_streams=100))
    assert all(isinstance(account.open(), Opened) for _ in range(25))
    assert account.open(now_ms=NOW + 999) == errors.OVER_A_LIMIT
    assert isinstance(account.open(now_ms=NOW + 1000), Opened)


def test_a_stream_with_the_session_id_of_another_puts_an_end_to_it():
    """T-23: the older one has the ConflictException, at once; the newer one goes on."""
    account = Account(quotas=Quotas(http2_streams=1))
    old = account.open(session_id=FIRST)
    new = account.open(session_id=FIRST)
    assert new.displaced == "1"
    assert old.stream.next_deadline_ms == 0
    (ended,) = old.stream.tick(NOW)
    assert isinstance(ended, SendException)
    assert ended.exception.name == "ConflictException"
    assert ended.exception.message == (
        "A new stream started with the same session ID. The current stream has been terminated."
    )
    assert new.stream.tick(NOW) == []


def test_a_session_id_may_be_used_again_once_its_stream_has_ended():
    """T-23: nothing is displaced then."""
    account = Account()
    account.open(session_id=FIRST)
    account.service.closed("1")
    assert account.open(session_id=FIRST).displaced is None


@pytest.mark.parametrize("name", sorted(errors.BY_NAME))
def test_each_exception_can_be_had_before_a_stream(name):
    """T-34: of the next stream only."""
    account = Account(faults=Faults([parse(f"exception={name}")]))
    assert account.open() == errors.BY_NAME[name]
    assert isinstance(account.open(), Opened)


def test_a_key_that_may_not_stream_is_denied_before_its_parameters_are_looked_at():
    """T-12: HTTP/2 and WebSocket are two IAM actions; the fake's owner says who may."""
    asked_of = []

    def forbidden(access_key, action):
        asked_of.append((access_key, action))
        return "User: me is not authorized to perform: that"

    service = Service(recordings=LOADED, credentials={"test": "test"}.get, forbidden=forbidden)
    drawn = Drawn(request_id="1", session_id=FIRST, seed=1)
    over_http2 = Asked(
        transport=Transport.HTTP2, method="POST", target="/stream-transcription",
        headers=signed.request(NOW, "localhost", sample_rate="1"),
    )  # fmt: skip
    over_websocket = Asked(
        transport=Transport.WEBSOCKET, method="GET", target=signed.target(NOW, "localhost"),
        headers={"host": "localhost"},
    )  # fmt: skip
    for asked in (over_http2, over_websocket):
        refused = service.open(asked, now_ms=NOW, date="", drawn=drawn)
        assert (refused.name, refused.status) == ("AccessDeniedException", 403)
        assert refused.message == "User: me is not authorized to perform: that"
    assert asked_of == [
        ("test", "transcribe:StartStreamTranscription"), ("test", "transcribe:StartStreamTranscriptionWebSocket"),
    ]  # fmt: skip


def test_a_refused_request_uses_up_no_fault():
    """It is for a stream."""
    account = Account(faults=Faults([parse("exception=InternalFailureException")]), quotas=Quotas(http2_streams=0))
    account.open()
    assert account.service.faults.waiting() == ["exception=InternalFailureException"]


@pytest.mark.parametrize(
    ("transport", "method", "target"),
    [
        (Transport.HTTP2, "GET", "/stream-transcription"),
        (Transport.HTTP2, "POST", "/medical-stream-transcription"),
        (Transport.WEBSOCKET, "GET", "/stream-transcription?x"),
    ],
)
def test_another_operation_is_unknown(transport, method, target):
    """404; the medical and analytics streams are not here."""
    asked = Asked(transport=transport, method=method, target=target, headers={})
    found = Service(recordings=LOADED, credentials=None).open(
        asked, now_ms=NOW, date="", drawn=Drawn(request_id="1", session_id=FIRST, seed=1)
    )
    assert (found.name, found.status) == ("UnknownOperationException", 404)


def test_an_unknown_vocabulary_filter_is_a_bad_request():
    """T-14: its words must be known to the fake."""
    account = Account(vocabulary_filters={"rude": ["ill"]})
    fields = {"x-amzn-transcribe-vocabulary-filter-name": "polite", **signed.PARAMETERS}
    asked = Asked(transport=Transport.HTTP2, method="POST", target="/stream-transcription", headers=fields)
    drawn = Drawn(request_id="1", session_id=FIRST, seed=1)
    refused = account.service.open(asked, now_ms=NOW, date="", drawn=drawn)
    assert refused.message.startswith("The requested vocabulary filter couldn't be found.")
