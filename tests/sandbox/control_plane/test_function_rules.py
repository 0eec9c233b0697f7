"""What Lambda refuses of a function, at each limit and one past it."""

from datetime import date

import pytest

from sandbox.control_plane import function_rules as rules

PREFIX = "Lambda was unable to configure your environment variables because the environment variables you have provided"
TODAY = date(2026, 11, 25)


def configuration(creates: bool = True, today: date = TODAY, **given):
    refusal = rules.configuration_refusal(given, today=today, creates=creates)
    return refusal and (refusal.code, refusal.message)


def message(refusal: rules.Refusal | None) -> str | None:
    return None if refusal is None else refusal.message


def test_a_reserved_variable_is_refused_with_lambdas_text():
    """L-03, L-04: fault 2 of the staging record."""
    refusal = rules.environment_refusal({"AWS_REGION": "x", "MINE": "1", "_HANDLER": "y"})
    assert message(refusal) == (
        f"{PREFIX} contains reserved keys that are currently not supported for modification. "
        "Reserved keys used in this request: AWS_REGION, _HANDLER"
    )
    assert rules.environment_refusal({"TZ": "UTC", "PYTHONPATH": "x", "LANG": "C", "PATH": "/"}) is None


@pytest.mark.parametrize("name", sorted(rules.RESERVED_VARIABLES))
def test_each_reserved_variable_is_refused(name):
    """L-03."""
    assert configuration(Environment={"Variables": {name: "x"}}) is not None


@pytest.mark.parametrize(("size", "refused"), [(4096 - len('{"AB":""}'), False), (4097 - len('{"AB":""}'), True)])
def test_an_environment_of_four_kilobytes_is_taken_and_one_byte_more_is_not(size, refused):
    """L-05."""
    refusal = message(rules.environment_refusal({"AB": "x" * size}))
    assert (refusal is not None) is refused
    assert refusal is None or refusal.startswith(f"{PREFIX} exceeded the 4KB limit. String measured: ")


@pytest.mark.parametrize(("name", "refused"), [("AB", False), ("A", True), ("1B", True), ("A-B", True), ("a_1", False)])
def test_a_variables_name_has_two_characters_and_begins_with_a_letter(name, refused):
    """L-05."""
    refusal = rules.environment_refusal({name: "x"})
    assert (refusal is not None) is refused
    assert refusal is None or refusal.code == "ValidationException"


@pytest.mark.parametrize(
    ("given", "shown", "bound"),
    [
        ({"MemorySize": 128}, None, None), ({"MemorySize": 10_240}, None, None),
        ({"MemorySize": 127}, "'127' at 'memorySize'", "greater than or equal to 128"),
        ({"MemorySize": 10_241}, "'10241' at 'memorySize'", "less than or equal to 10240"),
        ({"Timeout": 1}, None, None), ({"Timeout": 900}, None, None),
        ({"Timeout": 0}, "'0' at 'timeout'", "greater than or equal to 1"),
        ({"Timeout": 901}, "'901' at 'timeout'", "less than or equal to 900"),
        ({"EphemeralStorage": {"Size": 10_240}}, None, None),
        ({"EphemeralStorage": {"Size": 511}}, "'511' at 'ephemeralStorage.size'", "greater than or equal to 512"),
    ],
)  # fmt: skip
def test_memory_timeout_and_storage_have_ranges(given, shown, bound):
    """L-31."""
    expected = shown and (
        "ValidationException",
        f"1 validation error detected: Value {shown} failed to satisfy constraint: Member must have value {bound}",
    )
    assert configuration(**given) == expected


@pytest.mark.parametrize(
    ("runtime", "creates", "today", "refused"),
    [
        ("python3.7", True, TODAY, True), ("python3.7", False, TODAY, False), ("python3.6", False, TODAY, True),
        ("python3.11", True, date(2027, 7, 30), False), ("python3.11", True, date(2027, 7, 31), True),
        ("python3.11", False, date(2027, 8, 30), False), ("python3.11", False, date(2027, 8, 31), True),
    ],
)  # fmt: skip
def test_a_runtime_is_refused_from_its_days_on(runtime, creates, today, refused):
    """L-30."""
    answer = configuration(Runtime=runtime, creates=creates, today=today)
    assert (answer is not None) is refused
    assert answer is None or answer[1].startswith(f"The runtime parameter of {runtime} is no longer supported for crea")


def layer(number: int) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:layer:l{number}:1"


def test_five_layers_are_taken_and_six_are_not():
    """L-28."""
    assert configuration(Layers=[layer(number) for number in range(5)]) is None
    answer = configuration(Layers=[layer(number) for number in range(6)])
    assert answer == ("InvalidParameterValueException", "Cannot reference more than 5 layers.")


def test_a_layer_is_taken_in_one_version():
    """L-28."""
    answer = configuration(Layers=[layer(1), layer(1).removesuffix("1") + "2"])
    assert answer is not None
    assert answer[1].startswith("Two different versions of the same layer are not allowed")


@pytest.mark.parametrize(
    ("zipped", "unzipped", "layers", "text"),
    [
        (52_428_800, 1, 0, None), (52_428_801, 1, 0, "Zipped size must be smaller than 52428800 bytes"),
        (None, 262_144_000, 0, None), (None, 262_144_001, 0, "Unzipped size must be smaller than 262144000 bytes"),
        (None, 1, 262_143_999, None),
        (None, 2, 262_143_999, "Function code combined with layers exceeds the maximum allowed size of 262144000 "
                               "bytes. The actual size is 262144001 bytes."),
    ],
)  # fmt: skip
def test_code_and_layers_have_a_size(zipped, unzipped, layers, text):
    """L-29."""
    assert message(rules.package_refusal(zipped_bytes=zipped, unzipped_bytes=unzipped, layers_bytes=layers)) == text


def test_an_archive_has_a_file():
    """L-29: what is no archive is refused elsewhere."""
    assert message(rules.archive_refusal(0)) == "Uploaded file must be a non-empty zip"
    assert rules.archive_refusal(1) is None
    assert rules.archive_refusal(None) is None


def test_a_request_that_carries_too_much_is_413():
    """L-29."""
    assert rules.request_refusal(70_167_211, "CreateFunction") is None
    refusal = rules.request_refusal(70_167_212, "CreateFunction")
    assert refusal is not None
    assert (refusal.status, refusal.code, refusal.message) == (
        413, "RequestEntityTooLargeException",
        "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "others", "refused"), [(900, 0, False), (901, 0, True), (1, 899, False), (1, 900, True)]
)
def test_reservations_leave_a_hundred_to_the_others(wanted, others, refused):
    """L-27."""
    assert (rules.reservation_refusal(wanted, others=others) is not None) is refused


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"visibility_timeout_s": 30}, None), ({"visibility_timeout_s": None}, None),
        ({"visibility_timeout_s": 29},
         "Queue visibility timeout: 29 seconds is less than Function timeout: 30 seconds"),
        ({"batch_size": 11}, "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
                             "than 10"),
        ({"batch_size": 11, "window_s": 1}, None),
        ({"window_s": 1, "is_fifo": True}, "Batching window is not supported for FIFO queues"),
    ],
)  # fmt: skip
def test_a_mapping_fits_its_queue_and_its_function(given, text):
    """The API reference of CreateEventSourceMapping, with Lambda's texts."""
    usual = {"batch_size": 10, "window_s": 0, "is_fifo": False, "visibility_timeout_s": 30, "function_timeout_s": 30}
    assert message(rules.mapping_refusal(**{**usual, **given})) == text
