"""Small documents for the examples of drift rules, as YAML text."""

from __future__ import annotations

from zeues_contracts.rules.model import DriftExample

__all__ = ["api", "given", "of_request", "of_response", "taken", "things"]


def api(paths: str = "{}", rest: str = "") -> str:
    """A document with these paths (flow YAML) and further top-level lines."""
    return f'openapi: 3.1.0\ninfo: {{title: Things, version: "1"}}\npaths: {paths}\n{rest}'


def things(operation: str, rest: str = "", method: str = "post") -> str:
    """A document of one operation on ``/things``: its members as flow YAML, without the braces."""
    described = (
        operation if operation.startswith("responses:") else f"{operation}{', ' if operation else ''}responses: {_OK}"
    )
    return api(f"\n  /things:\n    {method}: {{{described}}}", rest)


def taken(schema: str) -> str:
    """A document whose one request body has a schema (flow YAML)."""
    return things(f"requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}")


def given(schema: str) -> str:
    """A document whose one response has a schema (flow YAML)."""
    body = f"{{description: Things, content: {{application/json: {{schema: {schema}}}}}}}"
    return things(f'responses: {{"200": {body}}}', method="get")


def of_request(old: str, new: str) -> DriftExample:
    """One request body that changed."""
    return DriftExample(taken(old), taken(new))


def of_response(old: str, new: str) -> DriftExample:
    """One response that changed."""
    return DriftExample(given(old), given(new))


_OK = '{"200": {description: Done}}'
