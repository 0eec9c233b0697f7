"""The faults that only the staging deployment found, each in a copy of the apps: found before anything is deployed."""

import pytest

from .broken_copy import copied, found_in, leave_only, replace

AUDIO = "audio-transcription/infrastructure/audio_transcription_stack.py"
TRANSLATION = "translation-pipeline/infrastructure/translation_pipeline_stack.py"
SESSIONS = "session-management/infrastructure/session_management_stack.py"
CODE = 'CODE = Path(__file__).resolve().parents[1] / "lambda"'


@pytest.fixture
def project(tmp_path):
    return copied(tmp_path)


def test_code_that_is_looked_for_where_it_is_not(project):
    """Fault 1: the path begins at the folder where cdk is run, and there is no such folder."""
    leave_only(project, "audio-transcription")
    replace(project, AUDIO, CODE, 'CODE = Path("lambda")')
    (found,) = found_in(project)
    missing = project / "services" / "audio-transcription" / "infrastructure" / "lambda"
    assert found.line() == (
        f"code: audio-transcription: there is no folder {missing} to take its code from: give Code.from_asset a path "
        "from the definition's file (__file__), not from the folder where cdk is run"
    )


def test_another_folder_than_that_of_the_code(project):
    """Fault 1, where the wrong folder exists: CDK takes it, and Lambda would not find the handler."""
    leave_only(project, "translation-pipeline")
    replace(project, TRANSLATION, CODE, 'CODE = Path("config")')
    (found,) = (one for one in found_in(project) if one.check == "code")
    assert found.line() == (
        f"code: {found.where}: its asset has no translation_processor/handler.py, so that "
        "translation_processor.handler.handler is not found: give Code.from_asset a path that begins at the "
        "definition's file (__file__), not at the folder where cdk is run"
    )


def test_a_reserved_variable_in_a_functions_environment(project):
    """Fault 2, as CDK's own construct refuses it."""
    leave_only(project, "audio-transcription")
    replace(project, AUDIO, '"ENVIRONMENT": self._environment,', '"AWS_REGION": "us-east-1",')
    (found,) = found_in(project)
    assert found.line() == (
        "function: audio-transcription: a function's environment sets AWS_REGION, which Lambda reserves: leave it out, "
        "Lambda sets it itself"
    )


def test_a_reserved_variable_past_cdks_construct(project):
    """Fault 2, where only Lambda refuses it."""
    leave_only(project, "audio-transcription")
    override = 'add_property_override("RecursiveLoop", "Allow")'
    replace(
        project, AUDIO, override,
        f'{override}\n        function.node.default_child.add_property_override(\n'
        '            "Environment.Variables.AWS_REGION", self.region\n        )',
    )  # fmt: skip
    (found,) = (one for one in found_in(project) if one.check == "function")
    assert found.line().startswith("function: audio-transcription-staging/AudioProcessor")
    assert found.line().endswith(
        ": its environment sets AWS_REGION, which Lambda reserves: leave it out, Lambda sets it itself"
    )


def test_a_schedule_of_thirty_seconds(project):
    """Fault 3."""
    leave_only(project, "session-management")
    replace(project, SESSIONS, "rate(cdk.Duration.minutes(1))", "rate(cdk.Duration.seconds(30))")
    (found,) = found_in(project)
    assert found.line() == (
        "schedule: session-management: EventBridge takes no schedule under 1 minute: use rate(1 minute) or longer; "
        "what must come sooner has the function wait and repeat"
    )


def test_a_table_that_no_stack_creates(project):
    """The fault that the record itself still shows; nothing else is found in three whole apps."""
    replace(project, AUDIO, '"SESSIONS_TABLE_NAME": sessions,', '"SESSIONS_TABLE_NAME": "Sessions",')
    (found,) = found_in(project)
    assert found.line().startswith("name: audio-transcription-staging/AudioProcessor")
    assert found.line().endswith(
        ": SESSIONS_TABLE_NAME is Sessions, a table that no stack creates: name Sessions-staging, or refer to the "
        "resource"
    )
