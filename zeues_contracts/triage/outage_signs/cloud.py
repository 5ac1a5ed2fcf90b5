"""What is called over HTTP: quotas, throttling, cloud services, circuit breakers."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["CLOUD"]

CLOUD: tuple[OutageSign, ...] = (
    OutageSign(
        "timeout",
        "AWS Lambda",
        (r"\bTask timed out after \d{1,5}(?:\.\d{1,3})? seconds\b",),
        "2024-05-01T10:00:00.000Z 5f1e Task timed out after 3.00 seconds",
    ),
    OutageSign(
        "quota",
        "Google Sheets",
        (
            (
                r"Quota exceeded for quota metric '[^']{1,80}' and limit '[^']{1,80}' of service 'sheets\.googleapis\.com'"  # noqa: E501
            ),
        ),
        (
            "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute per us"
            "er' of service 'sheets.googleapis.com'"
        ),
    ),
    OutageSign(
        "quota",
        "",
        (
            r"\bRESOURCE_EXHAUSTED\b",
            r"Quota exceeded for quota",
            r"\binsufficient_quota\b",
            r"\bRATE_LIMIT_EXCEEDED\b",
            r"rateLimitExceeded",
            r"userRateLimitExceeded",
            r"dailyLimitExceeded",
            r"exceeded your current quota",
            r"API rate limit exceeded",
        ),
        "429 RESOURCE_EXHAUSTED: Quota exceeded for quota metric",
    ),
    OutageSign(
        "throttled",
        "AWS",
        (
            r"\bThrottlingException\b",
            r"ProvisionedThroughputExceededException",
            r"RequestLimitExceeded",
            r"TooManyRequestsException",
            r"\(SlowDown\)",
            r"Rate exceeded$",
        ),
        "An error occurred (ThrottlingException) when calling the Invoke operation: Rate exceeded",
    ),
    OutageSign(
        "unavailable",
        "",
        (
            r"\[503\]: The service is currently unavailable",
            r"HttpError 50[234]\b",
            r"\bServerNotFoundError\b",
            r"StatusCode\.UNAVAILABLE",
            r"failed to connect to all addresses",
            r"upstream connect error or disconnect/reset",
            r"no healthy upstream",
            r"upstream request timeout",
            r"\bBad Gateway\b",
            r"\bGateway Time-?out\b",
            r"Client error '429 ",
            r"Server error '50[234] ",
        ),
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
    ),
    OutageSign(
        "circuit-open",
        "",
        (
            r"circuit ?breaker (?:\S{1,60} )?is (?:OPEN|open)",
            r"CircuitBreakerError",
            r"CallNotPermittedException",
            r"BrokenCircuitException",
            r"Timeout not elapsed yet, circuit breaker still open",
        ),
        "CircuitBreaker 'inventory' is OPEN and does not permit further calls",
    ),
    OutageSign(
        "refused",
        "",
        (r"Could not connect to the endpoint URL: ", r"EndpointConnectionError\b"),
        'EndpointConnectionError: Could not connect to the endpoint URL: "https://s3.amazonaws.com/"',
    ),
    OutageSign(
        "unavailable",
        "",
        (r"\bthe service is currently unavailable\b", r"\bServiceUnavailable: 503\b"),
        "google.api_core.exceptions.ServiceUnavailable: 503 The service is currently unavailable.",
        specific=False,
    ),
)
