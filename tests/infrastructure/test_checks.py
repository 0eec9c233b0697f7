"""cdk-nag finds nothing that has not its reason beside it, and every configured value is read."""

import json

import pytest

from tests.infrastructure.app_runner import NOTE_READS, ROOT, run

APPS = sorted(path.parent for path in ROOT.glob("services/*/infrastructure/cdk.json"))


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.parent.name)
def test_cdk_nag_finds_nothing_and_no_configured_value_is_left_unread(app, tmp_path):
    """The packs AwsSolutions and Serverless; the report has what they found."""
    ended = run(app, tmp_path, context={"environment": "staging", "nag": "true"}, before=NOTE_READS)
    assert ended.returncode == 0, ended.stderr[-2000:]
    reports = json.loads((tmp_path / "validation-report.json").read_text())["pluginReports"]
    assert reports == []
    assert json.loads(ended.stdout.splitlines()[-1]) == [], "nothing reads these"


def test_cdk_nag_fails_a_synthesis_that_has_a_fault(tmp_path):
    """An exception taken away, the synthesis fails and its report names the rule."""
    forget = (
        "from cdk_common import checks\nkept = checks.accept\n"
        "checks.accept = lambda construct, rule, reason: 'Failure' in rule or kept(construct, rule, reason)"
    )
    app = ROOT / "services" / "translation-pipeline" / "infrastructure"
    ended = run(app, tmp_path, context={"environment": "staging", "nag": "true"}, before=forget)
    assert ended.returncode != 0
    assert "Serverless-LambdaAsyncFailureDestination" in (tmp_path / "validation-report.json").read_text()
