"""How LocalStack and DynamoDB Local are started."""

from pathlib import Path

from sandbox.live.backend import DATA_SERVICES
from sandbox.testing.localstack.servers import dynamodb_arguments, localstack_environment


def test_localstack_reports_nothing_and_fetches_nothing():
    """No telemetry, no certificate, no name server; its files stay in a folder of ours."""
    given = localstack_environment(4599, Path("/files"))
    assert given["DISABLE_EVENTS"] == given["SKIP_SSL_CERT_DOWNLOAD"] == "1"
    assert given["DNS_ADDRESS"] == given["OVERRIDE_IN_DOCKER"] == "0"
    assert given["FILESYSTEM_ROOT"] == "/files"


def test_between_them_they_serve_every_data_service():
    """LocalStack leaves DynamoDB alone, which would be a download."""
    assert set(localstack_environment(1, Path("/f"))["SERVICES"].split(",")) == set(DATA_SERVICES) - {"dynamodb"}


def test_dynamodb_local_has_one_set_of_tables_and_reports_nothing():
    """Whatever key and Region a client has."""
    assert {"-sharedDb", "-inMemory", "-disableTelemetry"} <= set(dynamodb_arguments(8000))
    assert dynamodb_arguments(8000)[dynamodb_arguments(8000).index("-port") + 1] == "8000"
