"""`python -m partial_results.evaluation < arrivals.json`: every policy on the same results; prints the rows as JSON.

An arrival is `{"at_ms", "result_id", "is_partial", "items": [[text, is_punctuation, start_ms, end_ms, stability], …]}`;
`end_ms`, where the result ends in the audio, may be added, and `"lost": true` to a final that was due and never came.
They come as a list of streams: `[[arrival, …], …]`. The rows are of all streams together.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from partial_results.evaluation.metrics import compare
from partial_results.evaluation.policies import Arrival
from partial_results.events import Item, Result


def arrival(document: dict[str, Any], stream: int) -> Arrival:
    """One arrival; results of different streams are kept apart."""
    items = tuple(
        Item(text=text, is_punctuation=mark, start_ms=start_ms, end_ms=end_ms, stability=stability)
        for text, mark, start_ms, end_ms, stability in document["items"]
    )
    return Arrival(
        at_ms=document["at_ms"],
        result=Result(
            result_id=f"{stream}/{document['result_id']}",
            is_partial=document["is_partial"],
            items=items,
            start_ms=items[0].start_ms if items else 0,
            end_ms=document.get("end_ms", items[-1].end_ms if items else 0),
        ),
    )


def main() -> None:
    streams = json.load(sys.stdin)
    came: list[Arrival] = []
    lost: list[Arrival] = []
    for number, stream in enumerate(streams):
        for one in stream:
            (lost if one.get("lost") else came).append(arrival(one, number))
    print(json.dumps([asdict(row) for row in compare(came, lost)]))


if __name__ == "__main__":
    main()
