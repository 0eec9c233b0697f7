"""An environment's own file system: code at /var/task, layers at /opt, a /tmp that nobody shares."""

import errno
import sys
from pathlib import Path

import pytest

from sandbox.definitions.model import Layer
from sandbox.functions import layers
from sandbox.functions.isolation import Isolation
from tests.sandbox.functions.lab import in_lab


@pytest.fixture(scope="module")
def own_files():
    """Skips where this machine lets no process have mounts of its own."""
    found = Isolation.find(sys.executable, keep=())
    if found is None:
        pytest.skip("a process may not have mounts of its own here")
    found.close()


def layer(folder, name: str, **files: str) -> Layer:
    for path, text in files.items():
        file = folder / name / f"{path.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return Layer(arn=f"arn:{name}:1", path=str(folder / name), code_sha256=name)


def test_of_two_layers_files_of_a_name_the_later_ones_is_there(tmp_path):
    """L-28: and everything else of both; the layers themselves are untouched."""
    first = layer(tmp_path, "first", python__shared="1", python__only="1")
    second = layer(tmp_path, "second", python__shared="2", other="2")
    made = layers.merged([first, second], tmp_path / "cache")
    assert made is not None
    found = {str(path.relative_to(made)): path.read_text() for path in made.rglob("*.py")}
    assert found == {"python/shared.py": "2", "python/only.py": "1", "other.py": "2"}
    assert (tmp_path / "first" / "python" / "shared.py").read_text() == "1"
    assert layers.merged([first, second], tmp_path / "cache") == made


def test_one_layer_is_its_own_folder_and_none_is_none(tmp_path):
    """L-28: nothing is copied where there is nothing to put together."""
    only = layer(tmp_path, "only", python__a="1")
    assert str(layers.merged([only], tmp_path / "cache")) == only.path
    assert layers.merged([], tmp_path / "cache") is None


def test_the_order_of_layers_is_that_of_the_function(tmp_path):
    """L-28, as a handler meets it."""
    code = "import shared\ndef handler(event, context): return [shared.WHO, shared.__file__]"
    both = (layer(tmp_path, "a", python__shared="WHO = 'a'"), layer(tmp_path, "b", python__shared="WHO = 'b'"))
    assert in_lab(tmp_path, lambda lab: lab.result(), code=code, layers=both)[0] == "b"
    assert in_lab(tmp_path, lambda lab: lab.result(), code=code, layers=both[::-1])[0] == "a"


def test_the_code_is_where_it_is_on_lambda(own_files, tmp_path):
    """L-06, L-28: paths, working folder, variables."""
    more = (layer(tmp_path, "a", python__shared=""),)

    async def act(lab):
        return await lab.result(do="where"), await lab.result(do="environ"), await lab.result(do="list", path="/opt")

    where, seen, opt = in_lab(tmp_path, act, layers=more)
    assert (where["file"], where["cwd"]) == ("/var/task/app.py", "/var/task")
    assert where["path"][:3] == ["/var/task", "/opt/python/lib/python3.11/site-packages", "/opt/python"] or (
        where["path"][:4] == ["/var/task", "/var/task", "/opt/python/lib/python3.11/site-packages", "/opt/python"]
    )
    assert {name: seen[name] for name in ("LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "PYTHONPATH", "PWD", "PATH")} == {
        "LAMBDA_TASK_ROOT": "/var/task", "LAMBDA_RUNTIME_DIR": "/var/runtime", "PYTHONPATH": "/var/runtime",
        "PWD": "/var/task", "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    }  # fmt: skip
    assert opt == ["python"]


def test_a_layers_programs_and_libraries_are_found(own_files, tmp_path):
    """L-06, L-28: /opt/bin is on the path, /opt/lib among the libraries of what a handler starts."""
    tool = tmp_path / "tools" / "bin" / "tool"
    tool.parent.mkdir(parents=True)
    tool.write_text('#!/bin/sh\necho "from $0, with $LD_LIBRARY_PATH"\n')
    tool.chmod(0o755)
    more = (Layer(arn="arn:tools:1", path=str(tmp_path / "tools"), code_sha256="tools"),)
    said = in_lab(tmp_path, lambda lab: lab.result(do="run", command=["tool"]), layers=more)
    assert said == (
        "from /opt/bin/tool, with /var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:"
        "/var/task/lib:/opt/lib\n"
    )


def test_an_environment_has_1024_descriptors(tmp_path):
    """L-31: numbered from 0, so that the last one is 1,023; the next is refused."""
    assert in_lab(tmp_path, lambda lab: lab.result(do="open", most=2_000)) == [errno.EMFILE, 1_023]


def test_a_stack_trace_shows_lambdas_paths(own_files, tmp_path):
    """L-17."""
    answer = in_lab(tmp_path, lambda lab: lab.result(do="stack"))
    assert all('File "/var/task/app.py"' in line for line in answer["stackTrace"])


def test_tmp_lasts_as_long_as_the_environment_and_is_nobody_elses(own_files, tmp_path):
    """L-09, L-11: kept between invocations and across an exception; another environment's is empty."""

    async def act(lab):
        empty = await lab.result(do="list", path="/tmp")
        await lab.result(do="write", path="/tmp/mine", bytes=3)
        await lab.result(do="raise")
        kept = await lab.result(do="read", path="/tmp/mine")
        await lab.result(do="exit")
        return empty, kept, await lab.result(do="list", path="/tmp")

    before, kept, after = in_lab(tmp_path, act)
    # What of the sandbox's own is under this machine's /tmp stays where it is.
    own = (tmp_path, Path(__file__).resolve(), Path(sys.prefix))
    places = {path.parts[2] for path in own if path.parts[1] == "tmp"}
    assert set(before) <= {"pytest-of-root", *places}
    assert (kept, after) == ("xxx", before)


@pytest.mark.parametrize(("mb", "fails"), [(512, False), (513, True)])
def test_tmp_has_the_functions_size(own_files, tmp_path, mb, fails):
    """L-31: 512 MB unless it asks for more; past it the disk is full."""

    async def act(lab):
        for _ in range(mb):
            answer = await lab.result(do="write", path="/tmp/big", bytes=1_048_576)
        return answer

    answer = in_lab(tmp_path, act, memory_mb=1024)
    assert (isinstance(answer, dict) and "No space left on device" in answer["errorMessage"]) is fails
