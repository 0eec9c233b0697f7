"""AWS's answers to a call that is not allowed, each in its service's words and form. Pure.

Sources: aws/aws-cdk#18410 (`@connections`), aws/serverless-application-model#3633 (SQS),
nmwalsh/aws-ai-services-site#49 (Translate), goodatlas/react-native-audio-record#40 (Transcribe),
awsdocs/aws-doc-sdk-examples#4896 (Polly), IAM User Guide "Troubleshoot access denied error messages".
"""

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from sandbox.edge.http import HttpResponse
from sandbox.permissions.calls import Protocol
from sandbox.permissions.evaluation import Decision, Need

_CODES = {"sns": "AuthorizationError"}
_BAD_REQUEST = frozenset(["dynamodb", "ssm", "logs", "events", "translate", "secretsmanager", "cognito-idp", "kms"])
"""JSON services that say 400 where others say 403."""
_SHOWN_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A call that policies do not allow. `caller` is a session's ARN, or an AWS service's name."""

    caller: str
    need: Need
    decision: Decision

    @property
    def service(self) -> str:
        return self.need.action.partition(":")[0]

    @property
    def text(self) -> str:
        """The service's message."""
        action, about = self._action(), self._about()
        why = self.decision.value.format(action=action)
        return f"User: {self.caller} is not authorized to perform: {action}{about} {why}"

    def _action(self) -> str:
        match self.service:
            case "sqs":
                return self.need.action.lower()
            case "sns":
                return f"SNS:{self.need.action.partition(':')[2]}"
        return self.need.action

    def _about(self) -> str:
        resource = self.need.resource
        if resource == "*":
            return ""
        if self.service == "execute-api":
            # API Gateway hides the account and names no connection.
            parts = resource.split(":", 5)
            parts[4] = "*" * (len(parts[4]) - _SHOWN_DIGITS) + parts[4][-_SHOWN_DIGITS:]
            parts[5] = parts[5].rpartition("/")[0] + "/{connectionId}"
            resource = ":".join(parts)
        return f' on resource: "{resource}"' if self.service == "s3" else f" on resource: {resource}"


def answer(refusal: Refusal, protocol: Protocol) -> HttpResponse:
    """The refusal as the service sends it."""
    code = _CODES.get(refusal.service, "AccessDenied")
    match protocol:
        case "query":
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(refusal.text)}</Message>"
                "</Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>"
            )
            return HttpResponse(status=403, headers=(("Content-Type", "text/xml"),), body=body.encode())
        case "rest-xml":
            body = f"<Error><Code>AccessDenied</Code><Message>{escape(refusal.text)}</Message></Error>"
            return HttpResponse(status=403, headers=(("Content-Type", "application/xml"),), body=body.encode())
        case "cbor":
            headers = (("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor"))
            said = {"__type": "com.amazon.coral.service#AccessDeniedException", "message": refusal.text}
            return HttpResponse(status=403, headers=headers, body=_cbor(said))
        case "rest-json":
            headers = (("Content-Type", "application/json"), ("x-amzn-ErrorType", "AccessDeniedException"))
            said = {"Message" if refusal.service != "execute-api" else "message": refusal.text}
            return HttpResponse(status=403, headers=headers, body=json.dumps(said).encode())
        case "json":
            return _json(refusal)


def _json(refusal: Refusal) -> HttpResponse:
    headers = [("Content-Type", "application/x-amz-json-1.0")]
    if refusal.service == "sqs":
        # Clients of the older protocol know the code by this header.
        headers.append(("x-amzn-query-error", "AccessDenied;Sender"))
    said = {"__type": "com.amazon.coral.service#AccessDeniedException", "Message": refusal.text}
    status = 400 if refusal.service in _BAD_REQUEST else 403
    return HttpResponse(status=status, headers=tuple(headers), body=json.dumps(said).encode())


def _cbor(texts: dict[str, str]) -> bytes:
    """A map of texts (RFC 8949)."""
    return bytes([0xA0 + len(texts)]) + b"".join(_cbor_text(one) for pair in texts.items() for one in pair)


def _cbor_text(text: str) -> bytes:
    data = text.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data
