import threading
from pathlib import Path

import pytest

from sandbox.made_once import made_once


def test_a_folder_is_made_once_however_many_ask_at_the_same_time(tmp_path: Path):
    """Four synthesise at once in a fresh clone: one does it, the others get its whole folder."""
    target, makers, seen = tmp_path / "deep" / "assembly", [], []
    entered, may_finish = threading.Event(), threading.Event()

    def make(part: Path) -> None:
        makers.append(part)
        (part / "first").touch()
        entered.set()
        may_finish.wait()
        (part / "last").touch()

    def ask() -> None:
        folder = made_once(target, make)
        seen.append(sorted(path.name for path in folder.iterdir()))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    entered.wait()
    assert not target.exists()
    may_finish.set()
    for thread in threads:
        thread.join()
    assert len(makers) == 1
    assert seen == [["first", "last"]] * 4


def test_a_failed_making_leaves_nothing_and_a_second_try_starts_anew(tmp_path: Path):
    target = tmp_path / "assembly"

    def fail(part: Path) -> None:
        (part / "half").touch()
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        made_once(target, fail)
    assert [path.name for path in tmp_path.iterdir()] == ["assembly.lock"]
    made_once(target, lambda part: (part / "whole").touch())
    assert [path.name for path in target.iterdir()] == ["whole"]
