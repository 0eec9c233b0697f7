"""A segment's way is read from the journal, hop by hop, by ids; what ids do not tell is a gap in words."""

import json

from sandbox.report.trace import traces

BEGAN_MS = 1_000
WORKER, TRANSLATION = "audio-processor-staging", "TranslationProcessor-staging"


def line(t_ms, function, **fields):
    return {"t_ms": t_ms, "kind": "lambda.log", "function": function, "line": json.dumps(fields)}


def released(t_ms, number, *, reason="clause", result="r-1", seq=4):
    return line(
        t_ms, WORKER, level="INFO", message="segment released", sessionId="s", segmentId=f"s-{number}", reason=reason,
        resultId=result, seq=seq, connectionId="speaker",
    )  # fmt: skip


def forwarded(t_ms, number, text, *, released_ms):
    return {
        "t_ms": t_ms, "kind": "segment.forwarded", "segmentId": f"s-{number}", "sourceText": text,
        "releasedAtMs": BEGAN_MS + released_ms, "requestId": f"t-{number}",
    }  # fmt: skip


def result(t_ms, words, *, final=False, stream="stream", name="r-1"):
    """Words in capitals are stable."""
    return {
        "t_ms": t_ms, "kind": "transcribe.final" if final else "transcribe.partial", "streamId": stream,
        "resultId": name, "words": [[word, word.isupper()] for word in words.split()],
    }  # fmt: skip


def ran(t_ms, request_id, function, *, took_ms, status="ok"):
    return [
        {
            "t_ms": t_ms - took_ms, "kind": "lambda.log", "function": function, "requestId": request_id,
            "line": f"START RequestId: {request_id} Version: $LATEST",
        },
        {
            "t_ms": t_ms, "kind": "lambda.end", "function": function, "requestId": request_id, "durationMs": took_ms,
            "status": status,
        },
    ]  # fmt: skip


def chunk(t_ms, seq=4, *, connection="speaker"):
    return {
        "t_ms": t_ms, "kind": "gateway.frame_in", "connectionId": connection, "requestId": f"g-{t_ms}", "seq": seq,
        "digest": f"d-{seq}",
    }  # fmt: skip


def posted(t_ms, number=0, connection="c"):
    return {
        "t_ms": t_ms, "kind": "gateway.frame_out", "segmentId": f"s-{number}", "connectionId": connection,
        "language": "es",
    }  # fmt: skip


BEGAN = {"t_ms": 0, "kind": "run.began", "atMs": BEGAN_MS}
HEARD = {"t_ms": 14, "kind": "transcribe.audio", "streamId": "stream", "positionMs": 500, "digest": "d-4"}
WHOLE = [
    BEGAN,
    chunk(10),
    chunk(11, connection="another speaker"),
    *ran(13, "i-4", WORKER, took_ms=2),
    {
        "t_ms": 13, "kind": "gateway.integration", "connectionId": "speaker", "requestId": "g-10",
        "integrationRequestId": "i-4",
    },
    HEARD,
    result(20, "one"),
    result(25, "one two"),
    result(30, "ONE TWO three"),
    released(41, 0),
    forwarded(50, 0, "One, two,", released_ms=40),
    *ran(75, "t-0", TRANSLATION, took_ms=22),
    posted(70),
    {
        "t_ms": 71, "kind": "client.translation", "segmentId": "s-0", "listener": "es-1", "language": "es",
        "text": "uno, dos,",
    },
]  # fmt: skip


def only(events):
    (found,) = traces(events)
    return found


def hops(trace):
    return [(row["t_ms"], row["hop"]) for row in trace.hops]


def test_each_hop_has_its_moment():
    """From the chunk that carried the last word to the listener; the worker's own moment for the release."""
    whole = only(WHOLE)
    assert (whole.segment_id, whole.text, whole.gaps) == ("s-0", "One, two,", [])
    assert hops(whole) == [
        (10, "last chunk at the gateway"), (11, "ingest begins"), (13, "ingest ends"), (14, "last chunk at Transcribe"),
        (25, "last word heard"), (30, "last word stable"), (40, "released by the core"), (50, "sent to translation"),
        (53, "translation begins"), (70, "posted to a listener"), (71, "read by a listener"), (75, "translation ends"),
    ]  # fmt: skip
    by_hop = {row["hop"]: row for row in whole.hops}
    assert by_hop["last chunk at the gateway"]["connectionId"] == "speaker"
    assert by_hop["last chunk at Transcribe"]["positionMs"] == 500
    assert by_hop["released by the core"]["reason"] == "clause"


def test_a_run_under_way_has_the_hops_so_far():
    """And says what has not begun."""
    so_far = only(WHOLE[:12])
    assert hops(so_far)[-1] == (50, "sent to translation")
    assert so_far.gaps[0] == "its translation has not begun"


def test_what_was_released_and_never_sent_on_is_told():
    """With the handler's own words."""
    gone = only([*WHOLE[:11], line(90, WORKER, level="ERROR", message="a segment is given up", segmentId="s-0")])
    assert "it was not sent to translation" in gone.gaps
    assert gone.hops[-1] == {
        "t_ms": 90, "hop": "trouble", "function": WORKER, "level": "ERROR", "message": "a segment is given up",
    }  # fmt: skip


def test_a_language_that_fails_is_told_with_each_attempt():
    """The retry of the event has the same request id; a traceback stays in the log."""
    failed = line(
        60, TRANSLATION, level="ERROR", message="a language failed", language="es", segmentId="s-0",
        exception_name="ClientError", exception="Traceback …",
    )  # fmt: skip
    trace = only(
        [
            BEGAN, released(41, 0), forwarded(50, 0, "one", released_ms=40), failed,
            *ran(61, "t-0", TRANSLATION, took_ms=8, status="error"), *ran(90, "t-0", TRANSLATION, took_ms=8),
            {"t_ms": 91, "kind": "lambda.event_dropped", "requestId": "t-0", "condition": "RetriesExhausted"},
        ]
    )  # fmt: skip
    assert hops(trace)[2:] == [
        (53, "translation begins"), (60, "trouble"), (61, "translation fails"), (82, "translation begins"),
        (90, "translation ends"), (91, "given up by Lambda"),
    ]  # fmt: skip
    assert "it was posted to nobody: nobody listened, or every language failed" in trace.gaps
    assert "Traceback" not in json.dumps(trace.hops)


def test_an_orphan_says_that_its_final_did_not_come():
    """Its words are heard and were never stable."""
    orphan = only([BEGAN, result(20, "one"), released(41, 0, reason="orphan"), forwarded(50, 0, "one", released_ms=40)])
    by_hop = {row["hop"]: row for row in orphan.hops}
    assert by_hop["released by the core"]["why"] == "the result's final did not come"
    assert by_hop["last word heard"]["t_ms"] == 20
    assert "its last word was never stable" in orphan.gaps


def test_the_same_words_again_in_a_result_belong_to_the_next_segment():
    """Segments of a result follow each other without a gap: the second 'yes' is the second segment's."""
    first, second = traces(
        [
            BEGAN, result(20, "YES"), released(22, 0), forwarded(23, 0, "Yes.", released_ms=22), result(30, "YES yes"),
            result(40, "YES YES", final=True), released(41, 1, reason="final"),
            forwarded(42, 1, "Yes.", released_ms=41),
        ]
    )  # fmt: skip
    assert (20, "last word heard") in hops(first)
    assert [row for row in hops(second) if "last word" in row[1]] == [(30, "last word heard"), (40, "last word final")]


def test_which_of_two_is_meant_is_not_guessed():
    """A stream that took over may have heard the first before: nothing says so, and neither is shown."""
    first, second = traces(
        [
            BEGAN, result(20, "one", final=True), released(22, 0), forwarded(23, 0, "one", released_ms=22),
            result(40, "YES YES", stream="next", name="r-2"), released(41, 1, result="r-2"),
            forwarded(42, 1, "yes", released_ms=41),
        ]
    )  # fmt: skip
    assert "its last word cannot be told from others in Transcribe's result" not in first.gaps
    assert "its last word cannot be told from others in Transcribe's result" in second.gaps
    assert not any("last word" in hop for _, hop in hops(second))


def test_a_correction_follows_its_final():
    """Its words replace others: there is no last word of its own."""
    _, correction = traces(
        [
            BEGAN, result(20, "TO"), released(22, 0), forwarded(23, 0, "to", released_ms=22),
            result(40, "TWO", final=True), released(41, 1, reason="correction"),
            forwarded(42, 1, "two", released_ms=41),
        ]
    )  # fmt: skip
    assert (40, "final result") in hops(correction)
    assert not any("last word" in gap for gap in correction.gaps)


def test_a_chunk_that_cannot_be_followed_is_told():
    """Sent twice; or changed by the volume on its way; or let go by the worker before the release."""
    sent_twice = only([WHOLE[0], chunk(5), *WHOLE[1:]])
    assert "chunk 4 was sent 2 times: the first is shown" in sent_twice.gaps
    changed = only([event for event in WHOLE if event is not HEARD])
    assert changed.gaps == ["the sound of chunk 4 was not found on its stream (volume, mute, silence)"]
    unknown = only([event if event != released(41, 0) else _without_chunk(event) for event in WHOLE])
    assert unknown.gaps == ["its last chunk is not known: the worker held it no more when it released the words"]


def _without_chunk(event):
    fields = json.loads(event["line"])
    del fields["seq"], fields["connectionId"]
    return {**event, "line": json.dumps(fields)}


def test_without_the_workers_line_the_rest_is_shown():
    """A log level above INFO hides it."""
    trace = only([event for event in WHOLE if event["t_ms"] != 41])
    assert trace.gaps == ["how it came about is not known: the worker's log has no line 'segment released' of it"]
    assert hops(trace)[0] == (50, "sent to translation")


def test_who_does_not_say_that_it_read_is_counted_where_others_do():
    """In a run whose listeners write what they read."""
    assert "it was posted to 2 listeners, 1 of them say that they read it" in only([*WHOLE, posted(73, 0, "d")]).gaps


def test_segments_stand_session_by_session_in_order_of_their_numbers():
    """However their lines are mixed; and a run without any has none."""
    events = [released(5, 1), released(4, 0), released(3, 10), released(2, 2)]
    assert [one.segment_id for one in traces(events)] == ["s-0", "s-1", "s-2", "s-10"]
    assert traces([BEGAN]) == []
