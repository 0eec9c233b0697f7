"""Recorded results are read as streams; the committed ones are what PocketSphinx says of the samples."""

import json
from pathlib import Path

import pytest

from sandbox.alignment.aligner import available
from sandbox.report.revisions import GAP_MS, RevisionsError, load
from tests.data.recogniser.make import TAKES, heard

RECORDED = Path(__file__).resolve().parents[2] / "data" / "recogniser"


def test_files_follow_one_another_in_time(tmp_path):
    """Times are moved behind the file before; results end where the audio was."""
    for name in "ab":
        results = [[400, 0, True, [["hi", 0, 300]]], [900, 0, False, [["high", 0, 310]]]]
        (tmp_path / f"{name}.json").write_text(json.dumps({"results": results}))
    first, second = load(tmp_path)
    assert [one["at_ms"] for one in first] == [400, 900]
    assert second[1] == {
        "at_ms": 1800 + GAP_MS, "end_ms": 1800 + GAP_MS, "result_id": "utterance-0", "is_partial": False,
        "items": [["high", False, 900 + GAP_MS, 1210 + GAP_MS, None]],
    }  # fmt: skip


def test_a_file_of_another_form_is_named(tmp_path):
    """One line with the next step."""
    (tmp_path / "a.json").write_text('{"words": []}')
    with pytest.raises(RevisionsError, match="see tests/data/recogniser for the form") as caught:
        load(tmp_path)
    assert "\n" not in str(caught.value)


def test_the_recorded_results_rewrite_early_words():
    """Or they would say nothing about a policy: some partial changes a word that two partials had agreed on."""
    changed = 0
    for stream in load(RECORDED):
        for two, one, now in zip(stream, stream[1:], stream[2:], strict=False):
            if two["result_id"] == now["result_id"]:
                agreed = [a[0] for a, b in zip(two["items"], one["items"][:-1], strict=False) if a[0] == b[0]]
                changed += [item[0] for item in now["items"]][: len(agreed)] != agreed
    assert changed >= 20


def test_every_take_is_committed():
    """The list in `make.py` and the folder are the same."""
    assert {path.stem for path in RECORDED.glob("*.json")} == {take.name for take in TAKES}


@pytest.mark.skipif(not available(), reason="the extra 'align' is not installed")
def test_the_recorded_results_are_what_the_recogniser_says():
    """The shortest take, made again: as many results, and a final of at least three words in four of the same.

    Not equal to the byte: other processors round sums otherwise.
    """
    take = next(take for take in TAKES if take.name == "austen-0880.clean.500ms")
    before = json.loads((RECORDED / f"{take.name}.json").read_text(encoding="utf-8"))
    again = heard(take)
    assert [one[2] for one in again["results"]] == [one[2] for one in before["results"]]
    words = [{word for word, _, _ in document["results"][-1][3]} for document in (before, again)]
    assert len(words[0] & words[1]) >= 0.75 * len(words[0])
