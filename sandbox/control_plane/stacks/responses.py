"""CloudFormation's API over `Stacks`: moto parses requests and serialises answers, by AWS's own service model."""

from typing import Any, ClassVar

from moto.cloudformation import urls
from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.cloudformation.utils import get_stack_from_s3_url
from moto.core.responses import ActionResult, EmptyResult

from sandbox.control_plane.stacks import views
from sandbox.control_plane.stacks.service import Request, Stacks
from sandbox.stacks.errors import StackRefusal
from sandbox.stacks.limits import INLINE_TEMPLATE_BYTES


def install(stacks: Stacks) -> None:
    """Answer CloudFormation's requests from these stacks, before moto's application is made."""
    StackResponse.stacks = stacks
    urls.url_paths = {"{0}/$": StackResponse.dispatch}


class StackResponse(CloudFormationResponse):
    """One request. moto makes it by class, so the stacks are the class's own."""

    stacks: ClassVar[Stacks]
    RESPONSE_KEY_PATH_TO_TRANSFORMER: ClassVar[dict[str, Any]] = {}

    def call_action(self) -> Any:
        """Refusals are answered in CloudFormation's form."""
        try:
            with self.stacks.lock:
                return super().call_action()
        except StackRefusal as refusal:
            status, headers, body = self.serialized(ActionResult(CloudFormationError(refusal.code, refusal.text)))
            return status, headers, body

    def create_stack(self) -> ActionResult:
        return ActionResult({"StackId": self.stacks.create(self._request()).stack_id})

    def update_stack(self) -> ActionResult:
        return ActionResult({"StackId": self.stacks.update(self._request()).stack_id})

    def delete_stack(self) -> ActionResult:
        self.stacks.delete(self._get_param("StackName"))
        return EmptyResult()

    def update_termination_protection(self) -> ActionResult:
        protected = bool(self._get_param("EnableTerminationProtection"))
        return ActionResult({"StackId": self.stacks.protect(self._get_param("StackName"), protected).stack_id})

    def describe_stacks(self) -> ActionResult:
        name = self._get_param("StackName")
        found = [self.stacks.at_rest(name)] if name else self.stacks.live()
        return ActionResult({"Stacks": [views.stack(one) for one in found]})

    def list_stacks(self) -> ActionResult:
        wanted = self._get_param("StackStatusFilter") or []
        rows = [views.summary(one) for one in self.stacks.every()]
        return ActionResult({"StackSummaries": [row for row in rows if not wanted or row["StackStatus"] in wanted]})

    def describe_stack_events(self) -> ActionResult:
        stack = self.stacks.get(self._get_param("StackName"))
        return ActionResult({"StackEvents": [views.event(stack, *one) for one in reversed(stack.events)]})

    def describe_stack_resource(self) -> ActionResult:
        stack = self.stacks.get(self._get_param("StackName"))
        return ActionResult({"StackResourceDetail": views.resource_of(stack, self._get_param("LogicalResourceId"))})

    def describe_stack_resources(self) -> ActionResult:
        name, physical_id = self._get_param("StackName"), self._get_param("PhysicalResourceId")
        if name is None:
            name = self.stacks.holding(physical_id).stack_id
        rows = views.resources(self.stacks.get(name), "Timestamp")
        logical_id = self._get_param("LogicalResourceId")
        chosen = [
            row
            for row in rows
            if logical_id in (None, row["LogicalResourceId"]) and physical_id in (None, row["PhysicalResourceId"])
        ]
        return ActionResult({"StackResources": chosen})

    def list_stack_resources(self) -> ActionResult:
        rows = views.resources(self.stacks.get(self._get_param("StackName")), "LastUpdatedTimestamp")
        return ActionResult({"StackResourceSummaries": rows})

    def get_template(self) -> ActionResult:
        change_set = self._get_param("ChangeSetName")
        if change_set is not None:
            wanted: Any = self.stacks.change_set(change_set, self._get_param("StackName")).wanted
        else:
            wanted = self.stacks.get(self._get_param("StackName")).wanted
        body = wanted.template.body if wanted is not None else "{}"
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        name = self._get_param("StackName")
        body = self._body()
        if body is None and name is not None:
            wanted = self.stacks.get(name).wanted
            body = wanted.template.body if wanted is not None else None
        return ActionResult(views.template_summary(self.stacks.checked(body or "")))

    def validate_template(self) -> ActionResult:
        return ActionResult(views.validated(self.stacks.checked(self._body() or "")))

    def create_change_set(self) -> ActionResult:
        made = self.stacks.create_change_set(
            self._request(),
            name=self._get_param("ChangeSetName"),
            kind=self._get_param("ChangeSetType") or "UPDATE",
            description=self._get_param("Description"),
        )
        return ActionResult({"Id": made.change_set_id, "StackId": made.stack.stack_id})

    def describe_change_set(self) -> ActionResult:
        found = self.stacks.change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))
        with_values = bool(self._get_param("IncludePropertyValues"))
        return ActionResult(views.change_set(found, with_values=with_values))

    def list_change_sets(self) -> ActionResult:
        stack = self.stacks.get(self._get_param("StackName"))
        return ActionResult({"Summaries": [views.change_set_summary(one) for one in self.stacks.change_sets_of(stack)]})

    def delete_change_set(self) -> ActionResult:
        self.stacks.delete_change_set(self._get_param("ChangeSetName"), self._get_param("StackName"))
        return EmptyResult()

    def execute_change_set(self) -> ActionResult:
        self.stacks.execute(self._get_param("ChangeSetName"), self._get_param("StackName"))
        return EmptyResult()

    def list_exports(self) -> ActionResult:
        rows = [
            {"ExportingStackId": stack.stack_id, "Name": name, "Value": value}
            for stack in self.stacks.live()
            for name, value in stack.exports().items()
        ]
        return ActionResult({"Exports": rows})

    def _request(self) -> Request:
        given = self._get_param("Parameters") or []
        tags = self._get_param("Tags")
        on_failure = self._get_param("OnFailure") or "ROLLBACK"
        return Request(
            name=self._get_param("StackName"),
            body=self._body(),
            given={one["ParameterKey"]: one.get("ParameterValue", "") for one in given if not _kept(one)},
            kept_parameters=frozenset(one["ParameterKey"] for one in given if _kept(one)),
            capabilities=tuple(self._get_param("Capabilities") or ()),
            tags={one["Key"]: one["Value"] for one in tags} if tags is not None else None,
            role_arn=self._get_param("RoleARN"),
            notification_arns=tuple(self._get_param("NotificationARNs") or ()),
            protected=bool(self._get_param("EnableTerminationProtection")),
            on_failure="DO_NOTHING" if self._get_param("DisableRollback") else on_failure,
        )

    def _body(self) -> str | None:
        body, url = self._get_param("TemplateBody"), self._get_param("TemplateURL")
        if body is not None and len(body.encode()) > INLINE_TEMPLATE_BYTES:
            raise StackRefusal(
                "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
                f"Member must have length less than or equal to {INLINE_TEMPLATE_BYTES}"
            )
        if body is None and url is not None:
            try:
                fetched: str = get_stack_from_s3_url(url, account_id=self.current_account, partition=self.partition)
            except Exception as error:
                raise StackRefusal(f"S3 error: Access Denied\nfor {url.partition('?')[0]}: {error}") from error
            return fetched
        if body is None and not self._get_param("UsePreviousTemplate") and self._get_param("StackName") is None:
            raise StackRefusal("Either Template URL or Template Body must be specified.")
        text: str | None = body
        return text


def _kept(parameter: dict[str, Any]) -> bool:
    return bool(parameter.get("UsePreviousValue"))
