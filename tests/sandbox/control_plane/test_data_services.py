"""Tables, queues, topics, parameters and alarms as boto3 meets them: AWS's codes and texts."""

import json
import urllib.request

import pytest

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def table(aws) -> str:
    aws("dynamodb").create_table(
        TableName="rows", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
    )  # fmt: skip
    return "rows"


def key(value: str) -> dict:
    return {"k": {"S": value}}


def test_a_condition_that_fails_shows_the_item(aws, table):
    """D-04: with ReturnValuesOnConditionCheckFailure."""
    aws("dynamodb").put_item(TableName=table, Item=key("d04"))
    with pytest.raises(aws("dynamodb").exceptions.ConditionalCheckFailedException) as raised:
        aws("dynamodb").put_item(
            TableName=table, Item=key("d04"), ConditionExpression="attribute_not_exists(k)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )  # fmt: skip
    assert raised.value.response["Error"]["Message"] == "The conditional request failed"
    assert raised.value.response["Item"] == key("d04")


def test_a_cancelled_transaction_names_its_reasons(aws, table):
    """D-05: one for each action, in their order, and nothing is written."""
    aws("dynamodb").put_item(TableName=table, Item=key("d05"))
    actions = [
        {"Put": {"TableName": table, "Item": key("d05"), "ConditionExpression": "attribute_not_exists(k)"}},
        {"Put": {"TableName": table, "Item": key("d05-other")}},
    ]
    with pytest.raises(aws("dynamodb").exceptions.TransactionCanceledException) as raised:
        aws("dynamodb").transact_write_items(TransactItems=actions)
    assert raised.value.response["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]"
    )
    reasons = raised.value.response["CancellationReasons"]
    assert [one["Code"] for one in reasons] == ["ConditionalCheckFailed", "None"]
    assert "Item" not in aws("dynamodb").get_item(TableName=table, Key=key("d05-other"))


def test_a_transaction_has_100_actions_at_most_and_one_for_an_item(aws, table, refused):
    """D-06."""
    put = [{"Put": {"TableName": table, "Item": key(f"d06-{number}")}} for number in range(101)]
    assert refused(aws("dynamodb").transact_write_items, TransactItems=put)[0] == "ValidationException"
    aws("dynamodb").transact_write_items(TransactItems=put[:100])
    twice = [put[0], {"Delete": {"TableName": table, "Key": key("d06-0")}}]
    assert refused(aws("dynamodb").transact_write_items, TransactItems=twice) == (
        "ValidationException", "Transaction request cannot include multiple operations on one item",
    )  # fmt: skip


@pytest.mark.parametrize("counting", ["ADD times :one", "SET times = if_not_exists(times, :none) + :one"])
def test_a_repeated_transaction_is_not_carried_out_again(aws, table, refused, counting):
    """D-06: under its token, whoever carries it out; another under that token is refused."""

    def count(token: str, name: str = "d06-counted") -> dict:
        values = {":one": {"N": "1"}} | ({":none": {"N": "0"}} if ":none" in counting else {})
        update = {"TableName": table, "Key": key(name), "UpdateExpression": counting,
                  "ExpressionAttributeValues": values}  # fmt: skip
        return {"TransactItems": [{"Update": update}], "ClientRequestToken": token}

    dynamodb, token = aws("dynamodb"), f"token-{len(counting)}"
    dynamodb.delete_item(TableName=table, Key=key("d06-counted"))
    for _ in range(2):
        dynamodb.transact_write_items(**count(token))
    assert refused(dynamodb.transact_write_items, **count(token, "d06-other"))[0] == (
        "IdempotentParameterMismatchException"
    )
    dynamodb.transact_write_items(**count(f"{token}-new"))
    assert dynamodb.get_item(TableName=table, Key=key("d06-counted"))["Item"]["times"] == {"N": "2"}


def test_a_reserved_word_needs_an_alias(aws, table, refused):
    """D-07: in an update, a condition and a projection."""
    values = {":v": {"S": "x"}}
    update = aws("dynamodb").update_item
    assert refused(
        update, TableName=table, Key=key("d07"), UpdateExpression="SET status = :v", ExpressionAttributeValues=values
    ) == (
        "ValidationException",
        "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status",
    )
    code, text = refused(
        update, TableName=table, Key=key("d07"), UpdateExpression="SET a = :v", ConditionExpression="connection = :v",
        ExpressionAttributeValues=values,
    )  # fmt: skip
    assert (code, text.rpartition(" ")[2]) == ("ValidationException", "connection")
    code, text = refused(aws("dynamodb").get_item, TableName=table, Key=key("d07"), ProjectionExpression="ttl")
    assert (code, text.rpartition(" ")[2]) == ("ValidationException", "ttl")


def test_an_item_has_400_kb_at_most(aws, table, refused):
    """D-08: with the names of its attributes; a put and an update say it differently."""
    put, update = aws("dynamodb").put_item, aws("dynamodb").update_item
    most = 400 * 1024 - len("kd08b")
    put(TableName=table, Item={**key("d08"), "b": {"S": "x" * most}})
    assert refused(put, TableName=table, Item={**key("d08"), "b": {"S": "x" * (most + 1)}}) == (
        "ValidationException", "Item size has exceeded the maximum allowed size",
    )  # fmt: skip
    assert refused(
        update, TableName=table, Key=key("d08"), UpdateExpression="SET b = :v",
        ExpressionAttributeValues={":v": {"S": "x" * 409_600}},
    ) == ("ValidationException", "Item size to update has exceeded the maximum allowed size")  # fmt: skip


def test_a_partition_keys_value_has_2048_bytes_at_most(aws, table, refused):
    """D-09: with the service's missing space."""
    aws("dynamodb").put_item(TableName=table, Item=key("x" * 2048))
    assert refused(aws("dynamodb").put_item, TableName=table, Item=key("x" * 2049)) == (
        "ValidationException",
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes",
    )
    assert refused(aws("dynamodb").create_table, TableName="ab")[0] == "ValidationException"


def test_a_table_that_is_missing(aws, refused):
    """D-11: the two planes say it differently."""
    gone = {"TableName": "gone"}
    data = ("ResourceNotFoundException", "Requested resource not found")
    assert refused(aws("dynamodb").get_item, **gone, Key=key("x")) == data
    assert refused(aws("dynamodb").put_item, **gone, Item=key("x")) == data
    control = ("ResourceNotFoundException", "Requested resource not found: Table: gone not found")
    assert refused(aws("dynamodb").describe_table, **gone) == control


def test_batches_have_their_limits(aws, table, refused):
    """D-12: 25 writes and 100 reads."""
    writes = [{"PutRequest": {"Item": key(f"d12-{number}")}} for number in range(26)]
    assert aws("dynamodb").batch_write_item(RequestItems={table: writes[:25]})["UnprocessedItems"] == {}
    assert refused(aws("dynamodb").batch_write_item, RequestItems={table: writes})[0] == "ValidationException"
    keys = [key(f"d12-{number}") for number in range(101)]
    read = aws("dynamodb").batch_get_item(RequestItems={table: {"Keys": keys[:100]}})["Responses"][table]
    assert len(read) == 25
    assert refused(aws("dynamodb").batch_get_item, RequestItems={table: {"Keys": keys}})[0] == "ValidationException"


def test_time_to_live_changes_once_an_hour(aws, table, refused, later):
    """D-03: nothing new, or too soon, is refused."""
    update = aws("dynamodb").update_time_to_live
    update(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
    again = {"Enabled": True, "AttributeName": "ttl"}
    assert refused(update, TableName=table, TimeToLiveSpecification=again) == (
        "ValidationException", "TimeToLive is already enabled",
    )  # fmt: skip
    off = {"Enabled": False, "AttributeName": "ttl"}
    assert refused(update, TableName=table, TimeToLiveSpecification=off) == (
        "ValidationException", "Time to live has been modified multiple times within a fixed interval",
    )  # fmt: skip
    later(3_600_000)
    update(TableName=table, TimeToLiveSpecification=off)


@pytest.fixture(scope="module")
def fifo(aws) -> str:
    attributes = {"FifoQueue": "true", "VisibilityTimeout": "60"}
    return str(aws("sqs").create_queue(QueueName="orders.fifo", Attributes=attributes)["QueueUrl"])


def test_a_fifo_queue_is_told_group_and_deduplication(aws, fifo, refused):
    """Q-01."""
    send = aws("sqs").send_message
    assert refused(send, QueueUrl=fifo, MessageBody="m", MessageDeduplicationId="1") == (
        "MissingParameter", "The request must contain the parameter MessageGroupId.",
    )  # fmt: skip
    assert refused(send, QueueUrl=fifo, MessageBody="m", MessageGroupId="g") == (
        "InvalidParameterValue",
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
    assert refused(
        send, QueueUrl=fifo, MessageBody="m", MessageGroupId="g", MessageDeduplicationId="1", DelaySeconds=2
    ) == (
        "InvalidParameterValue",
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for "
        "this queue type.",
    )


def test_a_fifo_duplicate_arrives_once_even_after_delete(aws, fifo):
    """Q-02: the second send is answered, and nothing comes of it."""
    sqs, message = aws("sqs"), {"MessageBody": "m", "MessageGroupId": "q02", "MessageDeduplicationId": "q02"}
    sent = sqs.send_message(QueueUrl=fifo, **message)
    (received,) = sqs.receive_message(QueueUrl=fifo)["Messages"]
    sqs.delete_message(QueueUrl=fifo, ReceiptHandle=received["ReceiptHandle"])
    assert sqs.send_message(QueueUrl=fifo, **message)["MessageId"] == sent["MessageId"]
    assert "Messages" not in sqs.receive_message(QueueUrl=fifo)


def test_polling_and_batches_have_their_limits(aws, fifo, refused):
    """Q-05, Q-06: both kinds of queues say it alike."""
    queue = aws("sqs").create_queue(QueueName="plain")["QueueUrl"]
    for url in (queue, fifo):
        assert refused(aws("sqs").receive_message, QueueUrl=url, WaitTimeSeconds=21) == (
            "InvalidParameterValue",
            "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.",
        )
        assert refused(aws("sqs").receive_message, QueueUrl=url, MaxNumberOfMessages=11) == (
            "InvalidParameterValue",
            "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.",
        )
        assert "Messages" not in aws("sqs").receive_message(QueueUrl=url)
    entries = [{"Id": str(number), "MessageBody": "m"} for number in range(20)]
    assert refused(aws("sqs").send_message_batch, QueueUrl=queue, Entries=entries) == (
        "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        "Maximum number of entries per request are 10. You have sent 20.",
    )


def test_a_message_has_one_mebibyte_at_most(aws, refused):
    """Q-07: alone, and all of a batch together."""
    queue = aws("sqs").create_queue(QueueName="large")["QueueUrl"]
    aws("sqs").send_message(QueueUrl=queue, MessageBody="m" * 1_048_576)
    assert refused(aws("sqs").send_message, QueueUrl=queue, MessageBody="m" * 1_048_577)[1] == (
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
    )
    halves = [{"Id": "1", "MessageBody": "m" * 524_288}, {"Id": "2", "MessageBody": "m" * 524_289}]
    assert refused(aws("sqs").send_message_batch, QueueUrl=queue, Entries=halves)[1] == (
        "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes."
    )


def test_a_new_queue_has_sqss_defaults(aws, refused):
    """Q-08."""
    queue = aws("sqs").create_queue(QueueName="defaults")["QueueUrl"]
    found = aws("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    wanted = {"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "DelaySeconds": "0"}
    assert {name: found[name] for name in wanted} == wanted
    long = refused(aws("sqs").create_queue, QueueName="x" * 81)
    assert long[1] == "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    code, _ = refused(aws("sqs").create_queue, QueueName="q", Attributes={"VisibilityTimeout": "43201"})
    assert code == "InvalidAttributeValue"


def test_a_queue_that_is_missing(aws, url, refused):
    """Q-09."""
    assert refused(aws("sqs").send_message, QueueUrl=f"{url}/{ACCOUNT}/gone", MessageBody="m") == (
        "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.",
    )  # fmt: skip


def subscribed(aws, name: str, **attributes: str) -> tuple[str, str]:
    """A topic and a queue that lets it in."""
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    queue = aws("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    lets_in = {
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }  # fmt: skip
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [lets_in]})})
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return topic, queue


GIVEN = {"colour": {"DataType": "String", "StringValue": "blue"}}


def test_a_topics_message_comes_in_its_envelope(aws):
    """N-01: the fields in SNS's order."""
    topic, queue = subscribed(aws, "enveloped")
    aws("sns").publish(TopicArn=topic, Message="hi", Subject="s", MessageAttributes=GIVEN)
    (message,) = aws("sqs").receive_message(QueueUrl=queue)["Messages"]
    body = json.loads(message["Body"])
    assert list(body) == [
        "Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature",
        "SigningCertURL", "UnsubscribeURL", "MessageAttributes",
    ]  # fmt: skip
    assert (body["Type"], body["TopicArn"], body["Subject"], body["Message"]) == ("Notification", topic, "s", "hi")
    assert body["MessageAttributes"] == {"colour": {"Type": "String", "Value": "blue"}}


def test_a_raw_message_comes_as_it_is(aws):
    """N-02: its attributes are the queue's own."""
    topic, queue = subscribed(aws, "raw", RawMessageDelivery="true")
    aws("sns").publish(TopicArn=topic, Message="hi", MessageAttributes=GIVEN)
    (message,) = aws("sqs").receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]) == ("hi", GIVEN)


def test_a_publishers_trace_travels_with_its_message(aws):
    """L-33: SNS passes it on to the queue, so that chains through topics have an end."""
    topic, queue = subscribed(aws, "traced")
    trace = "Root=1-12345678-123456789012345678901234;Lineage=1:12345678:3"

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = trace

    aws("sns").meta.events.register("before-sign.sns", add)
    aws("sns").publish(TopicArn=topic, Message="hi")
    aws("sns").meta.events.unregister("before-sign.sns", add)
    (message,) = aws("sqs").receive_message(QueueUrl=queue, MessageSystemAttributeNames=["All"])["Messages"]
    assert message["Attributes"]["AWSTraceHeader"] == trace


def test_a_queue_gets_only_what_its_policy_lets_in(aws):
    """SNS gives up what it may not deliver."""
    topic, queue = subscribed(aws, "closed")
    aws("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": ""})
    aws("sns").publish(TopicArn=topic, Message="hi")
    assert "Messages" not in aws("sqs").receive_message(QueueUrl=queue)


def test_what_cannot_be_published(aws, refused):
    """N-07: the request's own faults, and a topic that is not there."""
    topic = aws("sns").create_topic(Name="strict")["TopicArn"]
    publish = aws("sns").publish
    assert refused(publish, TopicArn=topic, Message="") == ("InvalidParameter", "Invalid parameter: Empty message")
    assert refused(publish, TopicArn=topic, Message="x", Subject="") == (
        "InvalidParameter", "Invalid parameter: Subject",
    )  # fmt: skip
    assert refused(publish, TopicArn=f"{topic}-gone", Message="x") == ("NotFound", "Topic does not exist")
    assert refused(aws("sns").subscribe, TopicArn=topic, Protocol="sqs", Endpoint="nowhere") == (
        "InvalidParameter", "Invalid parameter: SQS endpoint ARN",
    )  # fmt: skip


def test_a_parameter_that_is_missing(aws, refused):
    """P-01: without a message; asked for among others, it is named."""
    assert refused(aws("ssm").get_parameter, Name="/gone") == ("ParameterNotFound", "")
    assert aws("ssm").get_parameters(Names=["/gone"])["InvalidParameters"] == ["/gone"]


def test_a_parameter_that_is_too_long(aws, refused):
    """P-02."""
    assert refused(aws("ssm").put_parameter, Name="/long", Value="x" * 4097, Type="String") == (
        "ValidationException",
        "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter "
        "value, upgrade the parameter to use the advanced-parameter tier. For more information, see "
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
    )


def test_a_parameter_that_is_there(aws, refused):
    """P-03: it is overwritten only when that is asked for, and its version counts."""
    put = aws("ssm").put_parameter
    assert put(Name="/there", Value="1", Type="String")["Version"] == 1
    assert refused(put, Name="/there", Value="2", Type="String") == (
        "ParameterAlreadyExists",
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    )
    assert put(Name="/there", Value="2", Type="String", Overwrite=True)["Version"] == 2


def test_names_that_are_aws_own(aws, refused):
    """P-04."""
    put = aws("ssm").put_parameter
    assert refused(put, Name="aws-mine", Value="x", Type="String") == (
        "ValidationException",
        'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    )
    assert refused(put, Name="/aws/mine", Value="x", Type="String") == (
        "AccessDeniedException", "No access to reserved parameter name: /aws/mine.",
    )  # fmt: skip


def test_ten_parameters_are_read_at_once(aws, refused):
    """P-05."""
    names = [f"/n{number}" for number in range(11)]
    assert len(aws("ssm").get_parameters(Names=names[:10])["InvalidParameters"]) == 10
    assert refused(aws("ssm").get_parameters, Names=names)[0] == "ValidationException"


def test_data_points_are_checked(aws, refused):
    """C-01, C-02: a compressed request too, which boto3 makes of a large one."""
    put = aws("cloudwatch").put_metric_data
    both = [{"MetricName": "M", "Value": 1.0, "Values": [1.0]}]
    assert refused(put, Namespace="N", MetricData=both) == (
        "InvalidParameterCombination",
        "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have "
        "specified both.",
    )
    uneven = [{"MetricName": "M", "Values": [1.0, 2.0], "Counts": [1.0]}]
    assert refused(put, Namespace="N", MetricData=uneven) == (
        "InvalidParameterValue",
        "The parameters MetricData.member.1.Values and MetricData.member.1.Counts must be of the same size.",
    )
    many = [{"MetricName": "M", "Value": 1.0}] * 1001
    assert refused(put, Namespace="N", MetricData=many)[1] == (
        "The collection MetricData must not have a size greater than 1000."
    )


def test_an_alarm_begins_without_data_and_keeps_its_state_when_changed(aws):
    """C-06."""
    cloudwatch = aws("cloudwatch")

    def put(threshold: int) -> str:
        cloudwatch.put_metric_alarm(
            AlarmName="new", Namespace="N", MetricName="M", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=threshold, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=["new"])["MetricAlarms"]
        return str(alarm["StateValue"])

    assert put(1) == "INSUFFICIENT_DATA"
    cloudwatch.set_alarm_state(AlarmName="new", StateValue="ALARM", StateReason="told so")
    assert put(2) == "ALARM"


def test_cloudwatch_is_answered_in_both_older_protocols(aws, url):
    """C-03: JSON, which boto3 and the AWS CLI speak, and the query protocol."""
    assert "MetricAlarms" in aws("cloudwatch").describe_alarms()
    scope = "AWS4-HMAC-SHA256 Credential=x/20261125/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0"
    query = urllib.request.Request(
        url, data=b"Action=DescribeAlarms&Version=2010-08-01",
        headers={"Authorization": scope, "Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    with urllib.request.urlopen(query) as answer:
        assert b"<DescribeAlarmsResponse" in answer.read()


def test_an_email_subscription_is_there_at_once(aws):
    """N-05: nobody confirms here; what the topic says is in the inbox."""
    topic = aws("sns").create_topic(Name="on-call")["TopicArn"]
    subscribed = aws("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
    assert subscribed["SubscriptionArn"].startswith(topic)


def test_a_page_has_one_megabyte_before_its_filter(aws, table):
    """D-12: what is filtered out has been read."""
    for number in range(4):
        row = {**key(f"page-{number}"), "b": {"S": "x" * 390_000}, "page": {"S": "1"}}
        aws("dynamodb").put_item(TableName=table, Item=row)
    page = aws("dynamodb").scan(TableName=table, FilterExpression="attribute_not_exists(k)")
    assert (page["Count"], "LastEvaluatedKey" in page) == (0, True)


def test_what_is_expired_is_read_until_it_is_deleted(aws, table):
    """D-01: a read, a query and an update find it."""
    aws("dynamodb").put_item(TableName=table, Item={**key("d01"), "ttl": {"N": "1"}})
    assert "Item" in aws("dynamodb").get_item(TableName=table, Key=key("d01"))
    update = aws("dynamodb").update_item(
        TableName=table, Key=key("d01"), UpdateExpression="SET a = :v", ExpressionAttributeValues={":v": {"S": "x"}},
        ReturnValues="ALL_NEW",
    )  # fmt: skip
    assert update["Attributes"]["ttl"] == {"N": "1"}
