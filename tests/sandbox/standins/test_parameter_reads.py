"""The Parameter Store is read 40 times a second, and no more."""

import pytest

from sandbox.gateway.quotas import AWS_QUOTAS
from sandbox.standins.parameter_reads import ParameterReads


@pytest.fixture
def reads() -> ParameterReads:
    """An account with AWS's own quota, which has read 40 parameters in this millisecond."""
    made = ParameterReads(AWS_QUOTAS.parameter_reads_per_s)
    assert not any(made.throttles("GetParameter", 1000) for _ in range(40))
    return made


def test_the_forty_first_read_of_a_second_is_throttled(reads):
    """P-05: every way to read shares them."""
    assert [reads.throttles(one, 1000) for one in ("GetParameter", "GetParameters", "GetParametersByPath")] == [
        True
    ] * 3


def test_reads_come_back_with_time(reads):
    """P-05: one each 25 milliseconds."""
    assert [reads.throttles("GetParameter", at_ms) for at_ms in (1024, 1025, 1025)] == [True, False, True]


def test_a_write_is_no_read(reads):
    """P-05."""
    assert not reads.throttles("PutParameter", 1000)
