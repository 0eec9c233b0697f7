"""What moto's Lambda leaves out of a function, and Lambda's refusals in front of its operations."""

import base64
import contextlib
import io
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

from moto.awslambda import urls
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaBackend, LambdaFunction, LayerVersion, lambda_backends
from moto.awslambda.responses import LambdaResponse

from sandbox.control_plane import function_rules
from sandbox.control_plane.clock import PlaneClock
from sandbox.control_plane.function_rules import Refusal

_NUMBERS = ("MemorySize", "ReservedConcurrentExecutions", "Timeout")
_RECURSION = "{0}/2024-08-31/functions/(?P<function_name>[^/]+)/recursion-config$"


class RefusedError(LambdaClientError):
    """A refusal as moto answers it."""

    def __init__(self, refusal: Refusal) -> None:
        self.code = refusal.status
        super().__init__(refusal.code, refusal.message)


def install(clock: PlaneClock, *, state_lasts_ms: int) -> None:
    """Wrap moto's operations; once a process, before the first request.

    A function that the API made or changed is Pending or InProgress for `state_lasts_ms`; on AWS it is a second or two.
    """
    _measure_layers()
    _check_functions()
    _check_reservations()
    _take_every_property_of_a_template()
    _show_states(clock, state_lasts_ms)
    _add_recursion_configuration()
    # `Ref` of a layer version is its ARN.
    LayerVersion.physical_resource_id = property(lambda version: version.arn)


def refuse(refusal: Refusal | None) -> None:
    """Raises RefusedError for a refusal."""
    if refusal is not None:
        raise RefusedError(refusal)


@contextlib.contextmanager
def template_refusals() -> Iterator[None]:
    """Lambda's refusals as those of a stack's resource, in CloudFormation's words and protocol."""
    try:
        yield
    except LambdaClientError as error:
        # Loaded by whoever deploys a template, and not before (`deferred`).
        from moto.cloudformation.exceptions import ValidationError

        status = f"(Service: Lambda, Status Code: {error.code}, Request ID: {uuid.uuid4()})"
        raise ValidationError(message=f'Resource handler returned message: "{error.message} {status}"') from error


def active_ms(function: Any) -> int:
    """From when on a function can be invoked, in epoch milliseconds; 0 for one that always could."""
    since: int = getattr(function, "active_ms", 0)
    return since


def _measured(archive: bytes) -> int:
    """The size of an archive's files; nothing for what is no archive, which is refused where it is unpacked. Raises
    RefusedError for one without a file."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as content:
            files = content.infolist()
    except zipfile.BadZipFile:
        return 0
    refuse(function_rules.archive_refusal(len(files)))
    return sum(member.file_size for member in files)


def _measure_layers() -> None:
    make = LayerVersion.__init__

    def made(version: Any, *given: Any, **named: Any) -> None:
        make(version, *given, **named)
        version.unzipped_bytes = _measured(version.code_bytes)
        zipped_bytes = len(version.code_bytes) if "ZipFile" in version.content else None
        size = version.unzipped_bytes
        refuse(function_rules.package_refusal(zipped_bytes=zipped_bytes, unzipped_bytes=size, layers_bytes=0))

    LayerVersion.__init__ = made


def _check_functions() -> None:
    make, configure = LambdaFunction.__init__, LambdaFunction.update_configuration
    set_code, find_layers = LambdaFunction._set_function_code, LambdaFunction._get_layers_data

    def made(function: Any, account_id: str, spec: dict[str, Any], region: str, version: Any = 1) -> None:
        refuse(function_rules.configuration_refusal(spec, today=_today(), creates=True))
        make(function, account_id, spec, region, version)
        _keep(function, spec)

    def configured(function: Any, given: dict[str, Any]) -> Any:
        refuse(function_rules.configuration_refusal(given, today=_today(), creates=False))
        before = dict(function.__dict__)
        try:
            configure(function, given)
            _check_package(function, zipped_bytes=None)
        except Exception:
            function.__dict__.update(before)
            raise
        _keep(function, given)
        return function.get_configuration()

    def with_code(function: Any, spec: dict[str, Any]) -> None:
        before = {**function.__dict__, "code": dict(function.code)}
        set_code(function, spec)
        try:
            if function.code_bytes:
                function.unzipped_bytes = _measured(function.code_bytes)
            elif "S3Key" in spec:
                refuse(function_rules.missing_object())
            _check_package(function, zipped_bytes=function.code_size if "ZipFile" in spec else None)
        except RefusedError:
            function.__dict__.update(before)
            raise

    def layers_of(function: Any, arns: list[str]) -> Any:
        for arn in arns:
            if _backend(function).layers_versions_by_arn(arn) is None:
                refuse(function_rules.missing_layer(arn))
        return find_layers(function, arns)

    LambdaFunction.__init__, LambdaFunction.update_configuration = made, configured
    LambdaFunction._set_function_code, LambdaFunction._get_layers_data = with_code, layers_of


def _check_package(function: Any, *, zipped_bytes: int | None) -> None:
    layers = [_backend(function).layers_versions_by_arn(layer["Arn"]) for layer in function.layers]
    refuse(
        function_rules.package_refusal(
            zipped_bytes=zipped_bytes,
            unzipped_bytes=getattr(function, "unzipped_bytes", 0),
            layers_bytes=sum(layer.unzipped_bytes for layer in layers if layer is not None),
        )
    )


def _keep(function: Any, given: Mapping[str, Any]) -> None:
    """What moto reads of no request, or of the first only."""
    function.recursive_loop = given.get("RecursiveLoop") or getattr(function, "recursive_loop", "Terminate")
    dead_letters = (given.get("DeadLetterConfig") or {}).get("TargetArn")
    function.dead_letter_arn = dead_letters if dead_letters is not None else getattr(function, "dead_letter_arn", None)
    if "EphemeralStorage" in given:
        function.ephemeral_storage = int(given["EphemeralStorage"]["Size"])


def _check_reservations() -> None:
    put, configure = LambdaBackend.put_function_concurrency, LambdaBackend.update_function_event_invoke_config

    def checked(backend: Any, function_name: str, reserved_concurrency: Any) -> Any:
        others = (one for one in backend.list_functions() if one.function_name != function_name)
        taken = sum(int(one.reserved_concurrency or 0) for one in others)
        refuse(function_rules.reservation_refusal(int(reserved_concurrency), others=taken))
        return put(backend, function_name, int(reserved_concurrency))

    def merged(backend: Any, function_name: str, config: dict[str, Any]) -> Any:
        # moto would forget what the request leaves out.
        before = backend.get_function(function_name).event_invoke_config
        return configure(backend, function_name, {**(before[-1].config if before else {}), **config})

    LambdaBackend.put_function_concurrency = checked
    LambdaBackend.update_function_event_invoke_config = merged


def _take_every_property_of_a_template() -> None:
    def properties(document: Any) -> dict[str, Any]:
        given = dict(document["Properties"])
        given |= {name: int(given[name]) for name in _NUMBERS if name in given}
        given["Tags"] = {tag["Key"]: tag["Value"] for tag in given.get("Tags") or ()}
        # moto keeps it and writes into it, and the stack's own must stay what a rollback goes back to.
        code = given["Code"] = dict(given["Code"])
        if "ZipFile" in code:
            # In a template it is the text of one module.
            archive = LambdaFunction._create_zipfile_from_plaintext_code(code["ZipFile"])
            given["Code"] = {"ZipFile": base64.b64encode(archive).decode()}
        return given

    def create(
        _class: Any, /, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
    ) -> Any:
        given = {**properties(cloudformation_json), "FunctionName": resource_name}
        with template_refusals():
            return lambda_backends[account_id][region_name].create_function(given)

    def update(_class: Any, /, *, original_resource: Any, cloudformation_json: Any, **_: Any) -> Any:
        given = properties(cloudformation_json)
        # What a template no longer names has its default again.
        defaults = {"Environment": {"Variables": {}}, "Layers": [], "MemorySize": 128, "Timeout": 3,
                    "RecursiveLoop": "Terminate", "DeadLetterConfig": {"TargetArn": ""}}  # fmt: skip
        with template_refusals():
            original_resource.update_configuration({**defaults, **given})
            original_resource.update_function_code(given["Code"])
        original_resource.reserved_concurrency = given.get("ReservedConcurrentExecutions")
        return original_resource

    LambdaFunction.create_from_cloudformation_json = classmethod(create)
    LambdaFunction.update_from_cloudformation_json = classmethod(update)


def _show_states(clock: PlaneClock, lasts_ms: int) -> None:
    """L-32: what is asked by the API takes a moment; a template's functions are ready when their stack is."""
    show, create = LambdaFunction.get_configuration, LambdaResponse.create_function
    change_code, configure = LambdaResponse.update_function_code, LambdaResponse.update_function_configuration

    def shown(function: Any, on_create: bool = False) -> Any:
        if on_create:
            function.active_ms = clock.now_ms() + lasts_ms
        found = show(function, on_create)
        if function.dead_letter_arn:
            found["DeadLetterConfig"] = {"TargetArn": function.dead_letter_arn}
        reason = {"Reason": "The function is being created.", "ReasonCode": "Creating"}
        now_ms = clock.now_ms()
        if _state(function, now_ms) == "Pending":
            found |= {"State": "Pending"} | {f"State{name}": text for name, text in reason.items()}
        if not on_create and _update_status(function, now_ms) == "InProgress":
            found |= {"LastUpdateStatus": "InProgress"} | {f"LastUpdateStatus{n}": t for n, t in reason.items()}
        return found

    def created(response: Any) -> Any:
        refuse(function_rules.request_refusal(len(response.body or ""), "CreateFunction"))
        return create(response)

    def changing(change: Any, operation: str) -> Any:
        def changed(response: Any) -> Any:
            refuse(function_rules.request_refusal(len(response.body or ""), operation))
            function = response.backend.get_function(response.path.rsplit("/", 2)[-2])
            refuse(function_rules.configuration_refusal(response.json_body, today=_today(), creates=False))
            now_ms, arn = clock.now_ms(), function.function_arn
            refuse(function_rules.busy_refusal(_state(function, now_ms), _update_status(function, now_ms), arn))
            answer = change(response)
            function.updated_ms = clock.now_ms() + lasts_ms
            return answer[0], answer[1], json.dumps(function.get_configuration())

        return changed

    LambdaFunction.get_configuration, LambdaResponse.create_function = shown, created
    LambdaResponse.update_function_code = changing(change_code, "UpdateFunctionCode")
    LambdaResponse.update_function_configuration = changing(configure, "UpdateFunctionConfiguration")


def _add_recursion_configuration() -> None:
    """L-33: moto has neither of the two operations."""

    def function(response: Any) -> Any:
        return response.backend.get_function(response.path.rsplit("/", 2)[-2])

    def get_function_recursion_config(response: Any) -> Any:
        return 200, {}, json.dumps({"RecursiveLoop": function(response).recursive_loop})

    def put_function_recursion_config(response: Any) -> Any:
        wanted = response.json_body.get("RecursiveLoop")
        refuse(function_rules.recursion_refusal(wanted))
        function(response).recursive_loop = wanted
        return get_function_recursion_config(response)

    urls.url_paths[_RECURSION] = LambdaResponse.dispatch
    LambdaResponse.get_function_recursion_config = get_function_recursion_config
    LambdaResponse.put_function_recursion_config = put_function_recursion_config


def _backend(function: Any) -> Any:
    return lambda_backends[function.account_id][function.region]


def _state(function: Any, now_ms: int) -> str:
    return "Pending" if now_ms < active_ms(function) else "Active"


def _update_status(function: Any, now_ms: int) -> str:
    return "InProgress" if now_ms < getattr(function, "updated_ms", 0) else "Successful"


def _today() -> date:
    return datetime.now(tz=UTC).date()
