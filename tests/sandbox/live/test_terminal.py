"""An error of a function is shown once, with the files from which it was deployed."""

import pytest

from sandbox.functions.log_book import LogLine
from sandbox.live.terminal import Terminal


@pytest.fixture
def shown(tmp_path):
    """What is shown of a traceback that names a file."""

    def show(file):
        said: list[str] = []
        line = f'[ERROR] ValueError: no\rTraceback (most recent call last):\r  File "{file}", line 7, in handler'
        Terminal(tmp_path, said.append).line(
            LogLine(number=1, function="f", stream="s", at_ms=0, line=line, request_id="r")
        )
        (text,) = said
        assert text.startswith("f: ValueError: no\n")
        return text.splitlines()[-1].split('"')[1]

    return show


@pytest.mark.parametrize(
    ("deployed", "source"),
    [
        ("/var/task/app/handler.py", "services/talk/lambda/app/handler.py"),
        ("/state/code/0a1b/app/handler.py", "services/talk/lambda/app/handler.py"),
        ("/opt/python/words/text.py", "services/shared/words/text.py"),
        ("/cache/layers/0a1b/python/words/text.py", "services/shared/words/text.py"),
    ],
)
def test_a_deployed_file_is_shown_as_its_source(shown, tmp_path, deployed, source):
    """On Lambda's paths, and on this machine's where environments have no file system of their own."""
    path = tmp_path / source
    path.parent.mkdir(parents=True)
    path.touch()
    assert shown(deployed) == str(path)


def test_a_file_of_two_apps_or_of_none_is_shown_as_it_was_written(shown, tmp_path):
    """Nobody can tell which is meant."""
    for app in ("one", "two"):
        path = tmp_path / "services" / app / "lambda" / "handler.py"
        path.parent.mkdir(parents=True)
        path.touch()
    assert shown("/var/task/handler.py") == "/var/task/handler.py"
    assert shown("/opt/python/boto3/session.py") == "/opt/python/boto3/session.py"
    assert shown("/usr/lib/python3.11/json/decoder.py") == "/usr/lib/python3.11/json/decoder.py"
