"""The journal: one event a line, whatever a client has sent."""

from sandbox.journal import Event, Journal, read


class Noon:
    def now_ms(self) -> int:
        return 1_790_000_000_000


def test_half_a_surrogate_pair_is_written_and_read_back(tmp_path):
    """JSON may carry one and UTF-8 may not: the line uses JSON's escape, and the run goes on."""
    journal = Journal(Noon(), tmp_path / "journal.jsonl")
    journal.write("said", {"text": "\ud800 ñ"})
    journal.write("said", {"text": "more"})
    journal.close()
    assert [event["text"] for event in read(tmp_path / "journal.jsonl")[1:]] == ["\ud800 ñ", "more"]


def test_a_run_begins_with_its_moment_and_a_half_written_line_is_not_read(tmp_path):
    """`t_ms` 0 as epoch milliseconds; whoever reads while others write has whole events."""
    path = tmp_path / "journal.jsonl"
    journal = Journal(Noon(), path)
    journal.close()
    with path.open("a") as lines:
        lines.write('{"t_ms":5,"ki')
    assert read(path) == [{"t_ms": 0, "kind": "run.began", "atMs": 1_790_000_000_000}]


def test_a_subscriber_is_told_of_the_kinds_that_it_asked_for():
    """Of all where it asked for none; also those who come later."""
    of_one: list[Event] = []
    of_all: list[Event] = []
    journal = Journal(Noon())
    journal.subscribe(of_one.append, kinds=["said"])
    journal.write("said", {})
    journal.subscribe(of_all.append)
    for kind in ("said", "heard"):
        journal.write(kind, {})
    assert [event["kind"] for event in of_one] == ["said", "said"]
    assert [event["kind"] for event in of_all] == ["said", "heard"]
    assert journal.count == 3
