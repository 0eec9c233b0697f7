"""EventBridge's refusals of rules and targets, as a client meets them."""

import pytest

from tests.sandbox.control_plane.asked import feed, refusal

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"


@pytest.fixture
def events(client):
    """A client, after which no rule is left."""
    made = client("events")
    yield made
    for rule in made.list_rules()["Rules"]:
        ids = [target["Id"] for target in made.list_targets_by_rule(Rule=rule["Name"])["Targets"]]
        if ids:
            made.remove_targets(Rule=rule["Name"], Ids=ids)
        made.delete_rule(Name=rule["Name"])


def targets(count: int) -> list[dict]:
    return [{"Id": str(number), "Arn": FUNCTION} for number in range(count)]


@pytest.mark.parametrize("expression", ["rate(30 seconds)", "rate(1 minutes)", "cron(0 1 * * * *)"])
def test_a_schedule_that_is_none_is_refused(events, expression):
    """E-02: fault 3 of the staging record."""
    assert refusal(lambda: events.put_rule(Name="r", ScheduleExpression=expression)) == (
        "ValidationException", "Parameter ScheduleExpression is not valid.",
    )  # fmt: skip


def test_schedules_are_the_default_buss_alone(events):
    """E-03."""
    events.create_event_bus(Name="own")
    answer = refusal(lambda: events.put_rule(Name="r", EventBusName="own", ScheduleExpression="rate(1 minute)"))
    assert answer == ("ValidationException", "ScheduleExpression is supported only on the default event bus.")
    events.delete_event_bus(Name="own")


def test_a_rule_has_five_targets_and_not_six(events, url):
    """E-07."""
    events.put_rule(Name="r", ScheduleExpression="cron(0 12 * * ? *)")
    events.put_targets(Rule="r", Targets=targets(5))
    assert len(feed(url).rules["r"].targets) == 5
    code, _ = refusal(lambda: events.put_targets(Rule="r", Targets=[{"Id": "6", "Arn": FUNCTION}]))
    assert code == "LimitExceededException"
    assert len(feed(url).rules["r"].targets) == 5


def test_a_rule_that_is_not_there_is_named(events):
    """E-07."""
    assert refusal(lambda: events.describe_rule(Name="none")) == (
        "ResourceNotFoundException", "Rule none does not exist on EventBus default.",
    )  # fmt: skip


def test_a_rule_with_targets_is_not_deleted(events):
    """E-07."""
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="r", Targets=targets(1))
    assert refusal(lambda: events.delete_rule(Name="r")) == (
        "ValidationException", "Rule can't be deleted since it has targets.",
    )  # fmt: skip


@pytest.mark.parametrize(("name", "refused"), [("a" * 64, False), ("a" * 65, True), ("a b", True), ("a.b-c_D", False)])
def test_a_rules_name_has_sixty_four_characters(events, name, refused):
    """E-07."""
    if refused:
        assert refusal(lambda: events.put_rule(Name=name, ScheduleExpression="rate(1 minute)"))[0] == (
            "ValidationException"
        )
    else:
        events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")


def test_a_disabled_rule_and_a_dead_letter_queue_reach_the_data_plane(events, url):
    """E-05, E-06."""
    queue = "arn:aws:sqs:us-east-1:123456789012:dead"
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)", State="DISABLED")
    events.put_targets(Rule="r", Targets=[{**targets(1)[0], "DeadLetterConfig": {"Arn": queue}}])
    rule = feed(url).rules["r"]
    assert (rule.enabled, rule.targets[0].dead_letter_arn) == (False, queue)
    events.enable_rule(Name="r")
    assert feed(url).rules["r"].enabled


def test_a_targets_input_and_retries_reach_the_data_plane(events, url):
    """E-04, E-06: with EventBridge's defaults where nothing is said."""
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    transformer = {"InputPathsMap": {"at": "$.time"}, "InputTemplate": '{"at": <at>}'}
    retries = {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 120}
    first, second = targets(2)
    events.put_targets(Rule="r", Targets=[
        {**first, "InputTransformer": transformer, "RetryPolicy": retries}, {**second, "InputPath": "$.resources"},
    ])  # fmt: skip
    shaped, plain = feed(url).rules["r"].targets
    assert (shaped.input_paths, shaped.input_template) == ({"at": "$.time"}, '{"at": <at>}')
    assert (shaped.maximum_retry_attempts, shaped.maximum_event_age_s) == (3, 120)
    assert (plain.input_path, plain.maximum_retry_attempts, plain.maximum_event_age_s) == ("$.resources", 185, 86_400)


def test_a_target_has_one_input(events):
    """E-04: EventBridge's text."""
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    two = {**targets(1)[0], "Input": "{}", "InputPath": "$.detail"}
    assert refusal(lambda: events.put_targets(Rule="r", Targets=[two])) == (
        "ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided for target 0.",
    )  # fmt: skip


def test_a_template_has_known_variables_alone(events):
    """E-04: EventBridge's text."""
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    template = '"<at> <aws.events.rule-name> <notdefinedkey>"'
    one = {**targets(1)[0], "InputTransformer": {"InputPathsMap": {"at": "$.time"}, "InputTemplate": template}}
    assert refusal(lambda: events.put_targets(Rule="r", Targets=[one])) == (
        "ValidationException", "InputTemplate for target 0 contains invalid placeholder notdefinedkey.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("retries", "wrong"),
    [({"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 60}, ""),
     ({"MaximumRetryAttempts": 186}, "maximumRetryAttempts' failed to satisfy constraint: Member must have value less "
                                     "than or equal to 185"),
     ({"MaximumEventAgeInSeconds": 86_401}, "Member must have value less than or equal to 86400")],
)  # fmt: skip
def test_a_targets_retries_have_their_ranges(events, retries, wrong):
    """E-06."""
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    one = {**targets(1)[0], "RetryPolicy": retries}
    if not wrong:
        events.put_targets(Rule="r", Targets=[one])
        return
    code, text = refusal(lambda: events.put_targets(Rule="r", Targets=[one]))
    assert (code, wrong in text) == ("ValidationException", True)
