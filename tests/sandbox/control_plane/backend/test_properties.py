"""CloudFormation's properties as the services' own requests."""

import pytest

from sandbox.control_plane.backend import properties
from sandbox.control_plane.backend.properties import PropertyError

TABLE = {
    "TableName": "t",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
}
INDEX = {"IndexName": "i", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
OTHER = INDEX | {"IndexName": "j"}


def test_a_tables_own_properties_are_its_request():
    """Time to live is an operation of its own, streams and encryption are spelled differently."""
    given = TABLE | {
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        "ProvisionedThroughput": {"ReadCapacityUnits": "5", "WriteCapacityUnits": 5},
    }
    assert properties.table(given, "t") == TABLE | {
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        "SSESpecification": {"Enabled": True, "SSEType": "KMS"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    }


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda given: properties.table(given, "t"), "AWS::DynamoDB::Table"),
        (lambda given: properties.table_changes(given, given, "t"), "AWS::DynamoDB::Table"),
        (lambda given: properties.parameter(given, "p"), "AWS::SSM::Parameter"),
        (properties.queue_attributes, "AWS::SQS::Queue"),
        (properties.topic_attributes, "AWS::SNS::Topic"),
    ],
)
def test_a_property_that_is_not_known_is_refused(make, kind):
    """A template never means less than it says."""
    with pytest.raises(PropertyError, match=f"{kind}: expected properties that a backend takes, got Colour, Size"):
        make({"Size": 1, "Colour": 2})


@pytest.mark.parametrize(
    ("change", "replaced"),
    [
        ({}, False),
        ({"BillingMode": "PROVISIONED"}, False),
        ({"GlobalSecondaryIndexes": [INDEX]}, False),
        ({"TableName": "u"}, True),
        ({"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]}, True),
        ({"LocalSecondaryIndexes": [INDEX]}, True),
    ],
)
def test_keys_and_names_make_a_new_table(change, replaced):
    """CloudFormation's "Update requires: Replacement"."""
    assert properties.table_is_replaced(TABLE, TABLE | change) is replaced


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({}, {}, []),
        ({}, {"DeletionProtectionEnabled": True}, [{"DeletionProtectionEnabled": True}]),
        ({}, {"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}},
         [{"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}]),
        ({"StreamSpecification": {"StreamViewType": "KEYS_ONLY"}}, {},
         [{"StreamSpecification": {"StreamEnabled": False}}]),
        ({}, {"GlobalSecondaryIndexes": [INDEX]},
         [{"GlobalSecondaryIndexUpdates": [{"Create": INDEX}], "AttributeDefinitions": TABLE["AttributeDefinitions"]}]),
        ({"GlobalSecondaryIndexes": [INDEX, OTHER]}, {"GlobalSecondaryIndexes": [OTHER]},
         [{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "i"}}],
           "AttributeDefinitions": TABLE["AttributeDefinitions"]}]),
    ],
)  # fmt: skip
def test_each_change_of_a_table_is_one_update(before, after, changes):
    """UpdateTable takes one kind at a time."""
    expected = [{"TableName": "t", **change} for change in changes]
    assert properties.table_changes(TABLE | before, TABLE | after, "t") == expected


def test_two_indexes_at_once_are_refused_as_by_cloudformation():
    """One is taken (above), two are not."""
    with pytest.raises(PropertyError, match="Cannot perform more than one GSI creation or deletion in a single update"):
        properties.table_changes(TABLE, TABLE | {"GlobalSecondaryIndexes": [INDEX, OTHER]}, "t")


def test_attributes_are_text():
    """SQS and SNS take strings alone; policies are JSON."""
    given = {"VisibilityTimeout": 20, "FifoQueue": True, "RedrivePolicy": {"maxReceiveCount": 3}, "QueueName": "q.fifo"}
    assert properties.queue_attributes(given) == {
        "VisibilityTimeout": "20", "FifoQueue": "true", "RedrivePolicy": '{"maxReceiveCount": 3}',
    }  # fmt: skip
    assert properties.topic_attributes({"DisplayName": "d", "TopicName": "t"}) == {"DisplayName": "d"}


@pytest.mark.parametrize(
    ("given", "name"),
    [({}, "q"), ({"FifoQueue": False}, "q"), ({"FifoQueue": True}, "q.fifo"), ({"FifoQueue": "true"}, "q.fifo")],
)  # fmt: skip
def test_a_made_up_name_of_a_fifo_queue_ends_as_it_must(given, name):
    """CloudFormation adds the suffix to names that it makes up."""
    assert properties.fifo_name("q", given, "FifoQueue") == name


def test_tags_come_as_a_list_or_a_map():
    """Parameters have a map, everything else a list."""
    assert (
        properties.tags({"Tags": [{"Key": "a", "Value": "b"}]}) == properties.tags({"Tags": {"a": "b"}}) == {"a": "b"}
    )
    assert properties.tags({}) == {}


def test_a_parameter_follows_its_template():
    """A parameter that is there already gets the template's value."""
    given = {"Type": "String", "Value": "v", "Description": "d"}
    assert properties.parameter(given, "/p") == given | {"Name": "/p", "Overwrite": True}
