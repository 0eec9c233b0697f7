from sandbox.stacks.operation import OnFailure, Operation

TYPES = dict.fromkeys("ABC", "AWS::SNS::Topic")


def play(
    operation: Operation,
    *,
    failing: frozenset[str] = frozenset(),
    same: frozenset[str] = frozenset(),
    untouched: bool = False,
) -> list:
    """Carry the operation out: steps named in `failing` ("update A") fail, updates named in `same` change nothing."""
    operation.begin(0)
    now = 0
    while (step := operation.next(now)) is not None:
        now += 1
        if operation.skips(step, now):
            continue
        about = f"{step.action} {step.logical_id}"
        if about in same:
            operation.unchanged(step)
            continue
        if step.action != "settle":
            operation.started(step, now)
        if about in failing:
            operation.failed(step, "no", now, untouched=untouched)
        else:
            operation.succeeded(step, f"id-{step.logical_id}", now)
    return [(event.logical_id, event.status, event.reason) for event in operation.events]


def created(*, failing: frozenset[str] = frozenset(), on_failure: OnFailure = "ROLLBACK") -> Operation:
    operation = Operation("CREATE", types=TYPES, existing={}, wanted=["A", "B", "C"], on_failure=on_failure)
    play(operation, failing=failing)
    return operation


def lines(operation: Operation) -> list[str]:
    return [f"{event.logical_id or 'stack'} {event.status}" for event in operation.events]


def test_a_creation_has_three_events_for_each_resource():
    """F-09: in progress without an id, initiated with one, complete."""
    events = created().events
    assert [(one.logical_id, one.physical_id, one.status, one.reason) for one in events[:4]] == [
        ("", "", "CREATE_IN_PROGRESS", "User Initiated"),
        ("A", "", "CREATE_IN_PROGRESS", None),
        ("A", "id-A", "CREATE_IN_PROGRESS", "Resource creation Initiated"),
        ("A", "id-A", "CREATE_COMPLETE", None),
    ]
    assert (events[-1].status, len(events)) == ("CREATE_COMPLETE", 11)


def test_a_failed_creation_deletes_what_was_made_the_latest_first():
    """F-11."""
    operation = created(failing=frozenset(["create C"]))
    at = lines(operation).index("C CREATE_FAILED")
    assert lines(operation)[at:] == [
        "C CREATE_FAILED", "stack ROLLBACK_IN_PROGRESS", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE",
        "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "stack ROLLBACK_COMPLETE",
    ]  # fmt: skip
    assert operation.events[at + 1].reason == (
        "The following resource(s) failed to create: [C]. Rollback requested by user."
    )


def test_a_rollback_that_cannot_delete_ends_failed():
    operation = created(failing=frozenset(["create C", "delete A"]))
    assert operation.status == "ROLLBACK_FAILED"
    assert operation.reason == "The following resource(s) failed to delete: [A]. "


def test_without_rollback_what_was_made_stays():
    operation = created(failing=frozenset(["create B"]), on_failure="DO_NOTHING")
    assert operation.status == "CREATE_FAILED"
    assert not [line for line in lines(operation) if "DELETE" in line]


def test_a_creation_may_delete_itself():
    operation = created(failing=frozenset(["create B"]), on_failure="DELETE")
    assert operation.status == "DELETE_COMPLETE"


def updating(*, failing: frozenset[str] = frozenset(), same: frozenset[str] = frozenset()) -> Operation:
    """A is changed, B made, C taken away."""
    operation = Operation("UPDATE", types=TYPES, existing={"A": "id-A", "C": "id-C"}, wanted=["A", "B"], unwanted=["C"])
    play(operation, failing=failing, same=same)
    return operation


def test_an_update_deletes_in_its_cleanup():
    assert lines(updating()) == [
        "stack UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE", "B CREATE_IN_PROGRESS",
        "B CREATE_IN_PROGRESS", "B CREATE_COMPLETE", "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "stack UPDATE_COMPLETE",
    ]  # fmt: skip


def test_what_does_not_change_says_nothing():
    assert not [line for line in lines(updating(same=frozenset(["update A"]))) if line.startswith("A")]


def test_a_failed_update_restores_what_it_changed_and_deletes_what_it_made():
    """F-11: the old resources are kept."""
    operation = Operation("UPDATE", types=TYPES, existing={"A": "id-A", "B": "id-B"}, wanted=["A", "C", "B"])
    play(operation, failing=frozenset(["update B"]))
    at = lines(operation).index("B UPDATE_FAILED")
    assert lines(operation)[at:] == [
        "B UPDATE_FAILED", "stack UPDATE_ROLLBACK_IN_PROGRESS", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
        "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE", "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "stack UPDATE_ROLLBACK_COMPLETE",
    ]  # fmt: skip


def test_what_was_not_there_to_be_changed_is_not_restored():
    """F-11: there is nothing to go back to."""
    operation = Operation("UPDATE", types=TYPES, existing={"A": "id-A", "B": "id-B"}, wanted=["A", "B"])
    play(operation, failing=frozenset(["update B"]), untouched=True)
    at = lines(operation).index("B UPDATE_FAILED")
    assert lines(operation)[at + 1 : -1] == [
        "stack UPDATE_ROLLBACK_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE",
        "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    ]  # fmt: skip
    assert operation.status == "UPDATE_ROLLBACK_COMPLETE"


def test_an_update_that_cannot_be_undone_ends_failed():
    operation = updating(failing=frozenset(["create B", "restore A"]))
    assert operation.status == "UPDATE_ROLLBACK_FAILED"


def test_a_creation_that_cannot_be_made_known_is_rolled_back():
    """After everything was made, before it is complete; the reason is the stack's."""
    operation = created(failing=frozenset(["settle "]))
    at = lines(operation).index("C CREATE_COMPLETE")
    assert lines(operation)[at + 1 :] == [
        "stack ROLLBACK_IN_PROGRESS", "C DELETE_IN_PROGRESS", "C DELETE_COMPLETE", "B DELETE_IN_PROGRESS",
        "B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "stack ROLLBACK_COMPLETE",
    ]  # fmt: skip
    assert operation.events[at + 1].reason == "no. Rollback requested by user."


def test_an_update_that_cannot_be_made_known_is_rolled_back():
    """What was to be deleted is still there."""
    operation = updating(failing=frozenset(["settle "]))
    at = lines(operation).index("B CREATE_COMPLETE")
    assert lines(operation)[at + 1 :] == [
        "stack UPDATE_ROLLBACK_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE",
        "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE",
        "stack UPDATE_ROLLBACK_COMPLETE",
    ]  # fmt: skip


def test_a_replaced_resource_is_deleted_in_the_cleanup():
    operation = Operation("UPDATE", types=TYPES, existing={"A": "old"}, wanted=["A"])
    operation.begin(0)
    step = operation.next(1)
    assert step is not None
    operation.started(step, 1)
    operation.replaced(step, "new", 2, old_remains=True)
    settling = operation.next(2)
    assert settling is not None
    operation.succeeded(settling, "", 2)
    cleanup = operation.next(3)
    assert cleanup is not None
    assert (cleanup.action, cleanup.physical_id) == ("delete", "old")
    operation.started(cleanup, 3)
    operation.succeeded(cleanup, "", 4)
    assert operation.next(5) is None
    deleted = [(one.physical_id, one.status) for one in operation.events if one.status.startswith("DELETE")]
    assert deleted == [("old", "DELETE_IN_PROGRESS"), ("old", "DELETE_COMPLETE")]


def test_a_deletion_keeps_what_is_to_be_retained():
    operation = Operation(
        "DELETE", types=TYPES, existing={"A": "id-A", "B": "id-B"}, unwanted=["B", "A"], kept=frozenset(["A"])
    )
    play(operation)
    assert lines(operation) == [
        "stack DELETE_IN_PROGRESS", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "A DELETE_SKIPPED",
        "stack DELETE_COMPLETE",
    ]  # fmt: skip


def test_a_deletion_that_leaves_something_ends_failed():
    operation = Operation("DELETE", types=TYPES, existing={"A": "id-A"}, unwanted=["A"])
    play(operation, failing=frozenset(["delete A"]))
    assert (operation.status, operation.reason) == (
        "DELETE_FAILED", "The following resource(s) failed to delete: [A]. ",
    )  # fmt: skip
