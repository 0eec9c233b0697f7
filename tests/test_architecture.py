"""ARCHITECTURE.md is true: its files exist, imports go one way, and modules are small."""

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("sandbox", "fake_transcribe", "services")


def modules(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*.py") if "cdk.out" not in path.parts]


def imported(path: Path) -> set[str]:
    """The top-level packages that a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("document", ["ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"])
def test_every_path_that_a_document_names_exists(document):
    """A renamed file is renamed there too."""
    text = (ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:sandbox|services|fake_transcribe|audio_samples|docs|tests)/[\w\-./]+\.\w+)`", text)
    named += [target for target in re.findall(r"\]\(([\w\-./]+)\)", text) if not target.startswith("http")]
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("folder", "forbidden"),
    [
        ("services", {"sandbox", "fake_transcribe"}),
        ("fake_transcribe", {"sandbox", "broadcast", "partial_results"}),
        ("sandbox", {"broadcast", "partial_results", "audio_processor", "connection_handler", "authorizer"}),
    ],
)
def test_imports_go_one_way(folder, forbidden):
    """Delete `sandbox/` and a deployable product is left; no handler is imported by the sandbox."""
    wrong = {str(path.relative_to(ROOT)): imported(path) & forbidden for path in modules(folder)}
    assert {path: names for path, names in wrong.items() if names} == {}


PURE = (
    *(f"sandbox/gateway/{name}.py" for name in (
        "connection", "connections_api", "effects", "events", "frames", "handshake", "lifecycle", "permissive_json",
        "policy", "quotas", "route_selection", "upgrade", "wire",
    )),
    "sandbox/edge/router.py", "sandbox/edge/signature.py", "sandbox/metrics/api_gateway.py",
    "sandbox/functions/environment.py", "sandbox/functions/async_events.py",
    "sandbox/functions/lineage.py", "sandbox/functions/lines.py", "sandbox/schedules/expression.py",
    *(f"sandbox/permissions/{name}.py" for name in (
        "calls", "conditions", "documents", "evaluation", "function_policy", "matching", "needs", "refusals",
    )),
    *(f"sandbox/preflight/{name}.py" for name in (
        "account", "findings", "names", "permissions", "recursion", "schedules", "synthesis",
    )),
    "sandbox/live/backend.py", "sandbox/control_plane/backend/messages.py",
    "sandbox/control_plane/backend/properties.py",
    "sandbox/metrics/emf.py", "sandbox/report/timeline.py", "sandbox/report/build.py", "fake_transcribe/session.py",
    "fake_transcribe/player.py", "fake_transcribe/event_stream.py", "fake_transcribe/stream.py",
    *(f"fake_transcribe/{name}.py" for name in (
        "admin", "channel", "faults", "messages", "recognition", "request", "results", "service",
        "signing", "vocabulary",
    )),
    "sandbox/report/arrivals.py", "sandbox/report/difficulties.py",
    "sandbox/alignment/fit.py", "sandbox/alignment/letters.py", "sandbox/alignment/numbers.py",
    "sandbox/alignment/pronunciation.py", "sandbox/alignment/spoken.py",
    "services/shared/partial_results/processor.py", "services/shared/partial_results/hypothesis.py",
    *(f"services/audio-transcription/lambda/audio_processor/{name}.py" for name in (
        "chunk_rate", "echo", "noise", "notices", "outage", "pauses", "pcm", "quality", "reorder", "sound",
    )),
)  # fmt: skip


@pytest.mark.parametrize("path", PURE)
def test_cores_touch_nothing(path):
    """No socket, thread, clock, environment or AWS client: time and ids come in as arguments."""
    touched = {"asyncio", "socket", "threading", "time", "os", "subprocess", "boto3", "botocore", "requests"}
    assert imported(ROOT / path) & touched == set()


def test_modules_are_small():
    """The median under 200 lines, none that a reader would have to scroll through for long."""
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for folder in SOURCES
        for path in modules(folder)
    }
    assert statistics.median(sizes.values()) < 200
    assert {path: size for path, size in sizes.items() if size > 420} == {}


def test_no_file_names_a_package_index():
    """Locks pin versions and hashes; where packages come from is the machine's affair."""
    hosts = re.compile(r"pypi\.o" + r"rg|pythonho" + r"sted|registry\.np" + r"mjs")
    wrong = [
        path.name
        for path in [*ROOT.glob("*.*"), *(ROOT / "requirements").iterdir(), ROOT / "Makefile", ROOT / ".ci" / "run"]
        if path.is_file() and hosts.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert wrong == []
