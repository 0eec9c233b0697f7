"""Who may read a session's queue."""

import pytest
from audio_processor.lease import Claim, Lease, claim

NOW = 1_000_000
LIVE, OVER = NOW + 1, NOW


@pytest.mark.parametrize(
    ("lease", "predecessor", "expected"),
    [
        (Lease(), None, Claim.ACQUIRE),
        (Lease(token=3, owner="a", expires_at_ms=LIVE), None, Claim.LEAVE),
        (Lease(token=3, owner="a", expires_at_ms=OVER), None, Claim.ACQUIRE),
        (Lease(token=3, owner="a", expires_at_ms=0), None, Claim.ACQUIRE),
        (Lease(token=3, owner="me", expires_at_ms=LIVE), None, Claim.OWN),
        (Lease(token=3, owner="a", expires_at_ms=LIVE), 3, Claim.ANNOUNCE),
        (Lease(token=3, owner="a", expires_at_ms=LIVE, successor="me"), 3, Claim.WAIT),
        (Lease(token=3, owner="a", expires_at_ms=LIVE, successor="b"), 3, Claim.LEAVE),
        (Lease(token=3, owner="a", expires_at_ms=OVER, successor="me"), 3, Claim.ACQUIRE),
        (Lease(token=3, owner="a", expires_at_ms=0, successor="me"), 3, Claim.LEAVE),
        (Lease(token=4, owner="me", expires_at_ms=LIVE), 3, Claim.OWN),
        (Lease(token=4, owner="b", expires_at_ms=LIVE), 3, Claim.LEAVE),
        (Lease(token=4, owner="b", expires_at_ms=OVER), 3, Claim.LEAVE),
    ],
)
def test_what_a_worker_does_about_a_lease(lease, predecessor, expected):
    assert claim(lease, worker="me", predecessor_token=predecessor, now_ms=NOW) is expected
