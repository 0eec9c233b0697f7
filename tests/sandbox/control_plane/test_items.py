"""The items' core on moto's tables answers as moto does, and leaves to moto what it is not certain of."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws

from sandbox.control_plane.dynamodb import TARGET, DynamoDb
from sandbox.control_plane.items import ItemCalls
from sandbox.edge.http import HttpRequest, HttpResponse
from sandbox.items.errors import ItemError
from tests.sandbox.items.test_against_moto import CASES, ITEM, by_client, by_moto, moto_client, put, update

TEXT, NUMBER = {"S": "a"}, {"N": "7"}


def item_calls() -> ItemCalls:
    return ItemCalls(account_id="123456789012", region="us-east-1")


def by_both(operations: list[tuple[str, dict]]) -> tuple[list, list[bool]]:
    """Each answer, by the core where it is certain, and whether it was."""
    with mock_aws():
        client, calls = moto_client(), item_calls()
        seen: list[Any] = []
        certain = []
        for operation, request in operations:
            try:
                answer: Any = calls.answer(operation, request)
            except ItemError as error:
                answer = error.code, [one["Code"] for one in error.facts.get("CancellationReasons", ())]
            certain.append(answer is not None)
            seen.append(answer if answer is not None else by_client(client, operation, request))
        return seen, certain


def shown(answers: list) -> list:
    """Answers without the order in which items of one table are told, which DynamoDB does not promise."""
    return [
        {**one, "Items": sorted(one["Items"], key=json.dumps)} if isinstance(one, dict) and "Items" in one else one
        for one in answers
    ]


@pytest.mark.parametrize("name", CASES)
def test_answers_are_those_of_moto_whoever_gives_them(name):
    assert shown(by_both(CASES[name])[0]) == shown(by_moto(CASES[name]))


KEY = {"TableName": "t", "Key": {"id": {"S": "x"}}}
HOT = {
    "a counter": update("ADD k :n", n=NUMBER),
    "a lease": update("SET o = :o, u = :n", "attribute_not_exists(o) OR u < :n", o=TEXT, n=NUMBER, returns="NONE"),
    "put": put("x", session=TEXT),
    "get": ("GetItem", {**KEY, "ConsistentRead": True}),
    "delete": ("DeleteItem", KEY),
    "scan": ("Scan", {"TableName": "t", "ConsistentRead": True, "FilterExpression": "n = :n",
                      "ExpressionAttributeValues": {":n": NUMBER}}),
    "query": ("Query", {"TableName": "t", "IndexName": "by-session", "KeyConditionExpression": "#s = :s",
                        "ExpressionAttributeNames": {"#s": "session"}, "ExpressionAttributeValues": {":s": TEXT}}),
    "transaction": ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": TEXT}}}]}),
}  # fmt: skip


@pytest.mark.parametrize("name", HOT)
def test_what_functions_ask_all_the_time_is_answered_by_the_core(name):
    assert by_both([ITEM, HOT[name]])[1] == [True, True]


DOUBTED = {
    "legacy parameters": ("PutItem", {"TableName": "t", "Item": {"id": TEXT}, "Expected": {}}),
    "capacity": ("GetItem", {**KEY, "ReturnConsumedCapacity": "TOTAL"}),
    "a key of another type": ("GetItem", {"TableName": "t", "Key": {"id": {"N": "1"}}}),
    "an empty key": ("GetItem", {"TableName": "t", "Key": {"id": {"S": ""}}}),
    "too long a key": put("x" * 2049),
    "another key": ("GetItem", {"TableName": "t", "Key": {"id": TEXT, "n": TEXT}}),
    "an index attribute of another type": put("x", session=NUMBER),
    "a number that is none": put("x", n={"N": "seven"}),
    "binary": put("x", b={"B": b"x"}),
    "a set with a member twice": put("x", s={"SS": ["a", "a"]}),
    "a reserved word": update("SET status = :n", n=NUMBER),
    "two paths of one attribute": update("SET #map.a = :n, #map.b = :n", n=NUMBER),
    "a part of the key": update("SET id = :t", t=TEXT),
    "an undefined placeholder": update("SET n = :m", n=NUMBER),
    "an unused placeholder": update("SET n = :n", n=NUMBER, m=NUMBER),
    "an expression that cannot be read": update("SET = :n", n=NUMBER),
    "a counter on text": update("ADD t :n", n=NUMBER),
    "returned values that were updated": update("SET n = :n", returns="UPDATED_NEW", n=NUMBER),
    "a page": ("Scan", {"TableName": "t", "Limit": 1}),
    "a segment": ("Scan", {"TableName": "t", "Segment": 0, "TotalSegments": 2}),
    "no table": ("GetItem", {"TableName": "u", "Key": {"id": TEXT}}),
    "an operation that is rare": ("BatchGetItem", {"RequestItems": {"t": {"Keys": [{"id": TEXT}]}}}),
    "a query without the key": ("Query", {"TableName": "t", "KeyConditionExpression": "n = :n",
                                          "ExpressionAttributeValues": {":n": NUMBER}}),
    "a filter about the key": ("Query", {"TableName": "t", "KeyConditionExpression": "id = :i",
                                         "FilterExpression": "id = :i", "ExpressionAttributeValues": {":i": TEXT}}),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTED)
def test_what_is_not_certain_is_left_to_moto(name):
    with mock_aws():
        client, calls = moto_client(), item_calls()
        by_client(client, *put("x", t=TEXT, map={"M": {}}))
        assert calls.answer(*DOUBTED[name]) is None


def test_an_item_that_would_grow_too_large_is_left_to_moto_as_it_was():
    with mock_aws():
        client, calls = moto_client(), item_calls()
        by_client(client, *put("x", t={"S": "a" * 300_000}))
        assert calls.answer(*update("SET u = :u", u={"S": "a" * 300_000})) is None
        assert "u" not in client.get_item(**KEY)["Item"]


def test_binary_that_is_in_a_table_is_left_to_moto():
    with mock_aws():
        client, calls = moto_client(), item_calls()
        by_client(client, *put("x", b={"B": b"\0"}))
        assert calls.answer("GetItem", KEY) is None


def test_a_table_with_a_stream_is_left_to_moto():
    with mock_aws():
        client, calls = moto_client(), item_calls()
        client.update_table(
            TableName="t", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        )
        assert calls.answer(*ITEM) is None


NAMES = st.sampled_from(["n", "k", "t"])
VALUES = st.sampled_from([NUMBER, {"N": "12"}, {"N": "-1"}, TEXT, {"S": ""}, {"BOOL": True}, {"SS": ["p"]}, {"L": []}])
KEYS = st.sampled_from(["x", "y"])
CONDITIONS = st.sampled_from(
    [None, "attribute_exists(n)", "attribute_not_exists(k) OR n = :v", "NOT n = :v", "n <> :v AND attribute_exists(t)"]
)
CHANGES = st.sampled_from(
    ["SET n = :v", "SET n = n + :v", "SET k = if_not_exists(n, :v)", "REMOVE n, k SET t = :v", "ADD n :v", "ADD k :v"]
)


@st.composite
def operations(draw: st.DrawFn) -> tuple[str, dict]:
    kind: str = draw(st.sampled_from(["PutItem", "UpdateItem", "DeleteItem", "GetItem"]))
    if kind == "PutItem":
        return put(draw(KEYS), **draw(st.dictionaries(NAMES, VALUES, max_size=3)))
    key = draw(KEYS)
    if kind == "UpdateItem":
        returns = draw(st.sampled_from(["NONE", "ALL_NEW", "ALL_OLD"]))
        return update(draw(CHANGES), draw(CONDITIONS), key=key, returns=returns, v=draw(VALUES))
    return kind, {"TableName": "t", "Key": {"id": {"S": key}}}


@settings(deadline=None, max_examples=30)
@given(st.lists(operations(), min_size=1, max_size=8))
def test_any_calls_leave_the_items_that_moto_would_have(given_operations):
    whole: list[tuple[str, dict]] = [*given_operations, ("Scan", {"TableName": "t"})]
    assert shown(by_both(whole)[0]) == shown(by_moto(whole))


def request(operation: str, body: dict) -> HttpRequest:
    headers = (("X-Amz-Target", TARGET + operation),)
    return HttpRequest(
        method="POST", host="localhost", path="/", query="", headers=headers, body=json.dumps(body).encode(),
        source_ip="127.0.0.1",
    )  # fmt: skip


def test_a_condition_that_fails_is_refused_as_dynamodb_writes_it():
    with mock_aws():
        moto_client()
        refused = DynamoDb(item_calls(), lambda: 0).at_once(
            request("DeleteItem", {**KEY, "ConditionExpression": "attribute_exists(n)"})
        )
        assert refused is not None
        assert refused.status == 400
        assert json.loads(refused.body) == {
            "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
            "message": "The conditional request failed",
        }


def test_nothing_is_answered_at_once_while_somebody_is_at_the_tables():
    with mock_aws():
        moto_client()
        calls = item_calls()
        dynamodb = DynamoDb(calls, lambda: 0)
        assert dynamodb.at_once(request("GetItem", KEY)) is not None
        with calls.lock:
            assert dynamodb.at_once(request("GetItem", KEY)) is None

        def by_moto() -> HttpResponse:
            return HttpResponse(status=200 if calls.lock.locked() else 500)

        assert dynamodb.answer(TARGET + "CreateTable", b"{}", by_moto).status == 200
