"""The deployed resources that the data plane runs, as plain immutable data.

The control plane publishes one `Definitions` document for each revision of its state; gateway, functions and
schedules read nothing else, so whoever made a resource (our deployment, `cdk deploy`, boto3, the AWS CLI), it runs.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cattrs import Converter


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer version of a function; `path` is the folder with the unpacked archive (what Lambda mounts at /opt)."""

    arn: str
    path: str
    code_sha256: str


@dataclass(frozen=True, kw_only=True)
class Permission:
    """One statement of a function's resource policy."""

    sid: str
    principal: str
    action: str
    source_arn: str | None = None
    source_account: str | None = None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One operator of a statement's Condition with one key and the values it is compared with."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy. `inverted_*`: the policy says NotAction, NotResource or NotPrincipal.

    `principals` are as written (`AWS:…`, `Service:…`, `*`); a policy of a role has none.
    """

    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    principals: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    inverted_actions: bool = False
    inverted_resources: bool = False
    inverted_principals: bool = False


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role with the statements of all its policies; `boundary` are those of its permissions boundary, if it has
    one."""

    name: str
    arn: str
    statements: tuple[Statement, ...] = ()
    boundary: tuple[Statement, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Function:
    """A Lambda function's current configuration; `path` is the folder with its unpacked code (/var/task).

    It can be invoked from `active_ms` on, by the sandbox's clock.
    """

    name: str
    arn: str
    runtime: str
    handler: str
    role_arn: str
    timeout_s: int
    memory_mb: int
    path: str
    code_sha256: str
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Layer, ...] = ()
    permissions: tuple[Permission, ...] = ()
    ephemeral_storage_mb: int = 512
    reserved_concurrency: int | None = None
    maximum_retry_attempts: int = 2
    maximum_event_age_s: int = 21_600
    dead_letter_arn: str | None = None
    on_success_arn: str | None = None
    on_failure_arn: str | None = None
    recursive_loop: str = "Terminate"
    active_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Authorizer:
    """A REQUEST authorizer; `identity_sources` as written in the API (`route.request.querystring.token`)."""

    authorizer_id: str
    function_arn: str
    identity_sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Integration:
    """What a route calls; `function_arn` is set for AWS_PROXY integrations with a Lambda function."""

    integration_id: str
    integration_type: str
    function_arn: str | None = None
    timeout_ms: int = 29_000


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """A stage's limit for one route: requests per second, and how many at once."""

    rate_per_s: float
    burst: int


@dataclass(frozen=True, kw_only=True)
class Route:
    """One route of a stage; `returns_response`: it has a route response, so a returned body reaches the client.

    `detailed_metrics`: it is counted by itself too.
    """

    route_key: str
    authorization_type: str = "NONE"
    authorizer: Authorizer | None = None
    integration: Integration | None = None
    returns_response: bool = False
    throttle: Throttle | None = None
    detailed_metrics: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage as *deployed*: routes and selection expression are its deployment's, not those edited since.

    `deployment_id` is empty where nothing is deployed yet.
    """

    name: str
    deployment_id: str
    route_selection_expression: str = "$request.body.action"
    routes: Mapping[str, Route] = field(default_factory=dict)
    stage_variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WebSocketApi:
    """A WebSocket API and its stages."""

    api_id: str
    name: str
    stages: Mapping[str, Stage] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RuleTarget:
    """One target of an EventBridge rule; `input` replaces the event when given, `input_path` takes a part of it, and
    `input_template` is filled with what `input_paths` name.

    What cannot be delivered goes to the queue of `dead_letter_arn`.
    """

    target_id: str
    arn: str
    input: str | None = None
    input_path: str | None = None
    input_paths: Mapping[str, str] = field(default_factory=dict)
    input_template: str | None = None
    maximum_retry_attempts: int = 185
    maximum_event_age_s: int = 86_400
    dead_letter_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """An EventBridge rule with a schedule."""

    name: str
    arn: str
    schedule_expression: str
    enabled: bool = True
    created_ms: int = 0
    targets: tuple[RuleTarget, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EventSource:
    """A queue whose messages invoke a function.

    `window_s` is how long a batch is gathered; `reports_failures`: the function names those that failed.
    """

    mapping_id: str
    function_arn: str
    queue_arn: str
    batch_size: int
    window_s: int = 0
    maximum_concurrency: int | None = None
    enabled: bool = True
    reports_failures: bool = False


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A metric alarm. `statistic` is one of the five, or pNN; `treat_missing` as in CloudFormation.

    Without a `unit`, data points of any count.
    """

    name: str
    arn: str
    namespace: str
    metric: str
    statistic: str
    comparison: str
    threshold: float
    period_s: int
    evaluation_periods: int
    datapoints_to_alarm: int
    description: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    unit: str | None = None
    treat_missing: str = "missing"
    actions_enabled: bool = True
    alarm_actions: tuple[str, ...] = ()
    ok_actions: tuple[str, ...] = ()
    insufficient_data_actions: tuple[str, ...] = ()
    updated_ms: int = 0


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A CloudWatch dashboard; `body` is its JSON document."""

    name: str
    body: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A CloudFormation stack's name, status and outputs."""

    name: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Definitions:
    """Everything the data plane runs, at one revision of the control plane's state."""

    revision: int
    account_id: str
    region: str
    functions: Mapping[str, Function] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    """By ARN."""
    apis: Mapping[str, WebSocketApi] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    event_sources: Mapping[str, EventSource] = field(default_factory=dict)
    alarms: Mapping[str, Alarm] = field(default_factory=dict)
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    stacks: Mapping[str, Stack] = field(default_factory=dict)


def counts(definitions: Definitions) -> dict[str, int]:
    """How many there are of each kind that the data plane runs."""
    return {
        "functions": len(definitions.functions), "apis": len(definitions.apis), "rules": len(definitions.rules),
        "eventSources": len(definitions.event_sources), "alarms": len(definitions.alarms),
    }  # fmt: skip


def to_json(definitions: Definitions) -> str:
    """`Definitions` as the JSON document the control plane's feed answers with."""
    # Without slots and properties that are kept, an object's variables are its fields.
    return json.dumps(definitions, default=vars, separators=(",", ":"))


def from_json(document: Mapping[str, Any]) -> Definitions:
    """The inverse of `to_json`, once that is parsed; raises `cattrs.BaseValidationError` for another shape."""
    return _converter().structure(document, Definitions)


@cache
def _converter() -> "Converter":
    # Whoever only writes the document has no need of it, and it takes long to load.
    from cattrs import Converter

    return Converter(forbid_extra_keys=True)
