"""What AWS refuses when something is deployed, at the limit and one past it."""

import io
import zipfile

import pytest

from sandbox.control_plane import archives, rules


@pytest.mark.parametrize(
    ("expression", "refusal"),
    [
        ("rate(1 minute)", None), ("rate(30 seconds)", "Parameter ScheduleExpression is not valid."),
        ("cron(0 12 * * ? *)", None), ("cron(0 12)", "Parameter ScheduleExpression is not valid."),
    ],
)  # fmt: skip
def test_a_schedule_of_thirty_seconds_is_refused(expression, refusal):
    """E-02: fault 3 of the staging record."""
    assert rules.schedule_refusal(expression) == refusal


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as content:
        for name, text in files.items():
            content.writestr(name.replace("__", "/").replace("UP", ".."), text)
    return buffer.getvalue()


def test_an_archive_is_unpacked_once_to_a_folder_of_its_digest(tmp_path):
    """The second time nothing is read: the bytes may be gone."""
    folder = archives.unpack(archive(app="x = 1"), "q80=", tmp_path)
    assert folder.name == "abcd"
    assert (folder / "app").read_text() == "x = 1"
    assert archives.unpack(b"", "q80=", tmp_path) == folder


@pytest.mark.parametrize("data", [b"no zip", archive(UP__outside="x")])
def test_a_bad_archive_leaves_nothing(tmp_path, data):
    """Neither something that is no zip nor one that reaches outside its folder."""
    with pytest.raises(archives.BadArchiveError, match="expected"):
        archives.unpack(data, "q80=", tmp_path / "code")
    assert not (tmp_path / "code" / "abcd").exists()
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(("timeout_ms", "taken"), [(49, False), (50, True), (29_000, True), (29_001, False)])
def test_an_integrations_timeout_is_50_ms_to_29_s(timeout_ms, taken):
    """WS-22; CloudFormation passes numbers as text."""
    assert (rules.integration_refusal(timeout_ms) is None) is taken
    assert (rules.integration_refusal(str(timeout_ms)) is None) is taken


@pytest.mark.parametrize(("length", "cut"), [(64, 64), (65, 64), (90, 64)])
def test_a_drawn_rule_name_is_cut_and_keeps_its_end(length, cut):
    """E-07: the random end is what makes it one of its own."""
    name = rules.fitted_rule_name("s" * (length - 13) + "-ABCDEFGHIJKL")
    assert (len(name), name[-13:]) == (cut, "-ABCDEFGHIJKL")
    assert rules.rule_name_refusal(name) is None
