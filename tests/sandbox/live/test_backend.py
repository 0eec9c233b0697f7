"""Which backend holds which service, from what the user said."""

from pathlib import Path

import pytest
import yaml

from sandbox.live.backend import DATA_SERVICES, LOCALSTACK_URL, Backend, BackendError, choose, from_environment
from sandbox.live.settings import DEFAULT_PORT

ROOT = Path(__file__).resolve().parents[3]


def test_embedded_has_no_endpoint_elsewhere():
    """The default: all data is in the sandbox's own control plane."""
    assert choose("embedded") == Backend()
    assert choose("embedded").endpoints() == {}


def test_localstack_is_where_compose_publishes_it():
    """Not at the sandbox's own port, so that both run side by side."""
    assert choose("localstack").endpoints() == dict.fromkeys(("dynamodb", "sns", "sqs", "ssm"), LOCALSTACK_URL)
    assert not LOCALSTACK_URL.endswith(f":{DEFAULT_PORT}")
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["localstack"]
    assert compose["ports"] == [f"127.0.0.1:{LOCALSTACK_URL.rpartition(':')[2]}:4566"]
    assert set(compose["environment"]["SERVICES"].split(",")) == set(DATA_SERVICES)


def test_compose_and_host_mode_run_one_version():
    """The image's tag and the lock's pin."""
    image = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["localstack"]["image"]
    version = image.rpartition(":")[2]
    assert f"localstack-core=={version} " in (ROOT / "requirements" / "localstack.lock").read_text()


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://localhost:4599", "http://localhost:4599"),
        ("http://localhost:4599/", "http://localhost:4599"),
        ("https://localstack.test", "https://localstack.test"),
        ("http://[::1]:4566", "http://[::1]:4566"),
    ],
)
def test_a_url_is_taken_as_it_is(given, url):
    """Host and port; a slash at the end means nothing."""
    backend = choose(given)
    assert backend.url == url
    assert set(backend.endpoints().values()) == {url}


def test_dynamodb_may_be_elsewhere_than_the_rest():
    """LocalStack in host mode has none; DynamoDB Local has nothing else."""
    split = choose("http://localhost:4599", dynamodb="http://localhost:8000").endpoints()
    assert split == {
        "dynamodb": "http://localhost:8000",
        "sns": "http://localhost:4599",
        "sqs": "http://localhost:4599",
        "ssm": "http://localhost:4599",
    }
    assert choose("embedded", dynamodb="http://localhost:8000").endpoints() == {"dynamodb": "http://localhost:8000"}


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("cloud", "expected --backend to be embedded, localstack or a URL, got cloud"),
        ("ftp://localhost", "expected --backend to be a URL such as http://localhost:4567, got ftp://localhost"),
        ("http://localhost:port", "got http://localhost:port"),
        ("http://", "got http://"),
        ("http://localhost:4566/path", "got http://localhost:4566/path"),
        ("http://localhost:4566?x=1", "got http://localhost:4566?x=1"),
        ("https://sqs.us-east-1.amazonaws.com", "got AWS itself (sqs.us-east-1.amazonaws.com): deploy there with cdk"),
    ],
)
def test_what_is_no_backend_is_refused_in_one_line(given, text):
    """What was expected, what came, and no traceback."""
    with pytest.raises(BackendError) as refused:
        choose(given)
    assert text in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_password_is_refused_and_not_repeated():
    """No secret reaches a log or a state file."""
    with pytest.raises(BackendError) as refused:
        choose("http://user:secret@localhost:4566")
    assert "secret" not in str(refused.value)


def test_the_same_holds_for_dynamodbs_own_url():
    """The text names the option."""
    with pytest.raises(BackendError, match="expected --dynamodb to be a URL"):
        choose("embedded", dynamodb="localhost")


def test_tests_find_the_backend_in_two_variables():
    """Unset and empty both mean embedded."""
    assert from_environment({}) == Backend()
    assert from_environment({"SANDBOX_BACKEND": "", "SANDBOX_DYNAMODB": ""}) == Backend()
    given = {"SANDBOX_BACKEND": "localstack", "SANDBOX_DYNAMODB": "http://localhost:8000"}
    assert from_environment(given) == choose("localstack", dynamodb="http://localhost:8000")
