"""Sentences that name a product or kind and say that it is out."""

from __future__ import annotations

from zeues_contracts.triage.fingerprints import OutageSign

__all__ = ["NAMED"]

_PRODUCTS = (
    r"(?:redis|valkey|memcached?|postgres(?:ql)?|mysql|mariadb|mongo(?:db)?|elasticsearch|opensearch|cassandra|"
    r"rabbitmq|amqp|kafka|nats|celery|(?:google )?sheets|minio|consul|etcd|zookeeper|ldap|smtp|vault|keycloak|"
    r"(?:message )?broker|database|db|cache|upstream|backend)"
)

NAMED: tuple[OutageSign, ...] = (
    OutageSign(
        "named",
        "",
        (
            (
                rf"\b{_PRODUCTS}(?: (?:server|service|cluster|connection|api|error|client))?:? (?:is |was |are "
                rf"|seems? (?:to be )?)?(?:currently |temporarily )?(?:unavailable|not available|not responding"
                rf"|not reachable|unreachable|offline|is down|down|not connected|disconnected"
                rf"|connection (?:failed|refused|lost|error|timed out|closed)|timed out|timeout\b|overloaded)"
            ),
        ),
        "Redis not responding: Too many connections",
    ),
    OutageSign(
        "named",
        "",
        (
            (
                rf"(?:could not|couldn't|cannot|can't|can not|unable to|failed to|failure to"
                rf"|error) (?:connect(?:ing)?|reach(?:ing)?|contact(?:ing)?|talk(?:ing)?|establish a connection"
                rf"|open a connection|acquire a connection)(?: to| with| from)?(?: the"
                rf"| a)?(?: \w{{1,30}})? ?{_PRODUCTS}\b"
            ),
        ),
        "Could not connect to Redis at 127.0.0.1:6379",
    ),
    OutageSign(
        "named",
        "",
        (
            rf"(?:lost|no|failed|broken) connection (?:to|with)(?: the)?(?: \w{{1,30}})? {_PRODUCTS}\b",
            (
                rf"connection (?:to|with)(?: the)?(?: \w{{1,30}})? {_PRODUCTS}\b[^\n]{{0,40}} (?:failed|lost"
                rf"|refused|timed out|broken|closed)"
            ),
        ),
        "Lost connection to the database",
    ),
)
