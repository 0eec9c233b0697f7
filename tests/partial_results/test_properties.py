"""Whatever a recogniser does, words are said once, in order, in time."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from partial_results import Correction, Item, PartialResultProcessor, PartialResultsConfig, Result, Segment

WORDS = st.lists(st.sampled_from(["one", "two", "yes", "so", "rain", "forest"]), min_size=1, max_size=9)
CONFIG = PartialResultsConfig(max_rate_per_second=100)


def parts(words, marks, stable, *, scored=True) -> tuple[Item, ...]:
    made = []
    for index, word in enumerate(words):
        stability = (1.0 if index < stable else 0.0) if scored else None
        made.append(
            Item(text=word, is_punctuation=False, start_ms=index * 300, end_ms=index * 300 + 280, stability=stability)
        )
        if index in marks:
            following = (1.0 if index + 1 < stable else 0.0) if scored else None
            made.append(
                Item(text=",", is_punctuation=True, start_ms=index * 300, end_ms=index * 300, stability=following)
            )
    return tuple(made)


@st.composite
def stretch(draw, result_id: str, *, lies: bool):
    """One result: growing partials whose stable prefix holds (or, with `lies`, may not), then perhaps its final."""
    truth = draw(WORDS)
    marks = frozenset(draw(st.lists(st.integers(0, len(truth) - 1), max_size=3)))
    scored = draw(st.booleans())
    events, stable = [], 0
    for length in sorted(draw(st.lists(st.integers(1, len(truth)), max_size=6))):
        stable = max(stable, draw(st.integers(0, length)))
        heard = list(truth[:length])
        for index in range(0 if lies else stable, length):
            if scored and draw(st.booleans()) and draw(st.booleans()):
                heard[index] = draw(st.sampled_from(["um", "ray"]))
        items = parts(heard, marks if length == len(truth) else marks - {length - 1}, stable, scored=scored)
        events.append(Result(result_id=result_id, is_partial=True, items=items, start_ms=0, end_ms=length * 300))
    if draw(st.integers(0, 4)):
        items = parts(truth, marks, len(truth))
        events.append(Result(result_id=result_id, is_partial=False, items=items, start_ms=0, end_ms=len(truth) * 300))
    return truth, events


@st.composite
def stream(draw, *, lies: bool):
    """Several results one after another, their events repeated, shrunk, swapped and spread over time."""
    truths, events = {}, []
    for number in range(draw(st.integers(1, 3))):
        truth, made = draw(stretch(f"r{number}", lies=lies))
        truths[f"r{number}"] = truth
        events += made
    for _ in range(draw(st.integers(0, 4))):
        index = draw(st.integers(0, max(0, len(events) - 1)))
        if not events:
            break
        match draw(st.sampled_from(["repeat", "shrink", "swap"])):
            case "repeat":
                events.insert(index, events[index])
            case "shrink" if events[index].is_partial:
                shorter = events[index].items[: draw(st.integers(0, len(events[index].items)))]
                events.insert(index + 1, replace(events[index], items=shorter))
            case "swap" if index + 1 < len(events) and events[index].is_partial and events[index + 1].is_partial:
                events[index], events[index + 1] = events[index + 1], events[index]
    return truths, events, draw(st.lists(st.integers(0, 4000), min_size=len(events), max_size=len(events)))


def run(events, waits, config=CONFIG):
    """Play everything; between the events every deadline is met. Returns (outputs, the core)."""
    core = PartialResultProcessor(config)
    outputs, now_ms = [], 0
    for event, wait_ms in zip(events, waits, strict=True):
        arrives_ms = now_ms + wait_ms
        while core.next_deadline_ms is not None and core.next_deadline_ms <= arrives_ms:
            deadline_ms = core.next_deadline_ms
            now_ms = max(now_ms, deadline_ms)
            outputs += core.tick(now_ms)
            after = core.next_deadline_ms
            assert after is None or after > now_ms, "a deadline that was met must move on"
        now_ms = arrives_ms
        outputs += core.receive(event, now_ms)
    return outputs, core


def words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def transcript(outputs) -> list[str]:
    """The words a reader has: segments in order, corrections put in their place."""
    texts = {}
    for one in outputs:
        if isinstance(one, Segment):
            texts[one.sequence] = one.text
        else:
            texts[one.corrects] = one.text
    return [word for _, text in sorted(texts.items()) for word in words(text)]


@settings(max_examples=300, deadline=None)
@given(stream(lies=False))
def test_honest_partials_are_said_once_and_never_corrected(given_stream):
    """No word twice, none that a final confirmed missing, sequences without gaps."""
    truths, events, waits = given_stream
    outputs, core = run(events, waits)
    outputs += core.finish(10**9)
    assert [one.sequence for one in outputs] == list(range(len(outputs)))
    confirmed = [event.result_id for event in events if not event.is_partial]
    if all(item.stability is not None for event in events for item in event.items):
        assert not any(isinstance(one, Correction) for one in outputs)
    spoken = transcript(outputs)
    for result_id in dict.fromkeys(confirmed):
        assert _holds(spoken, truths[result_id]), (spoken, truths[result_id])
    assert len(spoken) <= sum(len(truth) for truth in truths.values())


@settings(max_examples=300, deadline=None)
@given(stream(lies=True))
def test_when_stable_words_were_wrong_the_reader_still_ends_with_the_final(given_stream):
    """`high` freezes early mistakes: what was said and then contradicted is corrected, never repeated."""
    truths, events, waits = given_stream
    outputs, core = run(events, waits)
    outputs += core.finish(10**9)
    spoken = transcript(outputs)
    if {event.result_id for event in events if not event.is_partial} == set(truths):
        finals = [event.result_id for event in events if not event.is_partial]
        assert sorted(spoken) == sorted(word for name in dict.fromkeys(finals) for word in truths[name])


@settings(max_examples=200, deadline=None)
@given(stream(lies=True))
def test_commits_are_append_only(given_stream):
    """A segment that was released is never released again with another text; covered audio never goes back."""
    _, events, waits = given_stream
    core = PartialResultProcessor(CONFIG)
    covered, sequences, now_ms = 0, set(), 0
    for event, wait_ms in zip(events, waits, strict=True):
        now_ms += wait_ms
        for one in [*core.tick(now_ms), *core.receive(event, now_ms)]:
            assert one.sequence not in sequences
            sequences.add(one.sequence)
        assert core.covered_until_ms >= covered
        covered = core.covered_until_ms


@settings(max_examples=200, deadline=None)
@given(stream(lies=False))
def test_nothing_stands_ready_past_its_limit(given_stream):
    """A stable word leaves within `max_buffer_timeout`, whatever happens."""
    _, events, waits = given_stream
    outputs, _ = run(events, waits)
    for one in outputs:
        if isinstance(one, Segment):
            assert one.released_at_ms - one.stable_at_ms <= CONFIG.max_buffer_timeout_ms


@st.composite
def rewriting_stream(draw):
    """A recogniser without scores that rewrites any stretch of what it said, with other words over the same audio.

    Each word of the truth is another word, so that one that is said twice is seen.
    """
    truth = [
        Item(text=f"w{number}", is_punctuation=False, start_ms=number * 300, end_ms=number * 300 + 300)
        for number in range(draw(st.integers(4, 14)))
    ]
    events = []
    for length in sorted(draw(st.lists(st.integers(1, len(truth)), min_size=2, max_size=12))):
        events.append(_result(_rewritten(draw, truth[:length]), length * 300, is_partial=True))
    events.append(
        _result(_rewritten(draw, truth) if draw(st.booleans()) else truth, len(truth) * 300, is_partial=False)
    )
    return events, draw(st.lists(st.integers(100, 2500), min_size=len(events), max_size=len(events)))


def _rewritten(draw, heard: list[Item]) -> list[Item]:
    """Some neighbours merged into one wrong word, some words split into two."""
    made, place = [], 0
    while place < len(heard):
        kind = draw(st.sampled_from(["keep", "keep", "keep", "merge", "split"]))
        width = 2 if kind == "merge" else 1
        start_ms, end_ms = heard[place].start_ms, heard[min(place + width, len(heard)) - 1].end_ms
        middle_ms = (start_ms + end_ms) // 2
        pieces = [(start_ms, middle_ms), (middle_ms, end_ms)] if kind == "split" else [(start_ms, end_ms)]
        for piece in pieces:
            text = heard[place].text if kind == "keep" else f"x{draw(st.integers(0, 3))}"
            made.append(Item(text=text, is_punctuation=False, start_ms=piece[0], end_ms=piece[1]))
        place += width
    return made


def _result(heard: list[Item], end_ms: int, *, is_partial: bool) -> Result:
    return Result(result_id="r", is_partial=is_partial, items=tuple(heard), start_ms=0, end_ms=end_ms)


@settings(max_examples=500, deadline=None)
@given(rewriting_stream())
def test_a_recogniser_that_rewrites_its_words_makes_none_be_said_twice_or_lost(given_stream):
    """The segments repeat no word of the truth; with the corrections in their places they are the final's words."""
    events, waits = given_stream
    outputs, _ = run(events, waits)
    said = [word for one in outputs if isinstance(one, Segment) for word in one.text.split() if word.startswith("w")]
    assert len(said) == len(set(said)), said
    assert transcript(outputs) == [item.text for item in events[-1].items]


def _holds(spoken: list[str], truth: list[str]) -> bool:
    """The truth stands in what was spoken, in order."""
    return any(spoken[start : start + len(truth)] == truth for start in range(len(spoken) - len(truth) + 1)) or (
        _is_subsequence(truth, spoken)
    )


def _is_subsequence(needle: list[str], hay: list[str]) -> bool:
    rest = iter(hay)
    return all(word in rest for word in needle)
