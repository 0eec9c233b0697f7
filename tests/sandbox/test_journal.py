"""The journal: one event a line, whatever a client has sent."""

from sandbox.journal import Journal, read


class Noon:
    def now_ms(self) -> int:
        return 1_790_000_000_000


def test_half_a_surrogate_pair_is_written_and_read_back(tmp_path):
    """JSON may carry one and UTF-8 may not: the line uses JSON's escape, and the run goes on."""
    journal = Journal(Noon(), tmp_path / "journal.jsonl")
    journal.write("said", {"text": "\ud800 ñ"})
    journal.write("said", {"text": "more"})
    journal.close()
    assert [event["text"] for event in read(tmp_path / "journal.jsonl")] == ["\ud800 ñ", "more"]
