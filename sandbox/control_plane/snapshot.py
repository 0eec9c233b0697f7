"""moto's state as the `Definitions` that the data plane runs."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.apigatewayv2.models import apigatewayv2_backends
from moto.awslambda.models import lambda_backends
from moto.cloudwatch.models import cloudwatch_backends
from moto.events.models import events_backends

from sandbox.control_plane import policies, websocket_apis
from sandbox.control_plane.archives import unpack
from sandbox.control_plane.function_operations import active_ms
from sandbox.definitions import model

if TYPE_CHECKING:
    from sandbox.control_plane.stacks.stack import Stack


class Snapshots:
    """Reads the state of one account and Region; remembers when each rule was first seen, which moto does not."""

    def __init__(
        self,
        *,
        account_id: str,
        region: str,
        code_dir: Path,
        layers_dir: Path,
        now_ms: Callable[[], int],
        stacks: Callable[[], Iterable["Stack"]],
    ) -> None:
        """Archives of functions and of layers are unpacked in these folders. `stacks`: those that have not been
        deleted; none as long as nobody has asked for CloudFormation."""
        self._stacks = stacks
        self._now_ms = now_ms
        self._account_id = account_id
        self._region = region
        self._code_dir = code_dir
        self._layers_dir = layers_dir
        self._rules_seen_ms: dict[str, int] = {}

    def take(self, revision: int) -> model.Definitions:
        """Everything the data plane runs, now."""
        return model.Definitions(
            revision=revision,
            account_id=self._account_id,
            region=self._region,
            functions={one.name: one for one in map(self._function, self._backend(lambda_backends).list_functions())},
            roles=policies.roles(self._account_id),
            apis={
                api.api_id: websocket_apis.deployed(api)
                for api in self._backend(apigatewayv2_backends).apis.values()
                if api.protocol_type == "WEBSOCKET"
            },
            rules=self._rules(),
            event_sources={
                one.uuid: model.EventSource(
                    mapping_id=one.uuid,
                    function_arn=one.function_arn.removesuffix(":$LATEST"),
                    queue_arn=one.event_source_arn,
                    batch_size=int(one.batch_size),
                    window_s=int(one.max_batch_window or 0),
                    maximum_concurrency=(one.scaling_config or {}).get("MaximumConcurrency"),
                    enabled=one.enabled in (True, "true"),
                    reports_failures="ReportBatchItemFailures" in (one.function_response_types or ()),
                )
                for one in self._backend(lambda_backends).list_event_source_mappings(None, None)
            },
            alarms={
                one.name: self._alarm(one)
                for one in self._backend(cloudwatch_backends).alarms.values()
                if one.namespace
            },
            dashboards={
                one.name: model.Dashboard(name=one.name, body=one.body)
                for one in self._backend(cloudwatch_backends).dashboards.values()
            },
            stacks={
                stack.name: model.Stack(
                    name=stack.name,
                    status=stack.status,
                    outputs={one["OutputKey"]: one["OutputValue"] for one in stack.outputs},
                )
                for stack in self._stacks()
            },
        )

    def _backend(self, backends: Any) -> Any:
        return backends[self._account_id][self._region]

    def _function(self, function: Any) -> model.Function:
        retries: dict[str, Any] = function.event_invoke_config[-1].config if function.event_invoke_config else {}
        destinations = retries.get("DestinationConfig", {})
        return model.Function(
            name=function.function_name,
            arn=function.function_arn.removesuffix(":$LATEST"),
            runtime=function.run_time or "",
            handler=function.handler or "",
            role_arn=function.role,
            timeout_s=int(function.timeout),
            memory_mb=int(function.memory_size),
            path=self._unpacked(function, self._code_dir),
            code_sha256=function.code_sha_256,
            environment={name: str(value) for name, value in function.environment_vars.items()},
            layers=tuple(self._layer(layer["Arn"]) for layer in function.layers),
            permissions=tuple(map(self._permission, function.policy.statements)),
            reserved_concurrency=function.reserved_concurrency,
            maximum_retry_attempts=int(retries.get("MaximumRetryAttempts", 2)),
            maximum_event_age_s=int(retries.get("MaximumEventAgeInSeconds", 21_600)),
            ephemeral_storage_mb=int(function.ephemeral_storage),
            dead_letter_arn=function.dead_letter_arn or None,
            on_success_arn=destinations.get("OnSuccess", {}).get("Destination"),
            on_failure_arn=destinations.get("OnFailure", {}).get("Destination"),
            recursive_loop=function.recursive_loop,
            active_ms=active_ms(function),
        )

    def _layer(self, arn: str) -> model.Layer:
        version = self._backend(lambda_backends).layers_versions_by_arn(arn)
        return model.Layer(arn=arn, path=self._unpacked(version, self._layers_dir), code_sha256=version.code_sha_256)

    @staticmethod
    def _unpacked(holder: Any, root: Path) -> str:
        """The folder of a function's or layer's archive, which moto then need not hold in memory."""
        path = unpack(holder.code_bytes, holder.code_sha_256, root)
        holder.code_bytes = b""
        return str(path)

    @staticmethod
    def _permission(statement: dict[str, Any]) -> model.Permission:
        principal = statement.get("Principal", "")
        conditions = statement.get("Condition", {})
        source_arn = next((one["AWS:SourceArn"] for one in conditions.values() if "AWS:SourceArn" in one), None)
        account = next((one["AWS:SourceAccount"] for one in conditions.values() if "AWS:SourceAccount" in one), None)
        return model.Permission(
            sid=statement.get("Sid", ""),
            principal=next(iter(principal.values())) if isinstance(principal, dict) else principal,
            action=statement.get("Action", ""),
            source_arn=source_arn,
            source_account=account,
        )

    @staticmethod
    def _alarm(alarm: Any) -> model.Alarm:
        return model.Alarm(
            name=alarm.name,
            arn=alarm.alarm_arn,
            namespace=alarm.namespace,
            metric=alarm.metric_name,
            statistic=alarm.statistic or alarm.extended_statistic or "Average",
            comparison=alarm.comparison_operator,
            threshold=float(alarm.threshold),
            period_s=int(alarm.period),
            evaluation_periods=int(alarm.evaluation_periods),
            datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
            description=alarm.description or "",
            dimensions=tuple(sorted((one.name, one.value) for one in alarm.dimensions)),
            unit=alarm.unit or None,
            treat_missing=alarm.treat_missing_data or "missing",
            actions_enabled=alarm.actions_enabled in (True, "true"),
            alarm_actions=tuple(alarm.alarm_actions or ()),
            ok_actions=tuple(alarm.ok_actions or ()),
            insufficient_data_actions=tuple(alarm.insufficient_data_actions or ()),
            updated_ms=round(alarm.configuration_updated_timestamp.timestamp() * 1000),
        )

    def _rules(self) -> dict[str, model.Rule]:
        found = {}
        for bus in self._backend(events_backends).event_buses.values():
            for rule in bus.rules.values():
                if rule.scheduled_expression:
                    found[rule.name] = model.Rule(
                        name=rule.name,
                        arn=rule.arn,
                        schedule_expression=rule.scheduled_expression,
                        enabled=rule.state == "ENABLED",
                        created_ms=self._rules_seen_ms.setdefault(rule.arn, self._now_ms()),
                        targets=tuple(map(self._target, rule.targets)),
                    )
        return found

    @staticmethod
    def _target(target: dict[str, Any]) -> model.RuleTarget:
        transformer, retries = target.get("InputTransformer") or {}, target.get("RetryPolicy") or {}
        return model.RuleTarget(
            target_id=target["Id"],
            arn=target["Arn"],
            input=target.get("Input"),
            input_path=target.get("InputPath"),
            input_paths=transformer.get("InputPathsMap") or {},
            input_template=transformer.get("InputTemplate"),
            maximum_retry_attempts=int(retries.get("MaximumRetryAttempts", 185)),
            maximum_event_age_s=int(retries.get("MaximumEventAgeInSeconds", 86_400)),
            dead_letter_arn=(target.get("DeadLetterConfig") or {}).get("Arn"),
        )
